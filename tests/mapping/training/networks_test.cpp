// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Iterations of every bundled network on chips like the bundled platforms and on smaller ones.

#include <ostream>

#include <gtest/gtest.h>

#include "../example_graphs.h"
#include "../plan_checks.h"
#include "base/data_files.h"
#include "training_cases.h"
#include "training_checks.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

struct Setting {
    const char* name;
    ChipConfig chip;
    MappingOptions mapping;
    TrainingOptions training;
    std::uint64_t batch = 2;
};

std::ostream& operator<<(std::ostream& out, const Setting& setting) {
    return out << setting.name;
}

constexpr std::uint64_t kKib = 1024;
constexpr std::uint64_t kPage = 4096; // tensors begin at one

std::vector<Setting> settings() {
    ChipConfig edge = example_chip(4, 32, Dataflow::ws, {256 * kKib, 256 * kKib, 256 * kKib, 128 * kKib});
    edge.dram.channels = 8; // room for VGG-16
    ChipConfig small = example_chip(4, 16, Dataflow::ws, {64 * kKib, 64 * kKib, 64 * kKib, 64 * kKib});
    small.dram.channels = 8;
    std::vector<Setting> list;
    list.push_back({"edge", edge, {}, {}});

    Setting dilated{"small_dilated_micro_batches", small, {}, {}};
    dilated.mapping.overlap = Overlap::tile;
    dilated.mapping.fusion = false;
    dilated.training.micro_batch = 1;
    dilated.training.backward_lowering = BackwardLowering::dilated;
    list.push_back(dilated);

    Setting single{"single_recomputed", edge, {}, {}};
    single.chip.tiles = 1;
    single.chip.tile.pe_array.dataflow = Dataflow::os;
    single.training.recompute = Recompute::sqrt;
    single.training.optimizer = Optimizer::adam;
    list.push_back(single);

    Setting server{"server_wide",
                   example_chip(16, 64, Dataflow::ws, {1024 * kKib, 1024 * kKib, 1024 * kKib, 512 * kKib}),
                   {},
                   {},
                   4};
    server.chip.precision.activation_bits = server.chip.precision.weight_bits = 16;
    server.mapping.split = Split::batch;
    server.training.optimizer = Optimizer::sgd;
    list.push_back(server);

    Setting serial{"small_by_channels_without_overlap", small, {}, {}};
    serial.mapping.overlap = Overlap::none;
    serial.mapping.split = Split::channels;
    serial.chip.precision.weight_bits = 32;
    list.push_back(serial);

    Setting rows{"small_by_rows_with_input_gradient", small, {}, {}};
    rows.mapping.split = Split::rows;
    rows.chip.precision.gradient_bits = 16;
    rows.training.input_gradient_of_first_layer = true;
    rows.training.loss = false;
    list.push_back(rows);
    return list;
}

class TrainingNetworks : public ::testing::TestWithParam<std::tuple<std::string, Setting>> {
protected:
    const Setting& setting() const { return std::get<1>(GetParam()); }
    TrainingGraph graph() const {
        return training_graph(read_workload(std::get<0>(GetParam()), setting().batch), setting().training);
    }
    Plan plan(const TrainingGraph& graph) const {
        return make_training_plan(graph, setting().training.backward_lowering, setting().chip, setting().mapping);
    }
};

TEST_P(TrainingNetworks, ProgramsEndFindWhatTheyReadAndMoveWhatThePlanSays) {
    const TrainingGraph network = graph();
    check_training_plan(network, plan(network), setting().training.backward_lowering, kPage, 1);
}

TEST_P(TrainingNetworks, EveryGroupRunsInTheBytesThatItsTilingNeeds) {
    check_exact_needs(plan(graph()), 2);
}

TEST_P(TrainingNetworks, ParametersAreReadAndWrittenByTheirUpdate) {
    const TrainingGraph network = graph();
    const Plan planned = plan(network);
    const Precision& p = planned.chip.precision;
    for (std::size_t row = 0; row < network.operations.size(); ++row) {
        const TrainingOperation& operation = network.operations[row];
        std::uint64_t changed = 0; // parameters and state
        for (const int output : operation.outputs) {
            changed += network.tensors[static_cast<std::size_t>(output)].shape.elements();
        }
        if (operation.pass == Pass::update) {
            EXPECT_GE(planned.operations[row].dram_read_bytes, changed * p.master_bytes()) << operation.name;
            EXPECT_GE(planned.operations[row].dram_write_bytes, changed * p.master_bytes()) << operation.name;
        }
    }
}

// VGG-16 in micro-batches on the small chip takes ten times as long as any other and shows nothing new.
std::vector<std::tuple<std::string, Setting>> cases() {
    std::vector<std::tuple<std::string, Setting>> list;
    for (const std::string& name : bundled_names("workloads")) {
        for (const Setting& setting : settings()) {
            if (name != "vgg16" || std::string(setting.name) != "small_dilated_micro_batches") {
                list.emplace_back(name, setting);
            }
        }
    }
    return list;
}

std::string name_of(const ::testing::TestParamInfo<TrainingNetworks::ParamType>& info) {
    return std::get<0>(info.param) + "_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Bundled, TrainingNetworks, ::testing::ValuesIn(cases()), name_of);

TEST(TrainingNetworksInEveryOrder, NoLoadSeesAnotherTensor) {
    for (const char* name : {"lenet", "mobilenetv3_small"}) {
        for (const Setting& setting : settings()) {
            if (setting.chip.tiles > 4) {
                continue;
            }
            SCOPED_TRACE(std::string(name) + " " + setting.name);
            const TrainingGraph graph = training_graph(read_workload(name, setting.batch), setting.training);
            const Plan plan =
                make_training_plan(graph, setting.training.backward_lowering, setting.chip, setting.mapping);
            check_every_order(graph, plan, kPage, 3);
        }
    }
}

} // namespace
} // namespace systolica
