// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The vector unit's costs against what the operators do to an element.

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "mapping/group_parts.h"
#include "workloads/operator_table.h"

namespace systolica {
namespace {

// Division 9, exponential and logarithm 3, all else 1.
double special_cycles(OpKind kind) {
    const unsigned count = operator_row(kind).forward.special;
    if (kind == OpKind::pow) {
        return 2 * 3;
    }
    return count == 0 ? 0 : count == 1 ? 9 : 9 + 3;
}

VectorCost cost_of(OpKind kind) {
    Net net({1, 4, 6, 6}, 1);
    OperatorSpec spec;
    spec.name = "x";
    spec.kind = kind;
    spec.inputs = {"input"};
    spec.axes = {Dim::height};
    spec.window.kernel_h = spec.window.kernel_w = 2;
    spec.constant = operator_row(kind).backward == Backward::operands;
    spec.target = {1, 4, 6, 6};
    net.add(spec);
    const Graph graph = net.finish();
    Group group;
    add_stage(graph, group, graph.operators[0], 0);
    return default_vector_costs()[static_cast<std::size_t>(group.layer.stages.at(0).kernel)];
}

TEST(OperatorCosts, AreTheOperationsOfAnElementOneALaneAndCycle) {
    int checked = 0;
    for (const OperatorRow& row : operator_table()) {
        const OperatorCost& cost = row.forward;
        // Softmax and batch-norm have rules of their own; dropout does not run.
        if (cost.free() || row.kind == OpKind::softmax || row.kind == OpKind::batch_norm ||
            row.kind == OpKind::dropout) {
            continue;
        }
        ++checked;
        EXPECT_EQ(cost_of(row.kind).per_tap, cost.elementwise_per_tap + cost.reduce_per_tap) << row.word;
        EXPECT_EQ(cost_of(row.kind).per_element, cost.elementwise + cost.reduce + special_cycles(row.kind)) << row.word;
    }
    EXPECT_EQ(checked, 22);
}

} // namespace
} // namespace systolica
