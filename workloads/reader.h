// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads a workload: native YAML, a SCALE-Sim topology CSV or an ONNX model (formats in docs/workloads.md).
#pragma once

#include <cstdint>
#include <string>

#include "workloads/graph.h"

namespace systolica {

// A user's file or a bundled name. Throws InputError with every problem found.
Graph read_workload(const std::string& name_or_path, std::uint64_t batch);

} // namespace systolica
