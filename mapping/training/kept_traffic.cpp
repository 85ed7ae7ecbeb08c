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
            add_written(group);
            add_read(group);
        }
        return traffic_;
    }

private:
    bool kept(int tensor) const { return of(tensor, 1) > 0; }

    // How much of so many bytes of a tensor are of kept ones: a view is as its tensor, a joint as its parts.
    std::uint64_t of(int tensor, std::uint64_t bytes) const {
        if (tensor < 0) {
            return 0;
        }
        const PlannedTensor& planned = plan_.tensors[static_cast<std::size_t>(tensor)];
        std::uint64_t sum = 0;
        for (const ViewPart& part : planned.parts) {
            sum += of(part.tensor, bytes * part.range.size() / planned.shape.of(part.axis));
        }
        return !planned.parts.empty() ? sum
               : planned.view_of >= 0 ? of(planned.view_of, bytes)
               : planned.kept         ? bytes
                                      : 0;
    }

    bool forward(std::uint32_t operation) const {
        const PlannedOperation& row = plan_.operations[operation];
        return row.pass == "forward" && !row.recomputation;
    }

    // Of all tiles together.
    template <typename Bytes>
    std::uint64_t sum(const Group& group, Bytes bytes) const {
        std::uint64_t all = 0;
        for (const Share& share : group.shares) {
            all += share.empty() ? 0 : bytes(Nest(group.layer, group.tiling, share), share);
        }
        return all;
    }

    void add_written(const Group& group) {
        const Layer& layer = group.layer;
        if (layer.output && kept(group.output.tensor) && forward(group.last_operation)) {
            traffic_.written_bytes +=
                sum(group, [&](const Nest& nest, const Share&) { return nest.outputs() * layer.bytes.output; });
        }
        for (std::size_t i = 0; i < group.results.size(); ++i) {
            if (kept(group.results[i].tensor) && forward(group.results[i].operation)) {
                const ResultForm& form = layer.results[i];
                traffic_.written_bytes +=
                    sum(group, [&](const Nest& nest, const Share&) { return nest.results(form) * form.bytes; });
            }
        }
    }

    void add_read(const Group& group) {
        const Layer& layer = group.layer;
        if (!forward(group.operation)) {
            const std::uint64_t input =
                sum(group, [](const Nest& nest, const Share&) { return nest.ifmap_elements(); });
            for (const int tensor : {group.input.tensor, group.input_beside}) {
                traffic_.read_bytes += tensor < 0 ? 0 : of(tensor, input * width(tensor));
            }
            traffic_.read_bytes += of(group.factor.tensor, sum(group, [&](const Nest& nest, const Share&) {
                                          return nest.filter_loads_per_weight() * nest.weights() * layer.bytes.filter;
                                      }));
        }
        for (std::size_t i = 0; i < group.operands.size(); ++i) {
            const OperandForm& form = layer.operands[i];
            if (!forward(group.operands[i].operation)) {
                traffic_.read_bytes += of(group.operands[i].tensor, sum(group, [&](const Nest& nest, const Share&) {
                                              return nest.outputs(form.stretch) * form.bytes;
                                          }));
            }
        }
        for (const ChannelConstants& constants : group.constants) {
            if (!forward(constants.operation)) {
                traffic_.read_bytes +=
                    of(constants.tensor, sum(group, [&](const Nest& nest, const Share& share) {
                           return share.channels.size() * constants.bytes * nest.passes_over_channels();
                       }));
            }
        }
    }

    std::uint64_t width(int tensor) const {
        return plan_.tensors[static_cast<std::size_t>(tensor)].layout.element_bytes;
    }

    const Plan& plan_;
    KeptTraffic traffic_;
};

} // namespace

KeptTraffic kept_traffic(const Plan& plan) {
    return Counter(plan).count();
}

} // namespace systolica
