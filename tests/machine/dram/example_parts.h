// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Parts that the tests of the rules name; the values are those of platforms/parts. DramPart's own are LPDDR4-3200.
#pragma once

#include "machine/dram/config.h"

namespace systolica::test {

inline DramPart lpddr5_6400() {
    DramPart p;
    p.name = "lpddr5-6400";
    p.standard = DramStandard::lpddr5;
    p.data_rate_mtps = 6400;
    p.bank_groups = 4;
    p.banks = 16;
    p.rows = 32768;
    p.beats_per_clock = 8;
    p.rl = 17;
    p.wl = 9;
    p.rcd = 15;
    p.rp_pb = 15;
    p.rp_ab = 17;
    p.ras = 34;
    p.rrd = 4;
    p.faw = 16;
    p.wr = 28;
    p.rtp = 8;
    p.ccd = 2;
    p.ccd_l = 4;
    p.wtr = 5;
    p.wtr_l = 10;
    p.ccdmw = 16;
    p.dqsck = 0;
    p.ppd = 2;
    p.rank_gap = 2;
    p.rfc_ab = 168;
    p.rfc_pb = 96;
    p.refi = 3125;
    p.pbr_to_pbr = 72;
    p.pbr_to_act = 6;
    p.cke = 6;
    p.xp = 6;
    p.sr = 12;
    p.xsr = 174;
    p.wck_post = 1;
    return p;
}

} // namespace systolica::test
