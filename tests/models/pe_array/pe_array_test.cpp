// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/pe_array/pe_array.h"

#include <memory>

#include "models/scratchpad/scratchpad.h"
#include "tests/models/scratchpad/command_driver.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

using unit_test::CommandDriver;
using unit_test::NotedMonitor;
using Change = NotedMonitor::Change;
using Times = std::vector<std::uint64_t>;

// A 4 x 4 array between a driver and three pads.
struct Bench {
    explicit Bench(PeArrayConfig config, unsigned ofmap_port_bytes = 1024, unsigned operations = 2) {
        PeArray::Params params{config, Precision{}, Clock(1'000'000), operations, &monitor, 4};
        array = std::make_unique<PeArray>("pe_array", params);
        driver.cmd_out.bind(array->cmd_in);
        for (std::size_t i = 0; i < PeArray::kArrayPads; ++i) {
            const unsigned port_bytes = i == static_cast<std::size_t>(Pad::ofmap) ? ofmap_port_bytes : 1024;
            const std::string name = pad_name(static_cast<Pad>(i));
            pads.push_back(std::make_unique<Scratchpad>(
                name.c_str(), Scratchpad::Params{{1 << 20, 1, port_bytes}, Clock(1'000'000)}));
            array->pad_out[i].bind(pads.back()->array_in);
        }
    }

    NotedMonitor monitor;
    CommandDriver driver{"driver"};
    std::unique_ptr<PeArray> array;
    std::vector<std::unique_ptr<Scratchpad>> pads;
};

PeArrayConfig four_by_four(Dataflow dataflow = Dataflow::ws, bool overlap = true) {
    PeArrayConfig config;
    config.rows = config.cols = 4;
    config.dataflow = dataflow;
    config.fold_overlap = overlap;
    return config;
}

Command matrix(std::uint32_t m, std::uint32_t n, std::uint32_t k, bool first = false, bool last = false,
               std::uint32_t operation = 0) {
    Command command;
    command.opcode = Opcode::matrix;
    command.operation = operation;
    command.matrix.m = m;
    command.matrix.n = n;
    command.matrix.k = k;
    command.matrix.begins_operation = first;
    command.matrix.ends_operation = last;
    return command;
}

TEST(PeArrayModel, LoneCommandTakesTheFoldFormula) {
    Bench bench(four_by_four(Dataflow::os));
    bench.driver.add(7, matrix(4, 4, 4, true, true));
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, Times{7 + 10}); // os, n x n x n: 3 n - 2
    EXPECT_EQ(bench.monitor.changes, (std::vector<Change>{{7, UnitState::working}, {17, UnitState::idle}}));
}

// ws, one fold each of T = 10: streams start at 4 and, right behind, at 14, 24, 34; each ends T + r + c - 2 = 16 later.
TEST(PeArrayModel, CommandsBackToBackEqualTheUnionOfTheirFolds) {
    Bench bench(four_by_four());
    for (int i = 0; i < 4; ++i) {
        bench.driver.add(0, matrix(10, 4, 4, i == 0, i == 3));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, (Times{20, 30, 40, 50}));
    EXPECT_EQ(bench.monitor.changes, (std::vector<Change>{{0, UnitState::working}, {50, UnitState::idle}}));
}

TEST(PeArrayModel, MoreCommandsThanItHoldsKeepTheArrayFull) {
    Bench bench(four_by_four());
    for (int i = 0; i < 20; ++i) {
        bench.driver.add(0, matrix(10, 4, 4, i == 0, i == 19));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.accepted[3], 0U);
    EXPECT_EQ(bench.driver.accepted[4], 20U); // END_REQ withheld until the first retires
    EXPECT_EQ(bench.driver.retired.back(), 4U + 19 * 10 + 16);
    EXPECT_EQ(bench.monitor.cycles_in(UnitState::working), 4U + 19 * 10 + 16);
}

TEST(PeArrayModel, WithoutOverlapEveryCommandPaysFillAndDrain) {
    Bench bench(four_by_four(Dataflow::ws, false));
    bench.driver.add(0, matrix(10, 4, 4, true, false));
    bench.driver.add(0, matrix(10, 4, 4, false, true));
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, (Times{20, 40})); // 2 R + C + T - 2 each
}

TEST(PeArrayModel, OperandsThatComeLateLeaveTheArrayWaiting) {
    Bench bench(four_by_four());
    bench.driver.add(0, matrix(10, 4, 4, true, false));
    bench.driver.add(100, matrix(10, 4, 4, false, true));
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, (Times{20, 120}));
    // First fill, two streams of 10, last drain: the same 30 cycles as back to back.
    EXPECT_EQ(bench.monitor.cycles_in(UnitState::working), 30U);
    EXPECT_EQ(bench.monitor.changes.back(), (Change{120, UnitState::idle}));
}

TEST(PeArrayModel, NarrowOfmapPortStretchesTheCommandAndShowsAsStallInFront) {
    // ws writes M x N = 40 sums of 4 bytes while operands enter: 4 + 10 = 14 cycles. At 8 bytes a cycle they take 20.
    Bench bench(four_by_four(), 8);
    bench.driver.add(0, matrix(10, 4, 4, true, true));
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.retired, Times{26});
    EXPECT_EQ(bench.monitor.changes,
              (std::vector<Change>{{0, UnitState::scratchpad_stall}, {6, UnitState::working}, {26, UnitState::idle}}));
}

TEST(PeArrayModel, StallsComeOnTopOfTheUndisturbedWork) {
    Bench bench(four_by_four(), 8);
    for (int i = 0; i < 6; ++i) {
        bench.driver.add(0, matrix(10, 4, 4, i == 0, i == 5));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.monitor.cycles_in(UnitState::working), 4U + 50 + 16);
    // 6 commands of 160 bytes at 8 a cycle from cycle 0: the last stream ends at 120, and drains 6 after that.
    EXPECT_EQ(bench.driver.retired.back(), 126U);
    EXPECT_EQ(bench.monitor.cycles_in(UnitState::scratchpad_stall), 126U - 70);
}

TEST(PeArrayModel, WiderPortsAreNeverSlower) {
    std::uint64_t last = ~std::uint64_t{0};
    // Side by side in one simulation, each in a hierarchy of its own.
    struct Top : sc_core::sc_module {
        Top(const sc_core::sc_module_name& name, unsigned port_bytes)
            : sc_module(name), bench(four_by_four(), port_bytes) {}
        Bench bench;
    };
    std::vector<std::unique_ptr<Top>> tops;
    for (const unsigned port_bytes : {1U, 2U, 3U, 5U, 8U, 13U, 16U, 32U, 64U}) {
        tops.push_back(std::make_unique<Top>(("top" + std::to_string(port_bytes)).c_str(), port_bytes));
        for (std::uint32_t i = 0; i < 12; ++i) {
            tops.back()->bench.driver.add(i * 9, matrix(3 + 5 * (i % 4), 4, 1 + i, i == 0, i == 11));
        }
    }
    sc_core::sc_start();
    for (const auto& top : tops) {
        ASSERT_EQ(top->bench.driver.retired.size(), 12U);
        EXPECT_LE(top->bench.driver.retired.back(), last);
        last = top->bench.driver.retired.back();
    }
}

TEST(PeArrayModel, ScratchpadElementsAreCountedByOperation) {
    Bench bench(four_by_four());
    bench.driver.add(0, matrix(10, 8, 12, true, true, 0)); // F_R = 3, F_C = 2
    bench.driver.add(0, matrix(5, 4, 4, true, true, 1));
    sc_core::sc_start();
    const std::vector<SramCounts>& counts = bench.array->sram_counts_by_operation();
    EXPECT_EQ(counts[0].ifmap_reads, 2U * 10 * 12);
    EXPECT_EQ(counts[0].filter_reads, 12U * 8);
    EXPECT_EQ(counts[0].ofmap_writes, 3U * 10 * 8);
    EXPECT_EQ(counts[0].ofmap_reads, 2U * 10 * 8);
    EXPECT_EQ(counts[1].ifmap_reads, 5U * 4);
}

TEST(PeArrayModel, CommandsItCannotExecuteAreRefused) {
    Bench bench(four_by_four(), 1024, 2);
    Command load;
    bench.driver.add(0, load);
    bench.driver.add(0, matrix(4, 4, 4, true, true, 2)); // only operations 0 and 1 exist
    sc_core::sc_start();
    EXPECT_EQ(bench.driver.refused, (std::vector<tlm::tlm_response_status>{tlm::TLM_GENERIC_ERROR_RESPONSE,
                                                                           tlm::TLM_GENERIC_ERROR_RESPONSE}));
    EXPECT_TRUE(bench.driver.accepted.empty());
}

} // namespace
} // namespace systolica
