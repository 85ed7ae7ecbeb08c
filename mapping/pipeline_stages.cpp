// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/pipeline_stages.h"

#include <algorithm>
#include <cstdint>

namespace systolica {

std::vector<std::size_t> balanced_stages(const std::vector<double>& cycles, std::size_t stages) {
    const std::size_t items = cycles.size();
    if (items == 0) {
        return {};
    }
    stages = std::clamp<std::size_t>(stages, 1, items);
    std::vector<double> until(items + 1, 0);
    for (std::size_t i = 0; i < items; ++i) {
        until[i + 1] = until[i] + cycles[i];
    }
    // slowest[j]: of the first j items in s + 1 stages; begin[s][j]: first item of the last of them.
    std::vector<double> slowest = until;
    std::vector<std::vector<std::uint32_t>> begin(stages, std::vector<std::uint32_t>(items + 1, 0));
    for (std::size_t s = 1; s < stages; ++s) {
        std::vector<double> next(items + 1, 0);
        for (std::size_t j = s + 1; j <= items; ++j) {
            // The stages before get slower with every item, the last one faster: the best is where they cross.
            std::size_t low = s, high = j - 1;
            while (low < high) {
                const std::size_t middle = (low + high) / 2;
                slowest[middle] >= until[j] - until[middle] ? high = middle : low = middle + 1;
            }
            const auto with = [&](std::size_t i) { return std::max(slowest[i], until[j] - until[i]); };
            const std::size_t best = low > s && with(low - 1) <= with(low) ? low - 1 : low;
            next[j] = with(best);
            begin[s][j] = static_cast<std::uint32_t>(best);
        }
        slowest = std::move(next);
    }
    std::vector<std::size_t> stage_of(items, 0);
    for (std::size_t s = stages, end = items; s-- > 0;) {
        const std::size_t from = begin[s][end];
        std::fill(stage_of.begin() + static_cast<std::ptrdiff_t>(from),
                  stage_of.begin() + static_cast<std::ptrdiff_t>(end), s);
        end = from;
    }
    return stage_of;
}

double pipeline_cycles(const std::vector<std::vector<double>>& cycles) {
    std::vector<double> ends;
    for (const std::vector<double>& piece : cycles) {
        ends.resize(std::max(ends.size(), piece.size()), 0);
        double before = 0;
        for (std::size_t stage = 0; stage < piece.size(); ++stage) {
            before = std::max(before, ends[stage]) + piece[stage];
            ends[stage] = before;
        }
    }
    return ends.empty() ? 0 : ends.back();
}

} // namespace systolica
