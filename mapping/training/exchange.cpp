// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/exchange.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/diagnostics.h"
#include "base/integer.h"

namespace systolica {

namespace {

constexpr std::uint64_t kAlignment = 4096;

class GradientExchanger {
public:
    GradientExchanger(Plan& plan, const ExchangeOptions& options) : plan_(plan), options_(options) {}

    GradientExchange run() {
        for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
            Group& group = plan_.groups[g];
            if (plan_.operations[group.operation].pass == "update") {
                group.input.tensor = sum_of(group.input.tensor);
            }
        }
        if (!options_.overlap) {
            wait_for_all();
        }
        return std::move(exchange_);
    }

private:
    int sum_of(int gradient) {
        const auto known = sums_.find(gradient);
        if (known != sums_.end()) {
            return known->second;
        }
        const PlannedTensor& own = plan_.tensors[static_cast<std::size_t>(gradient)];
        if (own.view_of >= 0 || !own.parts.empty() || own.event == 0) {
            throw std::logic_error("gradient '" + own.name + "' has no place of its own");
        }
        const std::uint64_t bytes = own.layout.bytes();
        if (exchange_.buckets.empty() || exchange_.buckets.back().bytes() >= options_.bucket_bytes) {
            open_bucket();
        }
        GradientBucket& bucket = exchange_.buckets.back();
        PlannedTensor sum = own;
        sum.name += ".sum";
        sum.layout.base = bucket.sums_address + bucket.bytes();
        sum.event = bucket.post;
        sum.threshold = 1;
        bucket.after.push_back({own.event, own.threshold});
        bucket.gradients.push_back({own.layout.base, bytes});
        plan_.memory_bytes = ceil_div(sum.layout.base + bytes, kAlignment) * kAlignment;
        plan_.tensors.push_back(sum);
        return sums_[gradient] = static_cast<int>(plan_.tensors.size()) - 1;
    }

    void open_bucket() {
        GradientBucket bucket;
        bucket.sums_address = plan_.memory_bytes;
        bucket.post = ++plan_.events;
        exchange_.buckets.push_back(bucket);
    }

    void wait_for_all() {
        std::vector<EventWait> all;
        for (const GradientBucket& bucket : exchange_.buckets) {
            all.insert(all.end(), bucket.after.begin(), bucket.after.end());
        }
        for (GradientBucket& bucket : exchange_.buckets) {
            bucket.after = all;
        }
    }

    Plan& plan_;
    const ExchangeOptions options_;
    std::map<int, int> sums_; // by gradient
    GradientExchange exchange_;
};

} // namespace

GradientExchange exchange_gradients(Plan& plan, const std::string& network, const ExchangeOptions& options) {
    GradientExchange exchange = GradientExchanger(plan, options).run();
    const std::uint64_t capacity = plan.chip.dram.capacity_bytes();
    if (plan.chip.dram.model != DramModel::ideal && plan.memory_bytes > capacity) {
        throw InputError({network, 0, 0}, "",
                         "expected a network that fits the DRAM with the sums of its gradients, got: it lacks " +
                             std::to_string(plan.memory_bytes - capacity) + " bytes (needs " +
                             std::to_string(plan.memory_bytes) + ", has " + std::to_string(capacity) + ")");
    }
    return exchange;
}

} // namespace systolica
