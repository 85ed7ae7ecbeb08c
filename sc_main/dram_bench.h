// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How fast the DRAM controller of one LPDDR4-3200 channel is here: replays of 32-byte requests, each in a process of
// its own. Requests per second of CPU time, simulation only.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace systolica {

// By the names of `bench --json`: dram_at_stream, ...
std::vector<std::pair<std::string, double>> measure_dram_rates();

} // namespace systolica
