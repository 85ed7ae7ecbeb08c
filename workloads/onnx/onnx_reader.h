// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads an ONNX model as a graph (what is read: docs/workloads.md). Shapes come from our own rules, layers are named
// after their nodes, the leading dimension of every input is the batch.
#pragma once

#include <cstdint>
#include <string>

#include "workloads/graph.h"

namespace systolica {

// Throws InputError with every problem; each names its node.
Graph read_onnx(const std::string& path, std::uint64_t batch);

} // namespace systolica
