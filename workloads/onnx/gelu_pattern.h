// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// GELU was no operator before operator set 20; exporters write x / sqrt(2), Erf, + 1, * x, * 0.5 instead.
#pragma once

#include "workloads/onnx/onnx_messages.h"

namespace systolica {

// The last node of each such group becomes a Gelu of x. The others stay where they are; nothing may read them any more.
void join_gelu(onnx::GraphProto& graph);

} // namespace systolica
