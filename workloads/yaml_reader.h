// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The native workload format (docs/workloads.md).
#pragma once

#include <cstdint>
#include <string>

#include "workloads/graph.h"

namespace systolica {

// `file` is what messages call the text. Throws InputError with every problem found.
Graph read_yaml_workload(const std::string& text, const std::string& file, std::uint64_t batch);

} // namespace systolica
