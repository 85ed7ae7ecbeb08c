// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Intervals between commands, in clocks of CK, as JESD209-4 (LPDDR4) and JESD209-5 (LPDDR5) compose them from a part's
// parameters. A command's time is its last edge on the CA bus; every interval runs between those.
#pragma once

#include <algorithm>
#include <cstdint>

#include "machine/dram/config.h"

namespace systolica {

using Ck = std::uint64_t; // a time or an interval in clocks of CK

inline constexpr Ck kNever = ~Ck{0};

// `near` is between columns of one bank group (tCCD_L, tWTR_L), `far` between those of different groups. LPDDR4 has one
// group, so only `near` is used there.
struct DramTimings {
    explicit DramTimings(const DramPart& part)
        : lpddr5(part.standard == DramStandard::lpddr5),
          activate_edges(lpddr5 ? 2 : 4),
          column_edges(lpddr5 ? 1 : 4),
          precharge_edges(lpddr5 ? 1 : 2),
          refresh_edges(lpddr5 ? 1 : 2),
          burst(std::max(1U, part.burst_length / part.beats_per_clock)),
          gap_near(std::max<Ck>(part.bank_groups > 1 ? part.ccd_l : part.ccd, burst)),
          gap_far(std::max<Ck>(part.ccd, burst)),
          masked_gap(std::max<Ck>(part.ccdmw, gap_near)),
          rcd(part.rcd),
          rp_pb(part.rp_pb),
          rp_ab(part.rp_ab),
          ras(part.ras),
          rrd(part.rrd),
          faw(part.faw),
          ppd(part.ppd),
          rfc_ab(part.rfc_ab),
          rfc_pb(part.rfc_pb),
          refi(part.refi),
          pbr_to_pbr(part.pbr_to_pbr),
          pbr_to_act(part.pbr_to_act),
          cke(part.cke),
          xp(part.xp),
          sr(part.sr),
          xsr(part.xsr),
          rank_gap(part.rank_gap),
          read_latency(part.rl),
          write_latency(part.wl),
          wck_post(part.wck_post),
          read_to_precharge(part.rtp + (lpddr5 ? 0 : burst - std::min<Ck>(burst, 8))), // LPDDR4: tRTP + BL/2 - 8
          // LPDDR4: WL + 1 + BL/2 + tWR; LPDDR5: WL + BL/n_min + nWR.
          write_to_precharge(part.wl + (lpddr5 ? 0 : 1) + burst + part.wr),
          // LPDDR4: WL + 1 + BL/2 + tWTR; LPDDR5: WL + BL/n_max + tWTR_L, WL + BL/n_min + tWTR_S.
          write_to_read_near(lpddr5 ? part.wl + gap_near + part.wtr_l : part.wl + 1 + burst + part.wtr),
          write_to_read_far(lpddr5 ? part.wl + burst + part.wtr : write_to_read_near),
          // LPDDR4: RL + tDQSCK + BL/2 - WL + tWPRE; LPDDR5: RL + BL/n_min + 2 - WL.
          read_to_write(std::max<Ck>(gap_far, part.rl + burst + (lpddr5 ? 2 : part.dqsck + part.wpre) -
                                                  std::min(part.wl, part.rl))) {}

    bool lpddr5;
    // Edges a command takes on the CA bus. LPDDR4: ACT is ACT-1 and ACT-2, RD and WR carry a CAS-2, two clocks each.
    // LPDDR5: ACT-1 and ACT-2, one clock each; a CAS that starts WCK takes one more before its column command.
    Ck activate_edges, column_edges, precharge_edges, refresh_edges;
    Ck burst; // data clocks of one column command
    Ck gap_near, gap_far, masked_gap;
    Ck rcd, rp_pb, rp_ab, ras, rrd, faw, ppd;
    Ck rfc_ab, rfc_pb, refi, pbr_to_pbr, pbr_to_act;
    Ck cke, xp, sr, xsr, rank_gap;
    Ck read_latency, write_latency, wck_post;
    Ck read_to_precharge, write_to_precharge;
    Ck write_to_read_near, write_to_read_far, read_to_write;

    Ck latency(bool write) const { return write ? write_latency : read_latency; }
    Ck data_end(bool write) const { return latency(write) + burst; } // RD or WR to the end of its last beat
    Ck precharge_after(bool write) const { return write ? write_to_precharge : read_to_precharge; }
};

} // namespace systolica
