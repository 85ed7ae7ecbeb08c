// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `dram` prints and writes. Keys and columns are fixed: docs/reference.md, "dram".
#pragma once

#include <iosfwd>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platforms/dram_simulation.h"
#include "sc_main/host_meter.h"

namespace systolica {

struct DramReplayNames {
    std::string platform;
    std::string trace; // the file's name without folders and .gz
    bool lt = false;
};

nlohmann::ordered_json dram_summary_json(const DramReplayNames& names, const DramConfig& config,
                                         const DramReplayResult& result, const HostUsage& host);
std::string dram_windows_csv(const DramConfig& config, const DramReplayResult& result);
void print_dram_headline(std::ostream& out, const DramReplayNames& names, const DramConfig& config,
                         const DramReplayResult& result);
void print_dram_table(std::ostream& out, const DramConfig& config, const DramReplayResult& result);

} // namespace systolica
