// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// SCALE-Sim topology tables: convolution form and GEMM form, told apart by the header. Rows are independent
// operations, each with an input of its own; nothing between them is implied.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/graph.h"

namespace systolica {

// `file` is what messages call the text, `name` the name of the graph. Throws InputError with every problem found.
Graph read_topology(const std::string& text, const std::string& file, const std::string& name, std::uint64_t batch);

} // namespace systolica
