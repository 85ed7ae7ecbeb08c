// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which operators SimDIT's machine has: products, batch-norm, pools, and what works element by element.
#pragma once

#include "workloads/graph.h"

namespace systolica {

bool simdit_element_wise(OpKind kind);

// Throws InputError, one problem for each operator that it has not.
void check_supported(const Graph& network);

} // namespace systolica
