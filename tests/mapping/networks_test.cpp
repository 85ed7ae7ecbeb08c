// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Plans of every bundled network on chips like the bundled platforms and on smaller ones.

#include <ostream>

#include <gtest/gtest.h>

#include "base/data_files.h"
#include "example_graphs.h"
#include "plan_checks.h"
#include "workloads/inference.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

struct Setting {
    const char* name;
    ChipConfig chip;
    MappingOptions options;
    std::uint64_t batch = 1;
};

std::ostream& operator<<(std::ostream& out, const Setting& setting) {
    return out << setting.name;
}

constexpr std::uint64_t kKib = 1024;

std::vector<Setting> settings() {
    std::vector<Setting> list;
    Setting edge{"edge", example_chip(4, 32, Dataflow::ws, {256 * kKib, 256 * kKib, 256 * kKib, 128 * kKib}), {}, 1};
    edge.chip.noc.columns = edge.chip.noc.rows = 2;
    list.push_back(edge);

    Setting single = edge;
    single.name = "single_os_unfused_batch3";
    single.chip.tiles = single.chip.dram.channels = 1;
    single.chip.tile.pe_array.dataflow = Dataflow::os;
    single.options.fusion = false;
    single.options.overlap = Overlap::tile;
    single.options.keep_on_chip = false;
    single.batch = 3;
    list.push_back(single);

    Setting server{"server_batch3",
                   example_chip(16, 128, Dataflow::ws, {2048 * kKib, 2048 * kKib, 2048 * kKib, 1024 * kKib}),
                   {},
                   3};
    server.chip.clock_mhz = 1000;
    server.chip.noc.flit_bytes = 64;
    server.chip.dram.channels = 32;
    list.push_back(server);

    Setting unlimited{"unlimited_is",
                      example_chip(1, 32, Dataflow::is,
                                   {1024 * 1024 * kKib, 1024 * 1024 * kKib, 1024 * 1024 * kKib, 1024 * 1024 * kKib}),
                      {},
                      1};
    unlimited.chip.dram.model = DramModel::ideal;
    unlimited.options.objective = Objective::traffic;
    list.push_back(unlimited);

    Setting small{"small_without_overlap",
                  example_chip(4, 32, Dataflow::ws, {32 * kKib, 32 * kKib, 16 * kKib, 16 * kKib}),
                  {},
                  1};
    small.options.overlap = Overlap::none;
    list.push_back(small);

    Setting unfolded = edge;
    unfolded.name = "edge_unfolded";
    unfolded.options.fold_batch_norm = false;
    list.push_back(unfolded);
    return list;
}

class Networks : public ::testing::TestWithParam<std::tuple<std::string, Setting>> {
protected:
    Graph graph() const {
        const Setting& setting = std::get<1>(GetParam());
        return inference_graph(read_workload(std::get<0>(GetParam()), setting.batch),
                               {setting.options.fold_batch_norm});
    }
    Plan plan(const Graph& graph) const {
        const Setting& setting = std::get<1>(GetParam());
        return make_plan(graph, setting.chip, setting.options);
    }
};

TEST_P(Networks, ProgramsEndAndMoveWhatThePlanSays) {
    const Graph network = graph();
    check_plan(network, plan(network), 1);
}

TEST_P(Networks, EveryGroupRunsInTheBytesThatItsTilingNeeds) {
    check_exact_needs(plan(graph()), 2);
}

TEST_P(Networks, WeightsAreReadAtLeastOnce) {
    const Setting& setting = std::get<1>(GetParam());
    const Graph network = graph();
    const Plan planned = plan(network);
    for (std::size_t op = 0; op < network.operators.size(); ++op) {
        const std::uint64_t bytes =
            weight_count(network, network.operators[op]) * setting.chip.precision.weight_bytes() +
            bias_count(network, network.operators[op]) * setting.chip.precision.accumulator_bytes();
        EXPECT_GE(planned.operations[op].dram_read_bytes, bytes) << planned.operations[op].name;
    }
}

std::string name_of(const ::testing::TestParamInfo<Networks::ParamType>& info) {
    return std::get<0>(info.param) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Bundled, Networks,
                         ::testing::Combine(::testing::ValuesIn(bundled_names("workloads")),
                                            ::testing::ValuesIn(settings())),
                         name_of);

} // namespace
} // namespace systolica
