// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The controller of one channel, without a clock of its own: requests go in, commands are issued when they are due,
// served requests come out with the time of their last data beat. The part of a request within one row is one decision:
// its column commands go as a train. With bank groups a train gives way after each command while another group has
// work. What idle time holds (refresh, page timeout, power-down) is worked off when the next request comes or when
// asked. A request gives its queue place free when its last train is decided. Requests to the same bytes keep their
// order. Inline ECC: the check bytes of 256 data bytes are one more burst of the same row, read or written with them; a
// masked write reads what it changes first.
#pragma once

#include <memory>
#include <vector>

#include "machine/dram/address_map.h"
#include "machine/dram/command_listener.h"
#include "machine/dram/counters.h"
#include "machine/dram/idle_power.h"
#include "machine/dram/overlap_filter.h"
#include "machine/dram/promises.h"
#include "machine/dram/refresher.h"
#include "machine/dram/scheduler.h"

namespace systolica {

class ChannelController {
public:
    struct Request {
        void* owner = nullptr; // handed back when served
        bool write = false;
        std::uint64_t local_address = 0;
        std::uint32_t bytes = 0; // at least 1
        bool masked = false;     // a write that leaves some of its bytes alone
    };
    struct Served {
        void* owner = nullptr;
        Ck data_end = 0;
    };

    explicit ChannelController(const DramConfig& config, DramCommandListener* listener = nullptr);

    const DramAddressMap& map() const { return map_; }
    const ChannelTiming& timing() const { return state_.timing; }
    std::size_t waiting(bool write) const { return state_.queue.size(write); }
    std::size_t promised() const { return promised_; } // of those, answered already
    std::size_t unanswered() const { return state_.queue.size() - promised_ + early_.size(); }
    bool has_room(bool write, std::uint64_t local_address) const {
        return state_.queue.has_room(write, state_.queue.limits_banks() ? map_.locate(local_address).bank : 0);
    }
    void listen(DramCommandListener* listener) { listener_ = listener; }

    // Takes a request at clock `now` into a queue that has room; it may be scheduled from `visible_at` on.
    void accept(const Request& request, Ck now, Ck visible_at);

    // Issues every command due up to `now` and appends what that served, in order of data_end.
    void run(Ck now, std::vector<Served>& served);
    Ck next() const; // when run() has something to do; kNever while nothing waits

    // Loosely timed use: takes a request that arrives at `at` and says at once when its last data beat will end (see
    // promises.h). It has no owner and is not reported as served, so requests of a stream wait as one. While its queue
    // is full, commands are issued ahead.
    Ck serve_now(const Request& request, Ck at);
    // Issues what is due up to `now`, each command at its own time. No later request arrives before `now`.
    void catch_up(Ck now);

    void settle(Ck now);                 // works off idle time up to `now`
    DramCounters counters(Ck now) const; // with all that has been promised; idle time up to the last settle()
    DramBankCounters bank_counters(unsigned bank, Ck now) const;

private:
    BurstEntry make_entry(const Request& request, Ck now, Ck visible_at);
    void enqueue(const Request& request, BurstEntry& entry);
    void push(BurstEntry& entry);
    bool join_promised(const BurstEntry& entry);
    Ck due() const;
    void step();
    void start_run(BurstEntry& entry, std::uint64_t burst) const;
    bool must_wait(const BurstEntry& entry) const;
    void release_blocked();
    bool stale_after(RequestQueue::Slot slot, Ck now) const;

    // What the controller does on its own: refresh, page timeout, and while idle power-down.
    struct Chore {
        enum class Kind : std::uint8_t { none, refresh, timeout, power };

        Ck at = kNever;
        Kind kind = Kind::none;
        unsigned bank = 0;
        Refresher::Step refresh;
        IdlePower::Step power;
    };
    Chore next_chore() const;
    Ck next_chore_at() const { // while requests wait
        const bool simple = page_policy_ != DramPagePolicy::timeout && !refresher_.under_way();
        return simple ? refresher_.earliest(false) : next_chore().at;
    }
    void do_chore(const Chore& chore);
    void do_refresh(const Refresher::Step& step);
    void do_power(const IdlePower::Step& step);
    void wake(Ck at);
    Chore next_timeout() const;

    void issue(const CommandChoice& choice, std::vector<Served>& served);
    void serve(RequestQueue::Slot slot, Ck first, std::vector<Served>& served);
    Ck issue_columns(BurstEntry& entry, unsigned count, Ck first);
    unsigned train_length(const BurstEntry& entry) const;
    unsigned check_columns(const BurstEntry& entry, unsigned count) const;
    bool closes_row(const BurstEntry& entry, unsigned count) const;
    void issue_activate(const BurstEntry& entry, Ck at);
    void issue_precharge(unsigned bank, Ck at);
    void issue_precharge_all(unsigned rank, Ck at);
    void announce(const IssuedCommand& issued) const {
        if (listener_ != nullptr) {
            listener_->command(issued);
        }
    }
    void count_request(bool write, std::uint32_t bytes, Ck latency);

    const DramAddressMap map_;
    const unsigned burst_bytes_;
    const DramPagePolicy page_policy_;
    const Ck page_timeout_;
    const bool ecc_;
    ChannelState state_;
    std::array<OverlapFilter, 2> waiting_; // what the queues hold
    std::unique_ptr<Scheduler> scheduler_;
    Refresher refresher_;
    IdlePower power_;
    DramCommandListener* listener_;
    CommandChoice choice_; // valid while choice_known_
    bool choice_known_ = false;
    std::uint64_t sequence_ = 0;
    DramCounters counters_;
    Promises promises_;
    std::size_t promised_ = 0;  // entries
    Ck caught_up_ = 0;          // how far catch_up() has come
    std::vector<Served> early_; // served while catching up, reported by the next run()
};

} // namespace systolica
