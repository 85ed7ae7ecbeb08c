// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Commands for SimDIT's machine, carried out by a tile that knows nothing of SimDIT, against machine/simdit's cost.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "machine/simdit/cost.h"
#include "mapping/simdit/commands.h"
#include "mapping/simdit/plan.h"
#include "simdit_lockstep.h"

namespace systolica {
namespace {

class Draw {
public:
    explicit Draw(unsigned seed) : random_(seed) {}
    unsigned operator()(unsigned least, unsigned most) {
        return least + static_cast<unsigned>(random_() % (most - least + 1));
    }

private:
    std::mt19937 random_;
};

SimditConfig random_machine(Draw& draw) {
    SimditConfig config;
    config.rows = 4 * draw(1, 8);
    config.cols = 4 * draw(1, 8);
    config.lanes = draw(1, 30);
    config.weight_bits = config.activation_bits = 4U << draw(0, 2);
    config.weight_buffer_bytes = 1024 * draw(4, 64);
    config.ifmap_buffer_bytes = 1024 * draw(1, 32);
    config.ofmap_buffer_bytes = 1024 * draw(2, 64);
    config.bias_buffer_bytes = 1024 * draw(1, 8);
    config.vector1_buffer_bytes = 1024 * draw(2, 32);
    config.vector2_buffer_bytes = 1024 * draw(2, 32);
    config.weight_bits_per_cycle = draw(16, 300);
    config.ifmap_bits_per_cycle = draw(16, 300);
    config.ofmap_bits_per_cycle = draw(16, 300);
    config.vector_bits_per_cycle = draw(16, 300);
    config.fused_tiles_wait = false;
    return config;
}

SimditProduct random_product(Draw& draw) {
    SimditProduct product;
    product.fully_connected = draw(0, 3) == 0;
    product.images = draw(1, 4);
    product.groups = draw(0, 4) == 0 ? 3 : 1;
    product.in_channels = draw(1, 150);
    product.out_channels = draw(1, 150);
    if (!product.fully_connected) {
        product.out_h = draw(1, 14);
        product.out_w = draw(1, 14);
        product.kernel_h = product.kernel_w = draw(1, 4);
        product.stride_h = product.stride_w = draw(1, 2);
        product.input_dilation_h = draw(1, 2);
    } else if (draw(0, 1) == 0) {
        product.images = 1;
    }
    return product;
}

SimditVector random_vector(Draw& draw) {
    SimditVector work;
    work.kind = static_cast<SimditVectorKind>(draw(0, static_cast<unsigned>(SimditVectorKind::softmax)));
    work.images = draw(1, 4);
    work.channels = draw(1, 120);
    work.h = work.w = draw(1, 14);
    work.kernel_h = work.kernel_w = draw(1, 3);
    work.stride_h = work.stride_w = draw(1, 3);
    work.reads = draw(1, 4);
    work.writes = draw(1, 3);
    work.steps = draw(1, 6);
    work.feeds_array = draw(0, 1) == 1;
    return work;
}

// As commands carry it: a fraction of a tile shorter than filling array or pipeline takes a cycle more than that.
std::uint64_t carried_cycles(const SimditConfig& config, const SimditWork& work) {
    const auto at_least = [](std::uint64_t& cycles, std::uint64_t fill) {
        cycles = cycles == 0 ? 0 : std::max(cycles, fill + 1);
    };
    std::uint64_t sum = 0;
    if (const auto* product = std::get_if<SimditProduct>(&work)) {
        for (const SimditPart& part : simdit_parts(*product)) {
            for (SimditProductStep step : simdit_schedule(config, part.product)) {
                at_least(step.compute_cycles, config.rows + config.cols - 2);
                sum += part.times * simdit_cost(config, step).cycles();
            }
        }
        return sum;
    }
    for (SimditVectorStep step : simdit_schedule(config, std::get<SimditVector>(work))) {
        at_least(step.compute_cycles, config.pipeline_stages + config.lanes - 2);
        sum += simdit_cost(config, step).cycles();
    }
    return sum;
}

SimditOperation operation(const SimditWork& work) {
    SimditOperation one;
    one.tasks = {{"any", work}};
    return one;
}

TEST(SimditCommands, RandomOperationsTakeTheCyclesAndBytesOfTheirCost) {
    Draw draw(17);
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE(round);
        const SimditConfig config = random_machine(draw);
        if (!simdit_shortages(config).empty()) {
            continue;
        }
        SimditProgram program;
        for (unsigned i = draw(1, 4); i > 0; --i) {
            program.push_back(operation(draw(0, 1) == 0 ? SimditWork(random_product(draw)) : random_vector(draw)));
        }
        program.insert(program.begin() + draw(0, 1), SimditOperation()); // a view
        const Plan plan = simdit_plan(config, program, ChipConfig(), MappingOptions());
        SimditCommands commands(config, program);
        const LockstepRun run = run_lockstep(config, commands);
        ASSERT_FALSE(run.deadlock);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < program.size(); ++i) {
            for (const SimditTask& task : program[i].tasks) {
                sum += carried_cycles(config, task.work);
            }
            EXPECT_EQ(run.read_bytes[i], plan.operations[i].dram_read_bytes);
            EXPECT_EQ(run.write_bytes[i], plan.operations[i].dram_write_bytes);
            if (!program[i].view()) {
                EXPECT_EQ(run.ended[i], sum); // the row of layers.csv ends with the operation's last store
            }
        }
        EXPECT_EQ(run.cycles, sum);
    }
}

// A fused pair whose array waits: loads for the next tile go on while the SIMD array works, so that the two take less
// than one after the other, and what SimDIT's rule says but for roundings.
TEST(SimditCommands, FusedTilesThatWaitOverlapTheirLoadsWithTheSimdArray) {
    SimditConfig config;
    config.rows = config.cols = config.lanes = 16;
    config.weight_buffer_bytes = config.ifmap_buffer_bytes = 64 * 1024;
    config.ofmap_buffer_bytes = 128 * 1024;
    config.bias_buffer_bytes = 2048;
    config.vector1_buffer_bytes = config.vector2_buffer_bytes = 16 * 1024;
    config.weight_bits_per_cycle = 64;
    config.ifmap_bits_per_cycle = 32; // what everything waits for
    SimditProduct product;
    product.images = 4;
    product.in_channels = 64;
    product.out_channels = 32;
    product.out_h = product.out_w = 28;
    SimditVector add;
    add.images = 4;
    add.channels = 32;
    add.h = add.w = 28;
    add.reads = 2;

    const auto cycles = [&](bool fused) {
        SimditProgram program{operation(product), operation(add)};
        program[0].tasks[0].word = "conv_bias";
        program[0].pass = "forward";
        program[0].result = 1;
        program[1].tasks[0].word = "elem_add";
        program[1].operands = {0, 1};
        if (fused) {
            fuse(config, program);
        }
        const Plan plan = simdit_plan(config, program, ChipConfig(), MappingOptions());
        SimditCommands commands(config, program);
        const LockstepRun run = run_lockstep(config, commands);
        EXPECT_FALSE(run.deadlock);
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_EQ(run.read_bytes[i], plan.operations[i].dram_read_bytes);
            EXPECT_EQ(run.write_bytes[i], plan.operations[i].dram_write_bytes);
        }
        EXPECT_NEAR(static_cast<double>(run.cycles), plan.estimated_cycles, 0.01 * plan.estimated_cycles);
        return run.cycles;
    };
    const std::uint64_t apart = cycles(false);
    const std::uint64_t together = cycles(true);
    // Gone: the stores of the product and the loads of one operand, and most of the addition hides behind loads.
    EXPECT_LT(together, apart * 8 / 10);
}

TEST(SimditCommands, ListGrowsWithOperationsNotWithTiles) {
    SimditConfig config;
    config.rows = config.cols = config.lanes = 16;
    config.weight_buffer_bytes = config.ifmap_buffer_bytes = config.ofmap_buffer_bytes = 8192;
    config.bias_buffer_bytes = config.vector1_buffer_bytes = config.vector2_buffer_bytes = 8192;
    SimditProduct product;
    product.in_channels = product.out_channels = 64;
    product.kernel_h = product.kernel_w = 3;
    const auto entries = [&](std::uint64_t images) {
        product.images = images;
        product.out_h = product.out_w = 56;
        std::size_t phases = 0;
        for (const SimditBlock& block : simdit_phases(config, {operation(product)})) {
            for (const SimditRun& run : block.runs) {
                phases += run.phases.size();
            }
        }
        return phases;
    };
    EXPECT_EQ(entries(1), entries(1000));
}

} // namespace
} // namespace systolica
