// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/kept_traffic.h"

#include <string>

#include "mapping/nest.h"

namespace systolica {

namespace {

class Counter {
public:
    explicit Counter(const Plan& plan) : plan_(plan) {}

    KeptTraffic count() {
        for (const Group& group : plan_.groups) {
            for (const Share& share : group.shares) {
                if (!share.empty()) {
                    add(group, Nest(group.layer, group.tiling, share));
                }
            }
        }
        return traffic_;
    }

private:
    // A view is as its tensor.
    bool kept(int tensor) const {
        if (tensor < 0) {
            return false;
        }
        const PlannedTensor& planned = plan_.tensors[static_cast<std::size_t>(tensor)];
        if (!planned.parts.empty()) {
            return kept(planned.parts.front().tensor);
        }
        return planned.view_of >= 0 ? kept(planned.view_of) : planned.kept;
    }

    bool forward(std::uint32_t operation) const {
        const PlannedOperation& row = plan_.operations[operation];
        return row.pass == "forward" && !row.recomputation;
    }

    void add(const Group& group, const Nest& nest) {
        const Layer& layer = group.layer;
        if (layer.output && kept(group.output.tensor) && forward(group.last_operation)) {
            traffic_.written_bytes += nest.outputs() * layer.bytes.output;
        }
        for (std::size_t i = 0; i < group.results.size(); ++i) {
            if (kept(group.results[i].tensor) && forward(group.results[i].operation)) {
                traffic_.written_bytes += nest.results(layer.results[i]) * layer.results[i].bytes;
            }
        }
        if (!forward(group.operation)) {
            const std::uint64_t input = nest.ifmap_elements();
            const auto width = [&](int tensor) {
                return plan_.tensors[static_cast<std::size_t>(tensor)].layout.element_bytes;
            };
            for (const int tensor : {group.input.tensor, group.input_beside}) {
                traffic_.read_bytes += kept(tensor) ? input * width(tensor) : 0;
            }
            if (layer.matrix && kept(group.factor.tensor)) {
                traffic_.read_bytes += nest.filter_loads_per_weight() * nest.weights() * layer.bytes.filter;
            }
        }
        for (std::size_t i = 0; i < group.operands.size(); ++i) {
            if (kept(group.operands[i].tensor) && !forward(group.operands[i].operation)) {
                traffic_.read_bytes += nest.outputs(layer.operands[i].stretch) * layer.operands[i].bytes;
            }
        }
        for (const ChannelConstants& constants : group.constants) {
            if (kept(constants.tensor) && !forward(constants.operation)) {
                traffic_.read_bytes += layer.out_channels * constants.bytes * nest.passes_over_channels();
            }
        }
    }

    const Plan& plan_;
    KeptTraffic traffic_;
};

} // namespace

KeptTraffic kept_traffic(const Plan& plan) {
    return Counter(plan).count();
}

} // namespace systolica
