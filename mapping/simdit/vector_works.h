// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Work of SimDIT's machine from operators of a graph.
#pragma once

#include "machine/simdit/work.h"
#include "workloads/graph.h"
#include "workloads/operator_table.h"
#include "workloads/training/matrix_work.h"

namespace systolica {

SimditProduct simdit_product(const MatrixWork& nest, bool fully_connected);
SimditVector simdit_element_wise(const Shape& shape, unsigned reads, unsigned steps);
SimditVector simdit_of_kind(SimditVectorKind kind, const Shape& shape);

// `op` is the forward operator, also for a gradient.
SimditVector simdit_pool(SimditVectorKind kind, const Graph& graph, const Operator& op);
SimditVector simdit_relu(const Shape& shape); // compares with a constant

} // namespace systolica
