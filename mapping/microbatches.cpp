// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/microbatches.h"

#include <algorithm>

namespace systolica {

Graph with_batch(const Graph& network, std::uint64_t images) {
    Graph graph = network;
    graph.batch = images;
    for (Tensor& tensor : graph.tensors) {
        tensor.shape.n = images;
    }
    return graph;
}

Microbatches in_microbatches(const Graph& network, std::uint64_t images) {
    Microbatches all;
    all.operators = network.operators.size();
    all.graph.name = network.name;
    all.graph.batch = network.batch;
    all.graph.table_of_rows = network.table_of_rows;
    for (std::uint64_t first = 0; first < network.batch; first += images, ++all.count) {
        const Graph one = with_batch(network, std::min(images, network.batch - first));
        const int operators = static_cast<int>(all.graph.operators.size());
        const int tensors = static_cast<int>(all.graph.tensors.size());
        for (Tensor tensor : one.tensors) {
            tensor.producer += tensor.producer < 0 ? 0 : operators;
            for (int& consumer : tensor.consumers) {
                consumer += operators;
            }
            all.graph.tensors.push_back(std::move(tensor));
        }
        for (Operator op : one.operators) {
            for (int& input : op.inputs) {
                input += tensors;
            }
            op.output += tensors;
            all.graph.operators.push_back(std::move(op));
        }
    }
    return all;
}

} // namespace systolica
