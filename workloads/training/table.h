// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An iteration as a table, one row an operation.
#pragma once

#include <string>

#include "workloads/training/training.h"

namespace systolica {

// CSV with the columns idx, name, phase (fwd, bwd, upd), op, fwd_layer, deps, out_c, out_h, out_w, then macs,
// elementwise_ops, reduce_ops, special_ops, read_elems and write_elems, each as _per_image and _per_iter: a batch of N
// costs per_image * N + per_iter. deps names the operations whose results are read (or the tensor from outside),
// parameters, their state and labels left out.
std::string training_csv(const TrainingGraph& graph);

} // namespace systolica
