// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/scale_study.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/integer.h"

namespace systolica {

namespace {

constexpr std::pair<const char*, Dataflow> kDataflows[] = {
    {"os", Dataflow::os}, {"ws", Dataflow::ws}, {"is", Dataflow::is}};

void add(ScaleRanking& ranking, const ArrayBudgetShape& shape, std::uint64_t cycles) {
    (shape.scale_up() ? ranking.scale_up : ranking.scale_out).push_back({shape, cycles});
}

void sort(ScaleRanking& ranking) {
    std::sort(ranking.scale_up.begin(), ranking.scale_up.end());
    std::sort(ranking.scale_out.begin(), ranking.scale_out.end());
}

} // namespace

const std::vector<std::string>& scale_dataflows() {
    static const std::vector<std::string> names{"os", "ws", "is"};
    return names;
}

std::vector<ScaleRanking> rank_layers(const Graph& workload, std::uint64_t macs, const std::string& dataflow) {
    const std::vector<ArrayBudgetShape> shapes = array_budget_shapes(macs);
    std::vector<ScaleRanking> rankings;
    for (const Operator& op : workload.operators) {
        const GemmShape gemm = gemm_shape(workload, op);
        for (const auto& [name, kind] : kDataflows) {
            if (gemm.macs() == 0 || (dataflow != "all" && dataflow != name)) {
                continue;
            }
            const ArrayExtent product = array_extent(kind, gemm.m, gemm.n, gemm.k);
            ScaleRanking ranking{op.name, name, {}, {}};
            for (const ArrayBudgetShape& shape : shapes) {
                add(ranking, shape, gemm.groups * array_budget_cycles(shape, product));
            }
            sort(ranking);
            rankings.push_back(std::move(ranking));
        }
    }
    return rankings;
}

std::vector<ScaleRanking> rank_totals(const std::vector<ScaleRanking>& layers) {
    std::map<std::string, std::map<ArrayBudgetShape, std::uint64_t>> cycles;
    for (const ScaleRanking& layer : layers) {
        for (const auto* candidates : {&layer.scale_up, &layer.scale_out}) {
            for (const ScaleCandidate& candidate : *candidates) {
                cycles[layer.dataflow][candidate.shape] += candidate.cycles;
            }
        }
    }
    std::vector<ScaleRanking> totals;
    for (const std::string& dataflow : scale_dataflows()) {
        const auto found = cycles.find(dataflow);
        if (found != cycles.end()) {
            ScaleRanking total{"all layers, one shape", dataflow, {}, {}};
            for (const auto& [shape, sum] : found->second) {
                add(total, shape, sum);
            }
            sort(total);
            totals.push_back(std::move(total));
        }
    }
    return totals;
}

std::uint64_t scale_chips(const ArrayBudgetShape& shape, const Platform& platform) {
    return ceil_div(shape.partitions(), platform.chip.tiles);
}

} // namespace systolica
