// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/estimated_layer.h"

#include <algorithm>

namespace systolica {

Layer estimated_layer(const TrainingGraph& graph, const Precision& precision, const Form& form) {
    const auto bytes = [&](int tensor) -> std::uint64_t {
        const TensorRole role = graph.tensors[static_cast<std::size_t>(tensor)].role;
        return role == TensorRole::gradient     ? precision.gradient_bytes()
               : role == TensorRole::activation ? precision.activation_bytes()
                                                : std::max(precision.master_bytes(), precision.accumulator_bytes());
    };
    const Group& group = form.group;
    Layer layer = group.layer;
    layer.bytes = {bytes(group.input.tensor), precision.weight_bytes(), bytes(group.output.tensor)};
    if (group.factor.tensor >= 0) {
        layer.bytes.filter = bytes(group.factor.tensor);
    }
    for (std::size_t i = 0; i < group.operands.size(); ++i) {
        layer.operands[i].bytes = bytes(group.operands[i].tensor);
    }
    for (std::size_t i = 0; i < group.results.size(); ++i) {
        layer.results[i].bytes = bytes(group.results[i].tensor);
    }
    for (const ChannelConstants& constants : group.constants) {
        layer.constant_bytes += constants.values * precision.accumulator_bytes();
    }
    for (const TrainingStage::Sums& sums : form.sums) {
        layer.results.push_back({sums.lacks, sums.values, precision.accumulator_bytes()});
    }
    return layer;
}

} // namespace systolica
