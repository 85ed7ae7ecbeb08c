// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_part_keys.h"

namespace systolica {

namespace {

constexpr std::uint64_t kMostCk = 1000;
constexpr std::uint64_t kMostRefreshCk = 100000;

using For = DramPartKey::For;

DramPartKey clocks(const char* name, unsigned DramPart::*field, const char* description, For standards = For::all) {
    return {name, "CK", field, 1, kMostCk, false, standards, description};
}

DramPartKey refresh_clocks(const char* name, unsigned DramPart::*field, const char* description) {
    return {name, "CK", field, 1, kMostRefreshCk, false, For::all, description};
}

} // namespace

const std::vector<DramPartKey>& dram_part_keys() {
    using Part = DramPart;
    static const std::vector<DramPartKey> keys{
        {"width_bits", "bit", &Part::width_bits, 8, 64, true, For::all, "data pins of the channel"},
        {"burst_length", "beats", &Part::burst_length, 1, 64, true, For::all,
         "BL: data beats of a read or write command"},
        {"bank_groups", "groups", &Part::bank_groups, 1, 16, true, For::lpddr5, "bank groups of a rank"},
        {"banks", "banks", &Part::banks, 1, 256, true, For::all, "banks of a rank, in all groups together"},
        {"page_bytes", "B", &Part::page_bytes, 64, 65536, true, For::all, "an open row of one bank"},
        {"beats_per_clock", "beats", &Part::beats_per_clock, 2, 8, true, For::all,
         "data beats in one CK: 2 for lpddr4; twice the WCK:CK ratio, 4 or 8, for lpddr5"},
        clocks("rl", &Part::rl, "RL: read command to first data"),
        clocks("wl", &Part::wl, "WL: write command to first data"),
        clocks("rcd", &Part::rcd, "tRCD: activate to read or write"),
        clocks("rp_pb", &Part::rp_pb, "tRPpb: precharge of one bank to activate"),
        clocks("rp_ab", &Part::rp_ab, "tRPab: precharge of all banks to activate"),
        clocks("ras", &Part::ras, "tRAS: activate to precharge"),
        clocks("rrd", &Part::rrd, "tRRD: activate to activate of another bank"),
        clocks("faw", &Part::faw, "tFAW: at most four activates in this window"),
        clocks("ccd", &Part::ccd, "tCCD: read to read, write to write; of different bank groups"),
        clocks("ccd_l", &Part::ccd_l, "tCCD_L: the same within a bank group", For::lpddr5),
        clocks("ccdmw", &Part::ccdmw, "tCCDMW: write to masked write of the same bank"),
        clocks("wr", &Part::wr, "tWR: end of write data to precharge"),
        clocks("wtr", &Part::wtr, "tWTR: end of write data to read; of a different bank group"),
        clocks("wtr_l", &Part::wtr_l, "tWTR_L: the same within a bank group", For::lpddr5),
        clocks("rtp", &Part::rtp, "tRTP: read to precharge"),
        {"dqsck", "CK", &Part::dqsck, 0, kMostCk, false, For::lpddr4,
         "tDQSCK: skew of read data, part of read-to-write turnaround"},
        {"wpre", "CK", &Part::wpre, 0, kMostCk, false, For::lpddr4,
         "tWPRE: write preamble, part of read-to-write turnaround"},
        {"wck_post", "CK", &Part::wck_post, 0, kMostCk, false, For::lpddr5, "WCK runs on after the last data beat"},
        clocks("ppd", &Part::ppd, "tPPD: precharge to precharge"),
        clocks("rank_gap", &Part::rank_gap, "data of one rank to data of another"),
        refresh_clocks("rfc_ab", &Part::rfc_ab, "tRFCab: duration of an all-bank refresh"),
        refresh_clocks("rfc_pb", &Part::rfc_pb, "tRFCpb: duration of a per-bank refresh"),
        refresh_clocks("pbr_to_pbr", &Part::pbr_to_pbr, "per-bank refresh to that of another bank"),
        refresh_clocks("pbr_to_act", &Part::pbr_to_act, "per-bank refresh to activate of another bank"),
        clocks("cke", &Part::cke, "tCKE: least stay in power-down"),
        clocks("xp", &Part::xp, "tXP: power-down exit to the next command"),
        clocks("sr", &Part::sr, "tSR: least stay in self-refresh"),
        refresh_clocks("xsr", &Part::xsr, "tXSR: self-refresh exit to the next command"),
    };
    return keys;
}

const std::vector<DramRailKey>& dram_rail_keys() {
    static const std::vector<DramRailKey> keys{
        {"vdd1", &DramCurrents::vdd1, &RailCurrent::vdd1},
        {"vdd2", &DramCurrents::vdd2, &RailCurrent::vdd2},
        {"vddq", &DramCurrents::vddq, &RailCurrent::vddq},
    };
    return keys;
}

const std::vector<DramCurrentKey>& dram_current_keys() {
    static const std::vector<DramCurrentKey> keys{
        {"idd0", &DramCurrents::idd0, "one ACT and PRE every tRC = ras + rp_pb"},
        {"idd2n", &DramCurrents::idd2n, "standby, all banks precharged"},
        {"idd3n", &DramCurrents::idd3n, "standby with an open row"},
        {"idd2p", &DramCurrents::idd2p, "power-down, all banks precharged"},
        {"idd3p", &DramCurrents::idd3p, "power-down with an open row"},
        {"idd4r", &DramCurrents::idd4r, "reading without a gap"},
        {"idd4w", &DramCurrents::idd4w, "writing without a gap"},
        {"idd5ab", &DramCurrents::idd5ab, "one all-bank refresh every rfc_ab"},
        {"idd5pb", &DramCurrents::idd5pb, "one per-bank refresh every rfc_pb"},
        {"idd6", &DramCurrents::idd6, "self-refresh"},
    };
    return keys;
}

} // namespace systolica
