// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When bursts go out and commands retire.
#include "tests/models/dma/dma_bench.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

using unit_test::DmaBench;
using unit_test::transfer;
using Answer = unit_test::TestMemory::Answer;
using Times = std::vector<std::uint64_t>;

constexpr std::uint32_t kBurst = 256;

// Twelve bursts, four in flight, latency 20: the window opens when answers come.
const Times kWindowOfFour{0, 1, 2, 3, 20, 21, 22, 23, 40, 41, 42, 43};

TEST(DmaTiming, WindowBoundsBurstsInFlight) {
    DmaBench bench({});
    bench.loads.add(0, transfer(Opcode::load, 0, 12 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), kWindowOfFour);
    EXPECT_EQ(bench.memory.largest_in_flight, 4U);
    EXPECT_EQ(bench.loads.retired, Times{43 + 20 + 1}); // and one cycle into the pad
}

TEST(DmaTiming, WideWindowSendsOneBurstACycle) {
    DmaBench bench({}, 64);
    bench.loads.add(5, transfer(Opcode::load, 0, 40 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, Times{5 + 39 + 20 + 1});
}

TEST(DmaTiming, AnnotatedAnswersKeepTheWindow) {
    DmaBench bench({{20}, Answer::completed});
    bench.loads.add(0, transfer(Opcode::load, 0, 12 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), kWindowOfFour);
    EXPECT_EQ(bench.loads.retired, Times{64});
}

TEST(DmaTiming, ResponseInTheForwardCallIsEndedAndKeepsTheWindow) {
    DmaBench bench({{20}, Answer::begin_resp});
    bench.loads.add(0, transfer(Opcode::load, 0, 12 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.end_responses, 12U);
    EXPECT_EQ(bench.memory.request_cycles(), kWindowOfFour);
    EXPECT_EQ(bench.loads.retired, Times{64});
}

TEST(DmaTiming, LooselyTimedKeepsTheWindow) {
    DmaBench bench({}, 4, true);
    bench.loads.add(0, transfer(Opcode::load, 0, 12 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), kWindowOfFour);
    EXPECT_EQ(bench.loads.retired, Times{64});
}

TEST(DmaTiming, PortWaitsAsLongAsTheTargetSays) {
    DmaBench bench({{20}, Answer::end_req, 9}, 16);
    bench.loads.add(0, transfer(Opcode::load, 0, 4 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 9, 18, 27}));
    EXPECT_EQ(bench.loads.retired, Times{48});
}

TEST(DmaTiming, PortWaitsForALateEndReq) {
    DmaBench bench({{20}, Answer::late_end_req, 6}, 16);
    bench.loads.add(0, transfer(Opcode::load, 0, 3 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 6, 12}));
    EXPECT_EQ(bench.loads.retired, Times{33});
}

TEST(DmaTiming, ResponseImpliesEndReq) {
    DmaBench bench({{20}, Answer::no_end_req}, 16);
    bench.loads.add(0, transfer(Opcode::load, 0, 3 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 20, 40}));
    EXPECT_EQ(bench.loads.retired, Times{61});
}

TEST(DmaTiming, BurstsOfTheNextCommandGoOutWhileTheLastIsUnanswered) {
    DmaBench bench({}, 16);
    bench.loads.add(0, transfer(Opcode::load, 0, 2 * kBurst));
    bench.loads.add(0, transfer(Opcode::load, 4096, 2 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 1, 2, 3}));
    EXPECT_EQ(bench.loads.retired, (Times{22, 24}));
}

TEST(DmaTiming, CommandsRetireInOrderThoughAnswersDoNotComeInOrder) {
    DmaBench bench({{100, 10}}, 16); // first command slow, second fast, and so on
    for (std::uint64_t i = 0; i < 4; ++i) {
        bench.loads.add(0, transfer(Opcode::load, 4096 * i, kBurst));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, (Times{101, 101, 103, 103})); // the driver checks the order
}

TEST(DmaTiming, FifthCommandIsAcceptedWhenTheFirstRetires) {
    DmaBench bench({}, 16);
    for (std::uint64_t i = 0; i < 6; ++i) {
        bench.loads.add(0, transfer(Opcode::load, 4096 * i, kBurst));
    }
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.accepted, (Times{0, 0, 0, 0, 21, 22}));
    EXPECT_EQ(bench.loads.retired, (Times{21, 22, 23, 24, 42, 43}));
}

TEST(DmaTiming, LoadsAndStoresTakeTurns) {
    DmaBench bench({}, 16);
    bench.loads.add(0, transfer(Opcode::load, 0, 8 * kBurst));
    bench.stores.add(0, transfer(Opcode::store, 1 << 20, 4 * kBurst));
    sc_core::sc_start();
    std::string order;
    for (const auto& request : bench.memory.requests) {
        order += request.write ? 's' : 'l';
    }
    EXPECT_EQ(order, "lslslslsllll");
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST(DmaTiming, EachDirectionHasItsOwnWindow) {
    DmaBench bench({}, 2);
    bench.loads.add(0, transfer(Opcode::load, 0, 4 * kBurst));
    bench.stores.add(0, transfer(Opcode::store, 1 << 20, 4 * kBurst));
    sc_core::sc_start();
    // Loads at 0 and 2, stores at 1 and 3; each window opens 20 cycles later.
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 1, 2, 3, 20, 21, 22, 23}));
    EXPECT_EQ(bench.memory.largest_in_flight, 4U);
}

TEST(DmaTiming, StoreIsReadFromItsPadBeforeItIsSent) {
    DmaBench bench({}, 16, false, 4); // 8 banks of 4 bytes: 8 cycles a burst
    bench.stores.add(0, transfer(Opcode::store, 0, 3 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{8, 16, 24})); // one burst is read ahead
    EXPECT_EQ(bench.stores.retired, Times{44});
}

TEST(DmaTiming, LoadWaitsForItsPad) {
    DmaBench bench({}, 16, false, 4);
    bench.loads.add(0, transfer(Opcode::load, 0, 3 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, Times{20 + 3 * 8});
}

TEST(DmaTiming, AnswersBetweenEdgesAreTakenAtTheNextEdge) {
    unit_test::TestMemory::Params memory;
    memory.late_ps = 1;
    DmaBench bench(memory, 1);
    bench.loads.add(0, transfer(Opcode::load, 0, 2 * kBurst));
    sc_core::sc_start();
    EXPECT_EQ(bench.memory.request_cycles(), (Times{0, 21}));
    EXPECT_EQ(bench.loads.retired, Times{21 + 21 + 1});
}

TEST(DmaTiming, CommandThatMovesNothingRetiresAtOnce) {
    DmaBench bench({});
    bench.loads.add(3, transfer(Opcode::load, 0, 0));
    bench.stores.add(4, transfer(Opcode::store, 0, 0));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, Times{3});
    EXPECT_EQ(bench.stores.retired, Times{4});
    EXPECT_TRUE(bench.memory.requests.empty());
}

} // namespace
} // namespace systolica
