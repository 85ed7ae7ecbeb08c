// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The files of a result folder, as text. Their keys and columns are fixed: docs/reference.md, "--out DIR".
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/run_result.h"
#include "sc_main/host_meter.h"

namespace systolica {

nlohmann::ordered_json summary_json(const RunResult& result, const HostUsage& host);
std::string layers_csv(const RunResult& result);
std::string json_text(const nlohmann::ordered_json& json); // indented, one newline at the end

} // namespace systolica
