// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The controller of one channel, without a clock of its own: requests go in, commands are issued when they are due,
// served requests come out with the time of their last data beat. The part of a request within one row is one decision:
// its column commands go as a train. Refreshes that fall into idle time are made up when the next request comes.
// A request gives its queue place free when its last train is decided. Requests to the same bytes keep their order.
// Not modelled: power-down, postponed or per-bank refresh, preemption of a train.
#pragma once

#include <memory>
#include <vector>

#include "machine/dram/address_map.h"
#include "machine/dram/command_listener.h"
#include "machine/dram/counters.h"
#include "machine/dram/overlap_filter.h"
#include "machine/dram/promises.h"
#include "machine/dram/scheduler.h"

namespace systolica {

class ChannelController {
public:
    struct Request {
        void* owner = nullptr; // handed back when served
        bool write = false;
        std::uint64_t local_address = 0;
        std::uint32_t bytes = 0; // at least 1
    };
    struct Served {
        void* owner = nullptr;
        Ck data_end = 0;
    };

    explicit ChannelController(const DramConfig& config, DramCommandListener* listener = nullptr);

    const DramAddressMap& map() const { return map_; }
    const ChannelTiming& timing() const { return state_.timing; }
    std::size_t waiting(bool write) const { return state_.queue(write).size(); }
    std::size_t promised() const { return promised_; } // of those, answered already
    std::size_t unanswered() const { return waiting(false) + waiting(true) - promised_ + early_.size(); }
    bool full(bool write) const { return state_.queue(write).full(); }
    void listen(DramCommandListener* listener) { listener_ = listener; }

    // Takes a request at clock `now` into a queue that is not full; it may be scheduled from `visible_at` on.
    void accept(const Request& request, Ck now, Ck visible_at);

    // Issues every command due up to `now` and appends what that served, in order of data_end.
    void run(Ck now, std::vector<Served>& served);
    Ck next() const; // when run() has something to do; kNever while nothing waits

    // Loosely timed use: takes a request that arrives at `at` and says at once when its last data beat will end (see
    // promises.h). It has no owner and is not reported as served. While its queue is full, commands are issued ahead.
    Ck serve_now(const Request& request, Ck at);
    // Issues what is due up to `now`, each command at its own time. No later request arrives before `now`.
    void catch_up(Ck now);

    DramCounters counters(Ck now) const; // with the refreshes that idle time owes, and all that has been promised

private:
    BurstEntry make_entry(const Request& request, Ck now, Ck visible_at);
    void push(BurstEntry& entry);
    Ck due() const;
    void step();
    void start_part(BurstEntry& entry, std::uint64_t burst) const;
    bool must_wait(const BurstEntry& entry) const;
    void release_blocked();
    bool stale_after(const BurstEntry& entry, bool write) const;
    void issue(const CommandChoice& choice, std::vector<Served>& served);
    Ck issue_columns(const BurstEntry& part, bool write, Ck first);
    void issue_activate(const BurstEntry& part, Ck at);
    void issue_precharge(unsigned bank, Ck at);
    void make_up_refreshes(Ck now);
    void refresh();
    void count_request(const Request& request, Ck latency);

    const DramAddressMap map_;
    const unsigned burst_bytes_;
    ChannelState state_;
    std::array<OverlapFilter, 2> waiting_; // what the queues hold
    std::unique_ptr<Scheduler> scheduler_;
    DramCommandListener* listener_;
    CommandChoice choice_; // valid while choice_known_
    bool choice_known_ = false;
    Ck refresh_due_;
    std::uint64_t sequence_ = 0;
    DramCounters counters_;
    Promises promises_;
    std::size_t promised_ = 0;  // entries
    Ck caught_up_ = 0;          // how far catch_up() has come
    std::vector<Served> early_; // served while catching up, reported by the next run()
};

} // namespace systolica
