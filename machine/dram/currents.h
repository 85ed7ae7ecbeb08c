// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Supply currents of a part, by the names of JEDEC's IDD tables (JESD209-4, section "IDD specification parameters").
// Each is given for three rails, VDD1 and VDD2 (core) and VDDQ (I/O), in mA.
#pragma once

namespace systolica {

struct RailCurrent {
    double vdd1 = 0, vdd2 = 0, vddq = 0; // mA
};

struct DramCurrents {
    double vdd1 = 1.8, vdd2 = 1.1, vddq = 1.1; // V
    RailCurrent idd0;                          // ACT and PRE at tRC
    RailCurrent idd2n, idd3n;                  // standby, all banks precharged; with an open row
    RailCurrent idd2p, idd3p;                  // power-down, precharged; with an open row
    RailCurrent idd4r, idd4w;                  // reading, writing without a gap
    RailCurrent idd5ab, idd5pb;                // all-bank refresh at tRFCab, per-bank refresh at tRFCpb
    RailCurrent idd6;                          // self-refresh
};

} // namespace systolica
