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
    bool full(bool write) const { return state_.queue(write).full(); }
    void listen(DramCommandListener* listener) { listener_ = listener; }

    // Takes a request at clock `now` into a queue that is not full; it may be scheduled from `visible_at` on.
    void accept(const Request& request, Ck now, Ck visible_at);

    // Issues every command due up to `now` and appends what that served, in order of data_end.
    void run(Ck now, std::vector<Served>& served);
    Ck next() const; // when run() has something to do; kNever while nothing waits

    // Serves a request at once, ahead of the queues, with the commands as early as the device allows from `at` on
    // (loosely timed use). Returns the end of its last data beat.
    Ck serve_now(const Request& request, Ck at);

    DramCounters counters(Ck now) const; // refreshes that idle time owes included

private:
    void start_part(BurstEntry& entry, std::uint64_t burst) const;
    bool must_wait(const BurstEntry& entry) const;
    void release_blocked();
    bool stale_after(const BurstEntry& entry, bool write) const;
    void issue(const Choice& choice, std::vector<Served>& served);
    Ck issue_columns(const BurstEntry& part, bool write, Ck first);
    void issue_activate(const BurstEntry& part, Ck at);
    void issue_precharge(unsigned bank, Ck at);
    void make_up_refreshes(Ck now);
    void refresh();
    void count_request(const Request& request, Ck latency);

    const DramAddressMap map_;
    const unsigned burst_bytes_;
    ChannelState state_;
    std::unique_ptr<Scheduler> scheduler_;
    DramCommandListener* listener_;
    Choice choice_; // valid while choice_known_
    bool choice_known_ = false;
    Ck refresh_due_;
    std::uint64_t sequence_ = 0;
    DramCounters counters_;
};

} // namespace systolica
