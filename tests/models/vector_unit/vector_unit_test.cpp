// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/vector_unit/vector_unit.h"

#include <memory>

#include "models/scratchpad/scratchpad.h"
#include "tests/models/scratchpad/command_driver.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

using unit_test::CommandDriver;
using unit_test::NotedMonitor;
using Change = NotedMonitor::Change;
using Stage = NotedMonitor::Stage;
using Times = std::vector<std::uint64_t>;

// Four lanes, start-up 5, one cycle a vector for each kernel used here.
VectorUnitConfig four_lanes() {
    VectorUnitConfig config;
    config.lanes = 4;
    config.startup_cycles = 5;
    config.costs[static_cast<std::size_t>(VectorKernel::relu)] = {0, 1};
    config.costs[static_cast<std::size_t>(VectorKernel::add)] = {0, 1};
    config.costs[static_cast<std::size_t>(VectorKernel::max_pool)] = {1, 0};
    return config;
}

struct Bench {
    explicit Bench(unsigned vector_port_bytes = 1024) {
        unit = std::make_unique<VectorUnit>("vector_unit",
                                            VectorUnit::Params{four_lanes(), Clock(1'000'000), 4, &monitor, 2});
        driver.cmd_out.bind(unit->cmd_in);
        for (std::size_t i = 0; i < kPads; ++i) {
            const Pad which = static_cast<Pad>(i);
            const unsigned port_bytes = which == Pad::vector ? vector_port_bytes : 1024;
            pads.push_back(std::make_unique<Scratchpad>(
                pad_name(which), Scratchpad::Params{{1 << 20, 1, port_bytes}, Clock(1'000'000)}));
            unit->pad_out[i].bind(pads.back()->vector_in);
        }
    }

    NotedMonitor monitor;
    CommandDriver driver{"driver"};
    std::unique_ptr<VectorUnit> unit;
    std::vector<std::unique_ptr<Scratchpad>> pads;
};

Command vector(std::uint32_t elements, std::vector<VectorStage> stages) {
    Command command;
    command.opcode = Opcode::vector;
    command.vector.elements = elements;
    std::copy(stages.begin(), stages.end(), command.vector.stages.begin());
    return command;
}

TEST(VectorUnitModel, StagesEndOneAfterAnother) {
    Bench bench;
    // 40 elements are 10 vectors: start-up 5 + relu 10, add 10, pooling over 3 taps 30.
    bench.driver.add(
        2, vector(40, {{VectorKernel::relu, 1, 0}, {VectorKernel::add, 1, 1}, {VectorKernel::max_pool, 3, 2}}));
    sc_core::sc_start();
    EXPECT_EQ(bench.monitor.stages, (std::vector<Stage>{{17, 0}, {27, 1}, {57, 2}}));
    EXPECT_EQ(bench.driver.retired, Times{57});
    EXPECT_EQ(bench.monitor.changes, (std::vector<Change>{{2, UnitState::working}, {57, UnitState::idle}}));
}

TEST(VectorUnitModel, CommandsRunOneAfterAnotherWithoutAGap) {
    Bench bench;
    for (int i = 0; i < 4; ++i) {
        bench.driver.add(0, vector(40, {{VectorKernel::relu, 1, 0}}));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, (Times{15, 30, 45, 60}));
    EXPECT_EQ(bench.driver.accepted, (Times{0, 0, 15, 30})); // two are held
    EXPECT_EQ(bench.monitor.changes, (std::vector<Change>{{0, UnitState::working}, {60, UnitState::idle}}));
}

TEST(VectorUnitModel, NarrowPortStretchesTheCommandAndShowsAsStallInFront) {
    Bench bench(4);
    Command command = vector(40, {{VectorKernel::relu, 1, 0}, {VectorKernel::add, 1, 3}});
    command.vector.vector_read_bytes = 120;
    command.vector.vector_write_bytes = 80; // 200 bytes at 4 a cycle: 50 cycles instead of 25
    bench.driver.add(0, command);
    sc_core::sc_start();
    EXPECT_EQ(bench.monitor.changes,
              (std::vector<Change>{{0, UnitState::scratchpad_stall}, {25, UnitState::working}, {50, UnitState::idle}}));
    EXPECT_EQ(bench.monitor.stages, (std::vector<Stage>{{40, 0}, {50, 3}}));
    EXPECT_EQ(bench.driver.retired, Times{50});
}

TEST(VectorUnitModel, CommandWithoutWorkRetiresAtOnce) {
    Bench bench;
    bench.driver.add(3, vector(0, {{VectorKernel::relu, 1, 1}}));
    bench.driver.add(3, vector(4, {}));
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, (Times{3, 3}));
    EXPECT_EQ(bench.monitor.stages, (std::vector<Stage>{{3, 1}}));
    EXPECT_TRUE(bench.monitor.changes.empty());
}

} // namespace
} // namespace systolica
