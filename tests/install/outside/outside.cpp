// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A program of somebody else, built against an installed Systolica: reads a bundled platform and prints its peak.
#include <platforms/reader.h>

#include <systemc>

#include <cstdio>
#include <cstdlib>

int sc_main(int, char**) {
    ::setenv("SYSTOLICA_DATA", SYSTOLICA_DATA_DIR, 0);
    const systolica::Platform platform = systolica::read_platform("edge_npu", {});
    const double tops = 2.0 * static_cast<double>(platform.chip.pes()) * platform.chip.clock_mhz / 1e6;
    std::printf("%s: %.3f TOPS, from %s\n", platform.name.c_str(), tops, platform.file.c_str());
    return 0;
}
