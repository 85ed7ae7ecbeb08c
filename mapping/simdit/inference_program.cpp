// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/program.h"
#include "mapping/simdit/supported.h"
#include "mapping/simdit/vector_works.h"
#include "workloads/inference.h"

namespace systolica {

namespace {

// A division's time for each operation that is neither addition nor product.
SimditVector element_wise(const SimditConfig& config, const Graph& graph, const Operator& op) {
    const OperatorCost& cost = operator_row(op.kind).forward;
    const unsigned operands = static_cast<unsigned>(op.inputs.size()) + (op.learned ? 1 : 0);
    const unsigned sums = op.kind == OpKind::add ? operands + (op.constant ? 1 : 0) - 1 : 1;
    SimditVector work = simdit_element_wise(graph.output_of(op).shape, operands,
                                            (cost.elementwise + cost.reduce) * sums + cost.special * config.div_cycles);
    work.immediate = op.constant;
    return work;
}

// No word: left out.
SimditTask task_of(const SimditConfig& config, const Graph& graph, const Operator& op) {
    const Shape& out = graph.output_of(op).shape;
    switch (op.kind) {
    case OpKind::conv:
    case OpKind::conv_transpose:
        return {"conv_bias", simdit_product(forward_work(graph, op), false)};
    case OpKind::fully_connected:
        return {"gemm", simdit_product(forward_work(graph, op), true)};
    case OpKind::relu:
        return {"relu", simdit_relu(out)};
    case OpKind::add:
        return {"elem_add", element_wise(config, graph, op)};
    case OpKind::max_pool:
        return {"max_pool", simdit_pool(SimditVectorKind::max_pool, graph, op)};
    case OpKind::avg_pool:
        return {"avg_pool", simdit_pool(SimditVectorKind::avg_pool, graph, op)};
    case OpKind::global_avg_pool:
        return {"global_avg_pool", simdit_pool(SimditVectorKind::avg_pool, graph, op)};
    case OpKind::batch_norm:
        return {"batch_norm", simdit_of_kind(SimditVectorKind::normalise, out)};
    case OpKind::softmax:
        return {nullptr, {}};
    default:
        return {op_kind_name(op.kind), element_wise(config, graph, op)};
    }
}

} // namespace

SimditProgram simdit_inference_program(const SimditConfig& config, const Graph& network, bool fold_batch_norm) {
    check_supported(network);
    const Graph graph = inference_graph(network, {fold_batch_norm});
    SimditProgram program;
    for (const Operator& op : graph.operators) {
        SimditOperation operation{op.name, op_label(graph, op), "forward", gemm_shape(graph, op),
                                  {},      op.inputs,           op.output};
        if (op.kind != OpKind::flatten && op.kind != OpKind::reshape) {
            operation.tasks = {task_of(config, graph, op)};
            if (operation.tasks.front().word == nullptr) {
                continue;
            }
        }
        program.push_back(std::move(operation));
    }
    set_result_bits(program);
    return program;
}

} // namespace systolica
