// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `systolica noc` shows: the summary as JSON, and the same as text.
#pragma once

#include <iosfwd>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "platforms/noc_traffic.h"
#include "sc_main/host_meter.h"

namespace systolica {

struct NocNames {
    std::string platform;
    std::string traffic; // a pattern, or the name of a file without folders
    std::string load;    // "0.1 flits per node and cycle"
    NocLevel level = NocLevel::packet;
};

nlohmann::ordered_json noc_summary_json(const NocNames& names, const NocTrafficResult& result, const HostUsage& host);
void print_noc_result(std::ostream& out, const NocNames& names, const NocTrafficResult& result);

} // namespace systolica
