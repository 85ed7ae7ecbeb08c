// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/checker_wires.h"

#include <algorithm>

#include "machine/dram/checker_rules.h"

namespace systolica {

namespace {

// Clocks a command takes on the CA bus. LPDDR4: two edges each of ACT-1, ACT-2, RD-1 (WR-1, MWR-1), CAS-2 and of all
// others (JESD209-4, command truth table). LPDDR5: both edges of one clock, ACT twice (JESD209-5, likewise). Power-down
// ends by a pin: CKE, for LPDDR5 CS.
std::int64_t ca_clocks(DramCommand command, DramStandard standard) {
    if (command == DramCommand::power_down_exit) {
        return 0;
    }
    const bool lpddr4 = standard == DramStandard::lpddr4;
    if (command == DramCommand::activate) {
        return lpddr4 ? 4 : 2;
    }
    const bool column = is_read(command) || is_write(command);
    return lpddr4 ? (column ? 4 : 2) : 1;
}

} // namespace

CheckerWires::CheckerWires(const DramConfig& config, ViolationLog& log)
    : lpddr5_(config.part.standard == DramStandard::lpddr5),
      rl_(config.part.rl),
      wl_(config.part.wl),
      burst_(burst_ck(config.part)),
      rank_gap_(config.part.rank_gap),
      wck_post_(config.part.wck_post),
      log_(log),
      wck_until_(config.ranks, kLongAgo) {
    for (unsigned i = 0; i < ca_clocks_.size(); ++i) {
        ca_clocks_[i] = ca_clocks(static_cast<DramCommand>(i), config.part.standard);
    }
}

void CheckerWires::take_pins(const Burst& burst, bool write, const CheckedCommand& c) {
    bool taken = collide(burst, last_write_);
    for (unsigned i = 0; i < kReads && !taken; ++i) {
        const Burst& read = reads_[(last_read_ + kReads - i) % kReads];
        taken = collide(burst, read);
        if (read.start + burst_ + rank_gap_ <= burst.start) {
            break; // and so are all before it
        }
    }
    if (taken) {
        log_.broken("DQ pins", c);
    }
    if (write) {
        last_write_ = burst;
    } else {
        last_read_ = (last_read_ + 1) % kReads;
        reads_[last_read_] = burst;
    }
}

// Without another column command WCK stops RL or WL, the burst and tWCKPST after the last one (JESD209-5, "WCK2CK sync
// off timing").
void CheckerWires::use_wck(const CheckedCommand& c, bool write) {
    if (!cas_waits_ && c.at > wck_until_[c.rank]) {
        log_.broken("WCK off", c);
    }
    cas_waits_ = false; // `command` has compared rank and clock
    std::int64_t& until = wck_until_[c.rank];
    until = std::max(until, c.at + (write ? wl_ : rl_) + burst_ + wck_post_);
}

void CheckerWires::starts_wck(const CheckedCommand& c) {
    if (!lpddr5_) {
        log_.broken("CAS is of LPDDR5", c);
        return;
    }
    cas_ = c;
    cas_waits_ = true;
}

void CheckerWires::cas_ends() {
    log_.broken("CAS without its column command", cas_);
    cas_waits_ = false;
}

void CheckerWires::ends() {
    if (cas_waits_) {
        cas_ends();
    }
}

} // namespace systolica
