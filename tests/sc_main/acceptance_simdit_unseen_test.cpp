// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Design points that SimDIT has not, each a platform file and nothing else: runs against the pure rules of
// machine/simdit for the same numbers, operation by operation.

#include "../base/temporary_folder.h"
#include "acceptance_run.h"

#include <gtest/gtest.h>

#include "machine/simdit/cost.h"
#include "mapping/simdit/program.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

// No side, width or buffer is a power of two of another.
const char* const kTrainingFile = R"(
name: unseen
base: simdit_base
precision: {activation_bits: 8, weight_bits: 16, bias_bits: 16}
tile:
  pe_array: {rows: 24, cols: 40}
  scratchpad:
    ifmap:  {capacity_kib: 48}
    filter: {capacity_kib: 100}
    ofmap:  {capacity_kib: 120}
    vector: {capacity_kib: 72}
chip: {dram: {bits_per_cycle: {weight: 96, ifmap: 72, ofmap: 200, vector: 56}}}
simdit: {bias_buffer_kib: 3, vector1_buffer_kib: 40, div_cycles: 7, inv_sqrt_cycles: 17, read_after_write_cycles: 3}
)";

SimditConfig training_machine() {
    SimditConfig config;
    config.rows = 24;
    config.cols = config.lanes = 40;
    config.activation_bits = 8;
    config.weight_bits = 16;
    config.bias_bits = 16;
    config.accumulator_bits = 32;
    config.ifmap_buffer_bytes = 48 * 1024;
    config.weight_buffer_bytes = 100 * 1024;
    config.ofmap_buffer_bytes = 120 * 1024;
    config.bias_buffer_bytes = 3 * 1024;
    config.vector1_buffer_bytes = 40 * 1024;
    config.vector2_buffer_bytes = 32 * 1024;
    config.weight_bits_per_cycle = 96;
    config.ifmap_bits_per_cycle = 72;
    config.ofmap_bits_per_cycle = 200;
    config.vector_bits_per_cycle = 56;
    config.div_cycles = 7;
    config.exp_cycles = 3;
    config.inv_sqrt_cycles = 17;
    config.cond_move_cycles = 1;
    config.read_after_write_cycles = 3;
    config.fused_tiles_wait = false;
    config.convolution_bias_gradients = false;
    return config;
}

// Without a base: everything that is not here follows from the array.
const char* const kInferenceFile = R"(
precision: {activation_bits: 4, weight_bits: 4}
tile:
  pe_array: {rows: 96, cols: 48, dataflow: simdit}
  vector_unit: {lanes: 24}
  scratchpad:
    ifmap:  {capacity_kib: 40}
    filter: {capacity_kib: 90}
    ofmap:  {capacity_kib: 150}
    vector: {capacity_kib: 130}
chip: {dram: {model: private, bits_per_cycle: {weight: 1000, ifmap: 120, ofmap: 88, vector: 136}}}
mapping: {fusion: false}
)";

SimditConfig inference_machine() {
    SimditConfig config;
    config.rows = 96;
    config.cols = 48;
    config.lanes = 24;
    config.activation_bits = config.weight_bits = 4;
    config.ifmap_buffer_bytes = 40 * 1024;
    config.weight_buffer_bytes = 90 * 1024;
    config.ofmap_buffer_bytes = 150 * 1024;
    config.bias_buffer_bytes = 48 * 128;
    config.vector1_buffer_bytes = config.vector2_buffer_bytes = 65 * 1024;
    config.weight_bits_per_cycle = 1000; // of which a row of the array takes 384
    config.ifmap_bits_per_cycle = 120;
    config.ofmap_bits_per_cycle = 88;
    config.vector_bits_per_cycle = 136;
    return config;
}

struct Priced {
    double cycles = 0;
    std::vector<SimditCost> operations;
};

Priced price(const SimditConfig& config, const SimditProgram& program) {
    Priced priced;
    for (const SimditOperation& operation : program) {
        SimditCost cost;
        for (const SimditTask& task : operation.tasks) {
            cost += simdit_cost(config, task.work);
        }
        priced.cycles += static_cast<double>(cost.cycles());
        priced.operations.push_back(cost);
    }
    return priced;
}

// A fraction of a tile shorter than filling the array or the vector unit takes a little more than its rule; there are
// few of them.
void expect_same(const RunFiles& run, const Priced& priced) {
    EXPECT_NEAR(static_cast<double>(run.cycles()), priced.cycles, 0.001 * priced.cycles);
    ASSERT_EQ(run.layers.rows(), priced.operations.size());
    for (std::size_t row = 0; row < run.layers.rows(); ++row) {
        SCOPED_TRACE(run.layers.text(row, "name"));
        const SimditCost& cost = priced.operations[row];
        const auto cycles = static_cast<double>(cost.cycles());
        EXPECT_GE(run.layers.number(row, "cycles"), cost.cycles());
        EXPECT_NEAR(static_cast<double>(run.layers.number(row, "cycles")), cycles, 0.005 * cycles + 200);
        EXPECT_EQ(run.layers.number(row, "dram_read_bytes"), cost.load_bytes());
        EXPECT_EQ(run.layers.number(row, "dram_write_bytes"), cost.store_bytes());
    }
}

class AcceptanceSimditUnseen : public testing::Test {
protected:
    std::string file(const char* text) const {
        folder_.write("unseen.yaml", text);
        return folder_.file("unseen.yaml");
    }

private:
    TemporaryFolder folder_;
};

TEST_F(AcceptanceSimditUnseen, TrainingTakesWhatThePureRulesSay) {
    TrainingOptions options;
    options.optimizer = Optimizer::sgd;
    options.input_gradient_of_first_layer = true;
    options.loss = false;
    options.backward_lowering = BackwardLowering::dilated;
    const std::string platform = file(kTrainingFile);
    const SimditConfig config = training_machine();
    for (const char* net : {"resnet18", "lenet", "mobilenetv2"}) {
        SCOPED_TRACE(net);
        const SimditProgram program = simdit_training_program(config, read_workload(net, 2), options);
        expect_same(run_files(platform + " " + net + " --mode training --batch 2"), price(config, program));
    }
}

TEST_F(AcceptanceSimditUnseen, InferenceTakesWhatThePureRulesSay) {
    const std::string platform = file(kInferenceFile);
    const SimditConfig config = inference_machine();
    for (const char* net : {"resnet50", "vgg16", "mobilenetv1"}) {
        SCOPED_TRACE(net);
        const SimditProgram program = simdit_inference_program(config, read_workload(net, 1), true);
        expect_same(run_files(platform + " " + net), price(config, program));
    }
}

// With tiles that wait, fused operations run inside each other: only the total and the bytes are those of the rules.
TEST_F(AcceptanceSimditUnseen, FusionWithTilesThatWaitTakesWhatThePureRulesSay) {
    const std::string platform = file(kInferenceFile);
    const SimditConfig config = inference_machine();
    SimditProgram program = simdit_inference_program(config, read_workload("resnet50", 2), true);
    const double apart = price(config, program).cycles;
    fuse(config, program);
    const Priced priced = price(config, program);
    const RunFiles run = run_files(platform + " resnet50 --batch 2 --set mapping.fusion=true");
    EXPECT_NEAR(static_cast<double>(run.cycles()), priced.cycles, 0.005 * priced.cycles);
    EXPECT_LT(priced.cycles, 0.95 * apart);
    for (std::size_t row = 0; row < run.layers.rows(); ++row) {
        EXPECT_EQ(run.layers.number(row, "dram_read_bytes"), priced.operations[row].load_bytes());
        EXPECT_EQ(run.layers.number(row, "dram_write_bytes"), priced.operations[row].store_bytes());
    }
}

TEST_F(AcceptanceSimditUnseen, TimeDependsNeitherOnBurstsNorOnTheTimingOfCallsNorOnWaves) {
    const std::string platform = file(kInferenceFile) + " resnet18";
    const std::uint64_t cycles = run_cycles(platform);
    EXPECT_EQ(run_cycles(platform + " --timing lt"), cycles);
    EXPECT_EQ(run_cycles(platform + " --vcd waves.vcd"), cycles);
    EXPECT_EQ(run_cycles(platform + " --set tile.dma.max_burst_bytes=1024 --set tile.dma.outstanding=1000"), cycles);
}

} // namespace
} // namespace systolica
