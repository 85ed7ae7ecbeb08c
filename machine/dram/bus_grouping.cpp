// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/bus_grouping.h"

namespace systolica {

void BusGrouping::turn(bool write, bool forced, Ck now) {
    write_ = write;
    forced_ = forced;
    used_ = false;
    began_ = now;
}

bool BusGrouping::write_turn(const ChannelState& state, Ck now) {
    const BurstQueue& reads = state.queue(false);
    const BurstQueue& writes = state.queue(true);
    const Ck lasted = now - began_;
    if (write_ && reads.eligible() != 0) {
        const bool blocks_reads = reads.full() && writes.size() <= low_mark_;
        const bool served_some = used_ && lasted >= kYieldClocks;
        const bool yields = forced_ ? blocks_reads && served_some : !used_ || served_some;
        if (writes.eligible() == 0 || yields || lasted >= kGroupClocks) {
            turn(false, writes.eligible() != 0, now);
        }
    } else if (!write_ && writes.eligible() != 0) {
        const bool wanted = writes.size() >= high_mark_ || now >= writes[0].accepted_at + kWriteWaitClocks;
        const bool blocks_writes = writes.full() && reads.size() <= low_mark_ && lasted >= kYieldClocks;
        if (reads.eligible() == 0 || blocks_writes || (wanted && lasted >= kGroupClocks)) {
            turn(true, reads.eligible() != 0, now);
        }
    }
    return write_;
}

bool BusGrouping::turn_ends_soon(const ChannelState& state, Ck now) const {
    const bool wanted = write_ || state.queue(true).size() >= high_mark_;
    return state.queue(write_).eligible() <= kFewEntries || (wanted && now - began_ >= kGroupClocks / 2);
}

} // namespace systolica
