// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include "tests/models/sequencer/test_units.h"

namespace systolica::sequencer_test {

namespace {

using Cycles = std::vector<std::uint64_t>;

} // namespace

// DMA queues hold four commands; a fifth has its END_REQ withheld, a sixth is not offered.
TEST(Sequencer, OffersOneCommandMoreThanItsUnitHolds) {
    ListSource source;
    for (int i = 0; i < 8; ++i) {
        source.add(Opcode::load, 0, 10);
    }
    TestChip chip({&source});
    chip.run();
    EXPECT_EQ(chip.tiles[0].load.taken_at, (Cycles{0, 0, 0, 0, 0, 10, 20, 30}));
    EXPECT_EQ(chip.tiles[0].load.retired_at, (Cycles{10, 20, 30, 40, 50, 60, 70, 80}));
    EXPECT_TRUE(chip.tiles[0].sequencer.finished());
    EXPECT_EQ(chip.tiles[0].sequencer.waiting(), "");
}

TEST(Sequencer, CommandIssuesInTheCycleOfItsLastToken) {
    ListSource source;
    source.add(Opcode::load, 0, 7).release[0] = {Semaphore::ifmap_data, 1};
    source.add(Opcode::load, 0, 6).release[0] = {Semaphore::filter_data, 1};
    source.add(Opcode::matrix, 0, 3).acquire = {Token{Semaphore::ifmap_data, 1}, Token{Semaphore::filter_data, 1}};
    TestChip chip({&source});
    chip.run();
    EXPECT_EQ(chip.tiles[0].matrix.taken_at, Cycles{13});
    EXPECT_EQ(chip.tiles[0].matrix.retired_at, Cycles{16});
}

TEST(Sequencer, BlockedQueueLeavesTheOthersGoing) {
    ListSource source;
    source.start_with(Semaphore::ifmap_space, 100);
    source.add(Opcode::load, 0, 5).acquire[0] = {Semaphore::ifmap_space, 60};
    // Needs more than is there until the matrix command gives back.
    source.add(Opcode::load, 0, 5).acquire[0] = {Semaphore::ifmap_space, 60};
    source.add(Opcode::load, 0, 5); // in order: behind the blocked one although it needs nothing
    source.add(Opcode::matrix, 0, 20).release[0] = {Semaphore::ifmap_space, 60};
    source.add(Opcode::store, 0, 2);
    TestChip chip({&source});
    chip.run();
    EXPECT_EQ(chip.tiles[0].load.taken_at, (Cycles{0, 20, 20}));
    EXPECT_EQ(chip.tiles[0].matrix.taken_at, Cycles{0});
    EXPECT_EQ(chip.tiles[0].store.taken_at, Cycles{0});
}

// overlap: none is a semaphore like any other: one unit at a time, in program order.
TEST(Sequencer, SerialSemaphoreRunsOneUnitAtATime) {
    ListSource source;
    source.start_with(Semaphore::serial, 1);
    const Token serial{Semaphore::serial, 1};
    for (int i = 0; i < 2; ++i) {
        Command& load = source.add(Opcode::load, 0, 4);
        load.acquire[0] = serial;
        load.release = {serial, Token{Semaphore::ifmap_data, 1}};
        Command& matrix = source.add(Opcode::matrix, 0, 6);
        matrix.acquire = {serial, Token{Semaphore::ifmap_data, 1}};
        matrix.release[0] = serial;
    }
    TestChip chip({&source});
    chip.run();
    // The load queue is asked first, so both loads go before the first matrix command.
    EXPECT_EQ(chip.tiles[0].load.retired_at, (Cycles{4, 8}));
    EXPECT_EQ(chip.tiles[0].matrix.retired_at, (Cycles{14, 20}));
    const StateCycles& spent = chip.ledger.rows()[0].spent;
    EXPECT_EQ(spent.matrix, 12U);
    EXPECT_EQ(spent.load, 8U);
}

TEST(Sequencer, WaitsForTheEventAndForTokens) {
    ListSource poster;
    poster.operation_count = 1;
    poster.add(Opcode::store, 0, 9).post = 5;
    ListSource waiter;
    waiter.add(Opcode::load, 0, 30).release[0] = {Semaphore::operand_data, 8};
    Command& vector = waiter.add(Opcode::vector, 0, 2);
    vector.wait = {5, 1};
    vector.acquire[0] = {Semaphore::operand_data, 8};
    waiter.add(Opcode::matrix, 0, 1).wait = {5, 1};
    TestChip chip({&poster, &waiter});
    chip.run();
    // Posted at 9, seen at 10.
    EXPECT_EQ(chip.tiles[1].matrix.taken_at, Cycles{10});
    EXPECT_EQ(chip.tiles[1].vector.taken_at, Cycles{30});
}

TEST(Sequencer, DeadlockReportNamesWhatEachQueueWaitsFor) {
    ListSource source;
    source.operation_count = 4;
    source.start_with(Semaphore::ifmap_space, 1024);
    source.add(Opcode::load, 1, 1).acquire[0] = {Semaphore::ifmap_space, 4096};
    source.add(Opcode::matrix, 2, 1).acquire = {Token{Semaphore::ifmap_data, 64}, Token{Semaphore::filter_data, 32}};
    source.add(Opcode::vector, 3, 1).wait = {7, 2};
    source.add(Opcode::store, 0, 5).post = 7;
    TestChip chip({&source});
    chip.run();
    EXPECT_FALSE(chip.tiles[0].sequencer.finished());
    EXPECT_FALSE(chip.ledger.complete());
    EXPECT_EQ(chip.tiles[0].sequencer.waiting(),
              "tile 0 load queue: operation 1 wants 4096 of ifmap_space (1024 there)\n"
              "tile 0 matrix queue: operation 2 wants 64 of ifmap_data (0 there), 32 of filter_data (0 there)\n"
              "tile 0 vector queue: operation 3 waits for event 7 to count 2, it is at 1\n");
}

TEST(Sequencer, ReportBeforeTheEndNamesFullUnits) {
    ListSource source;
    for (int i = 0; i < 4; ++i) {
        source.add(Opcode::matrix, 0, 10);
    }
    source.add(Opcode::store, 0, 10);
    TestChip chip({&source});
    sc_core::sc_start(sc_core::sc_time::from_value(5 * kCyclePs));
    EXPECT_EQ(chip.tiles[0].sequencer.waiting(),
              "tile 0 matrix queue: operation 0 waits for its unit to take a command; 3 in its unit\n"
              "tile 0 store queue: its last commands are not done; 1 in its unit\n");
}

TEST(Sequencer, EmptyProgramIsFinishedAtOnce) {
    ListSource source;
    TestChip chip({&source});
    chip.run();
    EXPECT_TRUE(chip.tiles[0].sequencer.finished());
    EXPECT_TRUE(chip.ledger.complete());
    EXPECT_EQ(chip.ledger.cycles(), 0U);
}

namespace {

class Recorder : public WaveSink {
public:
    bool add(const std::string& path, unsigned, std::uint32_t& id) override {
        id = static_cast<std::uint32_t>(changes.size());
        paths.push_back(path);
        changes.emplace_back();
        return true;
    }
    void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
        EXPECT_GE(time_ps, last_ps_);
        last_ps_ = time_ps;
        auto& list = changes[id];
        if (!list.empty() && list.back().first == time_ps / kCyclePs) {
            list.back().second = value; // what is left at the end of a cycle
        } else {
            list.emplace_back(time_ps / kCyclePs, value);
        }
    }
    using Changes = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    const Changes& of(const std::string& path) const {
        for (std::size_t i = 0; i < paths.size(); ++i) {
            if (paths[i] == path) {
                return changes[i];
            }
        }
        ADD_FAILURE() << path;
        return changes.front();
    }
    std::vector<std::string> paths;
    std::vector<Changes> changes;

private:
    std::uint64_t last_ps_ = 0;
};

} // namespace

TEST(Sequencer, WavesShowQueueStatesAndPadLevels) {
    ListSource source;
    source.start_with(Semaphore::ifmap_space, 64);
    for (int i = 0; i < 2; ++i) {
        Command& load = source.add(Opcode::load, 0, 10);
        load.acquire[0] = {Semaphore::ifmap_space, 48};
        load.release[0] = {Semaphore::ifmap_data, 48};
        Command& matrix = source.add(Opcode::matrix, 0, 5);
        matrix.acquire[0] = {Semaphore::ifmap_data, 48};
        matrix.release[0] = {Semaphore::ifmap_space, 48};
    }
    Recorder waves;
    TestChip chip({&source});
    chip.tiles[0].sequencer.add_waves(WaveScope(&waves, "t.sequencer"), WaveScope(&waves, "t.spad"));
    chip.tiles[0].accounting.add_waves(WaveScope(&waves, "t"));
    chip.run();
    // Load 0..10, waits for space until the matrix command gives it back at 15, load 15..25.
    EXPECT_EQ(waves.of("t.sequencer.load.state"), (Recorder::Changes{{0, 4}, {10, 3}, {15, 4}, {25, 0}}));
    EXPECT_EQ(waves.of("t.sequencer.matrix.state"), (Recorder::Changes{{0, 2}, {10, 4}, {15, 2}, {25, 4}, {30, 0}}));
    EXPECT_EQ(waves.of("t.spad.ifmap.level"), (Recorder::Changes{{0, 48}, {15, 48}, {30, 0}}));
    // load, matrix, load, matrix, nothing
    EXPECT_EQ(waves.of("t.state"), (Recorder::Changes{{0, 5}, {10, 1}, {15, 5}, {25, 1}, {30, 0}}));
}

} // namespace systolica::sequencer_test
