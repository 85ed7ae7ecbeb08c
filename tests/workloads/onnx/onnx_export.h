// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Writes a graph as ONNX the way frameworks do, for round trips: the bundled networks' operators only.
#pragma once

#include "onnx_model.h"
#include "workloads/graph.h"

namespace systolica {

enum class OnnxStyle {
    old_style, // operator set 8: limits as attributes, initialisers listed as inputs, a fixed batch of 1
    new_style, // operator set 13: limits as inputs, an open batch, flatten computed from the shape
};

OnnxModel exported(const Graph& graph, OnnxStyle style, OnnxModel::Data data);

} // namespace systolica
