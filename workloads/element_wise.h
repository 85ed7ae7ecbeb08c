// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#pragma once

#include "workloads/graph.h"

namespace systolica {

// Does nothing but to each element of its input by itself, beside operands that are there.
bool element_wise(OpKind kind);

} // namespace systolica
