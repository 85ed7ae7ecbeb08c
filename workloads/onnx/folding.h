// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Nodes whose result is known while a model is read: constants, shapes and what is computed from them. Of weights only
// the dimensions are followed.
#pragma once

#include "workloads/onnx/node.h"

namespace systolica {

// Where a node is one of these and its inputs are constants (Shape, Size: whatever they are), sets its output.
bool fold_constant(OnnxNode& node);

void constant_node(OnnxNode& node); // of type Constant

} // namespace systolica
