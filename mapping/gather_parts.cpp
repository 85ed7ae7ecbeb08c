// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/gather_parts.h"

namespace systolica {

namespace {

PlannedTensor& tensor_of(Plan& plan, int index) {
    return plan.tensors[static_cast<std::size_t>(index)];
}

// The blocks of channels of a part, once for each chip.
std::vector<std::uint64_t> repeated(const std::vector<std::uint64_t>& boundaries, std::uint64_t chips) {
    std::vector<std::uint64_t> all{0};
    for (std::uint64_t chip = 0; chip < chips; ++chip) {
        const std::uint64_t begin = all.back();
        for (std::size_t i = 1; i < boundaries.size(); ++i) {
            all.push_back(begin + boundaries[i]);
        }
    }
    return all;
}

// Tensors that lie at the same place are views of each other.
template <class Change>
void for_views(Plan& plan, std::uint64_t base, Change change) {
    for (PlannedTensor& tensor : plan.tensors) {
        if (tensor.parts.empty() && tensor.layout.base == base) {
            change(tensor);
        }
    }
}

} // namespace

GradientExchange gather_parts(Plan& plan, const std::vector<ChannelShares::Gathered>& gathered, std::uint64_t chips) {
    GradientExchange exchange;
    for (const ChannelShares::Gathered& it : gathered) {
        const PlannedTensor part = tensor_of(plan, it.part);
        const std::uint64_t base = tensor_of(plan, it.whole).layout.base;
        unsigned views = 0;
        const std::uint32_t event = ++plan.events;
        for_views(plan, base, [&](PlannedTensor& whole) {
            whole.event = event;
            whole.threshold = 1;
            ++views;
        });
        if (views == 1 && part.view_of < 0) { // a view is laid out with larger pixels
            tensor_of(plan, it.whole).layout.boundaries = repeated(part.layout.boundaries, chips);
        }
        for_views(plan, part.layout.base, [&](PlannedTensor& own) { own.layout.base = base; });
        GradientBucket bucket;
        bucket.after.push_back({part.event, part.threshold});
        bucket.gradients.push_back({base, part.layout.bytes()});
        bucket.sums_address = base;
        bucket.post = event;
        bucket.parts = chips;
        exchange.buckets.push_back(std::move(bucket));
    }
    return exchange;
}

} // namespace systolica
