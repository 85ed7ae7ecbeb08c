// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The loosely timed side of ChannelController: requests that are answered when they come.
#include "machine/dram/channel_controller.h"

namespace systolica {

void ChannelController::catch_up(Ck now) {
    while (due() <= now) {
        step();
    }
    caught_up_ = std::max(caught_up_, now);
    promises_.forget(now);
}

void ChannelController::step() {
    caught_up_ = std::max(caught_up_, due());
    std::vector<Served> served;
    served.swap(early_);
    run(caught_up_, served);
    served.swap(early_);
}

Ck ChannelController::serve_now(const Request& request, Ck at) {
    while (full(request.write)) {
        step();
    }
    make_up_refreshes(caught_up_);
    BurstEntry entry = make_entry(request, caught_up_, std::max(at, caught_up_));
    entry.promised = true;
    ++promised_;
    const Ck end = promises_.make(state_, entry, at, caught_up_);
    push(entry);
    count_request(request, end - at);
    return end;
}

DramCounters ChannelController::counters(Ck now) const {
    DramCounters all = counters_;
    if (refresh_due_ <= now) {
        all.refreshes += (now - refresh_due_) / state_.timing.timings().refi + 1;
    }
    for (const bool write : {false, true}) { // taken as row hits: a queue holds no more than its depth
        for (std::size_t i = 0; i < state_.queue(write).size(); ++i) {
            const BurstEntry& entry = state_.queue(write)[i];
            const std::uint64_t columns = entry.promised ? entry.end_burst - entry.next_burst + entry.columns : 0;
            (write ? all.write_commands : all.read_commands) += columns;
            all.row_hits += columns;
            all.bus_bytes += columns * burst_bytes_;
        }
    }
    return all;
}

} // namespace systolica
