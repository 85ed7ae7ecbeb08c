// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "executed_work.h"

#include <gtest/gtest.h>

#include "../operator_reads.h"

namespace systolica {

namespace {

const Operator* layer_of(const TrainingGraph& graph, const TrainingOperation& operation) {
    return operation.layer < 0 ? nullptr : &graph.forward.operators[static_cast<std::size_t>(operation.layer)];
}

// From the coarse side of a window to its fine side: the input gradient of a convolution, a transposed one forward.
bool to_fine_side(const Operator& op, Pass pass) {
    return (op.kind == OpKind::conv && pass == Pass::backward_data) ||
           (op.kind == OpKind::conv_transpose && pass == Pass::forward);
}

std::uint64_t parameters(const TrainingGraph& graph, const TrainingOperation& update) {
    std::uint64_t count = 0;
    for (const int output : update.outputs) {
        const TrainingTensor& tensor = graph.tensors[static_cast<std::size_t>(output)];
        count += tensor.role == TensorRole::parameter ? tensor.shape.elements() : 0;
    }
    return count;
}

} // namespace

std::uint64_t executed_macs(const TrainingGraph& graph, const TrainingOperation& operation, BackwardLowering lowering) {
    if (operation.matrix.groups == 0) {
        return 0;
    }
    const Operator& op = *layer_of(graph, operation);
    const Shape& in = graph.forward.input_of(op).shape;
    const Shape& out = graph.forward.output_of(op).shape;
    const bool dilated = lowering == BackwardLowering::dilated && operation.pass == Pass::backward_data;
    if (!to_fine_side(op, operation.pass) || dilated) {
        return operation.matrix.macs();
    }
    return op.kind == OpKind::conv ? transposed_work(out, in, op.window, op.groups).macs
                                   : transposed_work(in, out, op.window, op.groups).macs;
}

void check_work(const TrainingGraph& graph, const Plan& plan, BackwardLowering lowering,
                const Interpreter& interpreter) {
    for (std::size_t row = 0; row < graph.operations.size(); ++row) {
        const TrainingOperation& operation = graph.operations[row];
        const Interpreter::Totals& total = interpreter.totals[row];
        EXPECT_EQ(total.macs, executed_macs(graph, operation, lowering)) << operation.name;
        EXPECT_EQ(plan.operations[row].macs, operation.matrix.macs()) << operation.name;
        if (operation.pass == Pass::update) {
            EXPECT_EQ(total.elements, parameters(graph, operation)) << operation.name;
        } else if (operation.matrix.groups == 0 && !operation.view) {
            const int of = operation.outputs[0];
            const TrainingTensor& result = graph.tensors[static_cast<std::size_t>(of)];
            const TrainingTensor& stream = graph.tensors[static_cast<std::size_t>(operation.inputs[0])];
            const bool sums = result.role == TensorRole::parameter_gradient || result.role == TensorRole::statistics;
            EXPECT_GE(total.elements, (sums ? stream : result).shape.elements()) << operation.name;
        }
    }
}

} // namespace systolica
