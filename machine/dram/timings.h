// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Intervals between commands, in clocks of CK, as JESD209-4 (LPDDR4) composes them from a part's parameters. A
// command's time is its last edge on the CA bus; every interval runs between those.
#pragma once

#include <algorithm>
#include <cstdint>

#include "machine/dram/config.h"

namespace systolica {

using Ck = std::uint64_t; // a time or an interval in clocks of CK

inline constexpr Ck kNever = ~Ck{0};

struct DramTimings {
    // Edges a command takes on the CA bus (JESD209-4 command truth table: ACT is ACT-1 and ACT-2, RD and WR carry a
    // CAS-2).
    static constexpr Ck kActivateEdges = 4, kColumnEdges = 4, kPrechargeEdges = 2, kRefreshEdges = 2;
    static constexpr Ck kWritePreamble = 2;        // tWPRE
    static constexpr Ck kPrechargeToPrecharge = 4; // tPPD

    explicit DramTimings(const DramPart& part)
        : burst(part.burst_length / part.beats_per_clock),
          column_gap(std::max<Ck>(part.ccd, burst)),
          rcd(part.rcd),
          rp_pb(part.rp_pb),
          rp_ab(part.rp_ab),
          ras(part.ras),
          rrd(part.rrd),
          faw(part.faw),
          rfc_ab(part.rfc_ab),
          refi(part.refi),
          read_data_end(part.rl + burst),
          write_data_end(part.wl + burst),
          read_to_precharge(part.rtp + burst - std::min<Ck>(burst, 8)), // tRTP + BL/2 - 8
          write_to_precharge(part.wl + 1 + burst + part.wr),
          write_to_read(part.wl + 1 + burst + part.wtr),
          // RL + tDQSCK(max) + BL/2 - WL + tWPRE; never closer than two bursts on the data pins.
          read_to_write(
              std::max<Ck>(column_gap, part.rl + part.dqsck + burst + kWritePreamble - std::min(part.wl, part.rl))) {}

    Ck burst;      // data clocks of one column command
    Ck column_gap; // between column commands of one kind
    Ck rcd, rp_pb, rp_ab, ras, rrd, faw, rfc_ab, refi;
    Ck read_data_end, write_data_end; // RD or WR to the end of its last beat
    Ck read_to_precharge, write_to_precharge;
    Ck write_to_read, read_to_write;
};

} // namespace systolica
