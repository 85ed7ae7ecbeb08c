// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include "tests/models/sequencer/test_units.h"

namespace systolica::sequencer_test {

namespace {

void expect_states(const StateCycles& spent, const StateCycles& expected) {
    EXPECT_EQ(spent.matrix, expected.matrix);
    EXPECT_EQ(spent.vector, expected.vector);
    EXPECT_EQ(spent.dependency, expected.dependency);
    EXPECT_EQ(spent.scratchpad, expected.scratchpad);
    EXPECT_EQ(spent.load, expected.load);
    EXPECT_EQ(spent.store, expected.store);
}

// Double buffers: room for two tiles in each ring.
void pipeline(ListSource& source, int tiles, std::uint32_t load_cycles, std::uint32_t matrix_cycles,
              std::uint32_t vector_cycles, std::uint32_t store_cycles) {
    source.start_with(Semaphore::ifmap_space, 2);
    source.start_with(Semaphore::ofmap_space, 2);
    source.start_with(Semaphore::result_space, 2);
    for (int i = 0; i < tiles; ++i) {
        Command& load = source.add(Opcode::load, 0, load_cycles);
        load.acquire[0] = {Semaphore::ifmap_space, 1};
        load.release[0] = {Semaphore::ifmap_data, 1};
        Command& matrix = source.add(Opcode::matrix, 0, matrix_cycles);
        matrix.acquire = {Token{Semaphore::ifmap_data, 1}, Token{Semaphore::ofmap_space, 1}};
        matrix.release = {Token{Semaphore::ifmap_space, 1}, Token{Semaphore::ofmap_data, 1}};
        Command& vector = source.add(Opcode::vector, 0, vector_cycles);
        vector.acquire = {Token{Semaphore::ofmap_data, 1}, Token{Semaphore::result_space, 1}};
        vector.release = {Token{Semaphore::ofmap_space, 1}, Token{Semaphore::result_data, 1}};
        Command& store = source.add(Opcode::store, 0, store_cycles);
        store.acquire[0] = {Semaphore::result_data, 1};
        store.release[0] = {Semaphore::result_space, 1};
    }
}

using Cycles = std::vector<std::uint64_t>;

} // namespace

// Loads of 10 cycles run back to back; each tile's matrix (6), vector (2) and store (4) follow its load.
TEST(Accounting, LoadBoundPipelineChargesTheGapsToLoads) {
    ListSource source;
    pipeline(source, 4, 10, 6, 2, 4);
    TestChip chip({&source});
    chip.run();
    EXPECT_EQ(chip.tiles[0].load.retired_at, (Cycles{10, 20, 30, 40}));
    EXPECT_EQ(chip.tiles[0].matrix.retired_at, (Cycles{16, 26, 36, 46}));
    EXPECT_EQ(chip.tiles[0].store.retired_at, (Cycles{22, 32, 42, 52}));
    const OperationAccount& row = chip.ledger.rows()[0];
    EXPECT_EQ(row.start, 0U);
    EXPECT_EQ(row.end, 52U);
    EXPECT_EQ(row.cycles, 52U);
    // Before the first tile 10, after each of three 2, and the last store 4.
    expect_states(row.spent, {24, 8, 0, 0, 16, 4});
}

// Matrix commands of 6 cycles run back to back from 3; all else hides behind them but the last tile's rest.
TEST(Accounting, MatrixBoundPipelineHidesLoadsVectorWorkAndStores) {
    ListSource source;
    pipeline(source, 4, 3, 6, 2, 4);
    TestChip chip({&source});
    chip.run();
    EXPECT_EQ(chip.tiles[0].matrix.retired_at, (Cycles{9, 15, 21, 27}));
    EXPECT_EQ(chip.ledger.rows()[0].cycles, 33U);
    expect_states(chip.ledger.rows()[0].spent, {24, 2, 0, 0, 3, 4});
}

// Stores of 20 cycles: two results wait in their ring, then two tiles of sums, and the vector unit stands.
TEST(Accounting, StoreBoundPipelineChargesTheGapsToStores) {
    ListSource source;
    pipeline(source, 4, 1, 1, 1, 20);
    TestChip chip({&source});
    chip.run();
    // Results at 3, 4, then each waits for a store: 23, 43. Vector command i issues when store i - 2 has ended.
    EXPECT_EQ(chip.tiles[0].vector.retired_at, (Cycles{3, 4, 24, 44}));
    EXPECT_EQ(chip.tiles[0].store.retired_at, (Cycles{23, 43, 63, 83}));
    // Loads 0..1; array 1..5; vector only: in 23..24 and 43..44 (its first two hide behind the array).
    expect_states(chip.ledger.rows()[0].spent, {4, 2, 0, 0, 1, 76});
}

// Operation 0 on both tiles (10 and 20 cycles), then operation 1 whose loads wait until both have posted.
TEST(Accounting, TilesMeetAtAnEventAndRowsFollowTheLastTile) {
    std::array<ListSource, 2> sources;
    for (std::size_t i = 0; i < 2; ++i) {
        ListSource& source = sources[i];
        source.operation_count = 2;
        source.add(Opcode::matrix, 0, i == 0 ? 10 : 20).post = 1;
        Command& load = source.add(Opcode::load, 1, 5);
        load.wait = {1, 2};
        load.release[0] = {Semaphore::ifmap_data, 1};
        source.add(Opcode::matrix, 1, 4).acquire[0] = {Semaphore::ifmap_data, 1};
    }
    TestChip chip({&sources[0], &sources[1]});
    chip.run();
    const auto& rows = chip.ledger.rows();
    EXPECT_EQ(rows[0].retired_at, 20U);
    EXPECT_EQ(rows[0].tile, 1U);
    expect_states(rows[0].spent, {20, 0, 0, 0, 0, 0});
    // Posted at 20, seen at 21, loaded at 26, done at 30 on both: the lower tile's states.
    EXPECT_EQ(rows[1].retired_at, 30U);
    EXPECT_EQ(rows[1].start, 21U);
    EXPECT_EQ(rows[1].tile, 0U);
    expect_states(rows[1].spent, {4, 0, 1, 0, 5, 0});
    // Tile 0 stood from 10 to 21 for tile 1.
    EXPECT_EQ(chip.tiles[0].accounting.sample().dependency, 11U);
    EXPECT_TRUE(chip.ledger.errors().empty());
}

// A vector command of 12 cycles with three stages, of the matrix operation and of two fused ones.
TEST(Accounting, FusedOperationsEndAtTheirStages) {
    ListSource source;
    source.operation_count = 3;
    source.add(Opcode::matrix, 0, 10).release[0] = {Semaphore::ofmap_data, 1};
    Command& vector = source.add(Opcode::vector, 0, 12);
    vector.acquire[0] = {Semaphore::ofmap_data, 1};
    for (std::uint32_t i = 0; i < 3; ++i) {
        vector.vector.stages[i].kernel = VectorKernel::relu;
        vector.vector.stages[i].operation = i;
    }
    TestChip chip({&source});
    chip.run();
    const auto& rows = chip.ledger.rows();
    EXPECT_EQ(rows[0].retired_at, 14U);
    EXPECT_EQ(rows[1].retired_at, 18U);
    EXPECT_EQ(rows[2].retired_at, 22U);
    EXPECT_EQ(rows[1].start, 10U);
    expect_states(rows[0].spent, {10, 4, 0, 0, 0, 0});
    expect_states(rows[2].spent, {0, 4, 0, 0, 0, 0});
}

TEST(Accounting, LastOperationDrainsStoresAndLoadOnlyOnesTakeNoCycles) {
    ListSource source;
    source.operation_count = 3;
    source.add(Opcode::matrix, 0, 10).release[0] = {Semaphore::result_data, 1};
    source.add(Opcode::load, 1, 3);
    Command& store = source.add(Opcode::store, 2, 7);
    store.acquire[0] = {Semaphore::result_data, 1};
    TestChip chip({&source});
    chip.run();
    const auto& rows = chip.ledger.rows();
    EXPECT_EQ(rows[0].cycles, 10U);
    EXPECT_EQ(rows[1].cycles, 0U);
    EXPECT_EQ(rows[1].end, 3U);
    EXPECT_EQ(rows[2].cycles, 7U);
    expect_states(rows[2].spent, {0, 0, 0, 0, 0, 7});
    EXPECT_EQ(chip.ledger.cycles(), 17U);
}

// The unit's own word: it stalls at bank ports for 3 of its 8 cycles.
TEST(Accounting, ScratchpadStallsOfAUnitAreTheirOwnState) {
    ListSource source;
    TestChip chip({&source});
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    Accounting& accounting = chip.tiles[0].accounting;
    const auto pass = [](std::uint64_t cycles) { sc_core::sc_start(sc_core::sc_time::from_value(cycles * kCyclePs)); };
    accounting.unit_state(Queue::matrix, UnitState::scratchpad_stall);
    pass(3);
    accounting.unit_state(Queue::matrix, UnitState::working);
    pass(5);
    accounting.unit_state(Queue::vector, UnitState::working);
    accounting.unit_state(Queue::matrix, UnitState::scratchpad_stall);
    pass(2); // the vector unit works: compute
    accounting.unit_state(Queue::vector, UnitState::idle);
    accounting.unit_state(Queue::matrix, UnitState::idle);
    expect_states(accounting.sample(), {5, 2, 0, 3, 0, 0});
}

} // namespace systolica::sequencer_test
