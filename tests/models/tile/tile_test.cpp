// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The real tile on a memory of fixed latency.
#include <vector>

#include <gtest/gtest.h>

#include "models/tile/sync_board.h"
#include "models/tile/tile.h"
#include "tests/models/sequencer/test_units.h"

namespace systolica::sequencer_test {

namespace {

// Answers each access a number of cycles after it came; takes one a cycle and more.
class LatentMemory : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<LatentMemory> in{"in"};
    std::uint64_t read_bytes = 0;
    std::uint64_t write_bytes = 0;

    LatentMemory(const sc_core::sc_module_name& name, std::uint64_t latency_cycles)
        : sc_core::sc_module(name), latency_(latency_cycles) {
        in.register_nb_transport_fw(this, &LatentMemory::take);
        in.register_b_transport(this, &LatentMemory::blocking);
        SC_HAS_PROCESS(LatentMemory);
        SC_METHOD(answer);
        sensitive << answer_;
        dont_initialize();
    }

private:
    void count(tlm::tlm_generic_payload& payload) {
        (payload.is_read() ? read_bytes : write_bytes) += payload.get_data_length();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    void blocking(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        count(payload);
        delay += sc_core::sc_time::from_value(latency_ * kCyclePs);
    }
    tlm::tlm_sync_enum take(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
        if (phase != tlm::BEGIN_REQ) {
            return tlm::TLM_ACCEPTED;
        }
        payload.acquire();
        count(payload);
        pending_.emplace_back(cycle_now() + latency_, &payload);
        answer_.notify(sc_core::sc_time::from_value((pending_.front().first - cycle_now()) * kCyclePs));
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
    void answer() {
        while (!pending_.empty() && pending_.front().first <= cycle_now()) {
            tlm::tlm_generic_payload& payload = *pending_.front().second;
            pending_.pop_front();
            tlm::tlm_phase phase = tlm::BEGIN_RESP;
            sc_core::sc_time delay;
            in->nb_transport_bw(payload, phase, delay);
            payload.release();
        }
        if (!pending_.empty()) {
            answer_.notify(sc_core::sc_time::from_value((pending_.front().first - cycle_now()) * kCyclePs));
        }
    }

    const std::uint64_t latency_;
    std::deque<std::pair<std::uint64_t, tlm::tlm_generic_payload*>> pending_;
    sc_core::sc_event answer_;
};

// A 4 x 4 array, weight stationary, folds one after another; 4 lanes, start-up 5.
TileConfig small_tile() {
    TileConfig config;
    config.pe_array = {4, 4, Dataflow::ws, false, false};
    config.vector_unit.lanes = 4;
    config.vector_unit.startup_cycles = 5;
    config.vector_unit.costs = default_vector_costs();
    return config;
}

constexpr std::uint32_t kTileBytes = 64;   // of the input: one burst
constexpr std::uint32_t kResultBytes = 40; // 10 x 4

// Load, product of 10 x 4 by 4 x 4, relu, store.
void add_step(ListSource& source, std::uint32_t operation, std::uint32_t step) {
    Command& load = source.add(Opcode::load, operation, 0);
    load.dma.memory_address = step * 256;
    load.dma.run_bytes = load.dma.pad_bytes = kTileBytes;
    load.acquire[0] = {Semaphore::ifmap_space, kTileBytes};
    load.release[0] = {Semaphore::ifmap_data, kTileBytes};
    Command& matrix = source.add(Opcode::matrix, operation, 10);
    matrix.matrix.n = 4;
    matrix.matrix.k = 4;
    matrix.matrix.begins_operation = matrix.matrix.ends_operation = true;
    matrix.acquire = {Token{Semaphore::ifmap_data, kTileBytes}, Token{Semaphore::ofmap_space, 160}};
    matrix.release = {Token{Semaphore::ifmap_space, kTileBytes}, Token{Semaphore::ofmap_data, 160}};
    Command& vector = source.add(Opcode::vector, operation, kResultBytes);
    vector.vector.stages[0] = {VectorKernel::relu, 1, operation};
    vector.vector.ofmap_read_bytes = 160;
    vector.vector.vector_write_bytes = kResultBytes;
    vector.acquire = {Token{Semaphore::ofmap_data, 160}, Token{Semaphore::result_space, kResultBytes}};
    vector.release = {Token{Semaphore::ofmap_space, 160}, Token{Semaphore::result_data, kResultBytes}};
    Command& store = source.add(Opcode::store, operation, 0);
    store.dma.memory_address = 0x10000 + step * 256;
    store.dma.run_bytes = store.dma.pad_bytes = kResultBytes;
    store.dma.pad = Pad::vector;
    store.acquire[0] = {Semaphore::result_data, kResultBytes};
    store.release[0] = {Semaphore::result_space, kResultBytes};
}

void double_buffers(ListSource& source) {
    source.start_with(Semaphore::ifmap_space, 2 * kTileBytes);
    source.start_with(Semaphore::ofmap_space, 2 * 160);
    source.start_with(Semaphore::result_space, 2 * kResultBytes);
}

Tile::Params tile_params(unsigned index, ListSource& source, Ledger& ledger, bool lt) {
    Tile::Params params;
    params.index = index;
    params.config = small_tile();
    params.clock = test_clock();
    params.source = &source;
    params.ledger = &ledger;
    params.lt = lt;
    return params;
}

struct TileBench {
    TileBench(ListSource& source, std::uint64_t latency, bool lt = false)
        : ledger(source.operations()),
          board("board", SyncBoard::Params{1, test_clock()}),
          memory("memory", latency),
          tile("tile", tile_params(0, source, ledger, lt)) {
        tile.mem_out.bind(memory.in);
        tile.sync_out.bind(board.tile_in[0]);
    }
    std::vector<OperationAccount> rows() const {
        std::vector<OperationAccount> all = ledger.rows();
        tile.add_counts(all);
        return all;
    }

    Ledger ledger;
    SyncBoard board;
    LatentMemory memory;
    Tile tile;
};

void expect_three_steps(const std::vector<OperationAccount>& rows) {
    ASSERT_EQ(rows.size(), 1U);
    const OperationAccount& row = rows[0];
    EXPECT_EQ(row.start, 0U);
    EXPECT_EQ(row.cycles, 95U);
    EXPECT_EQ(row.end, 95U);
    EXPECT_EQ(row.spent.load, 10U);
    EXPECT_EQ(row.spent.matrix, 60U);
    EXPECT_EQ(row.spent.vector, 15U);
    EXPECT_EQ(row.spent.store, 10U);
    EXPECT_EQ(row.spent.total(), 95U);
    EXPECT_EQ(row.dram_read_bytes, 3U * 64);
    EXPECT_EQ(row.dram_write_bytes, 3U * 40);
    // ws, one fold: ifmap M K, filter K N, ofmap M N.
    EXPECT_EQ(row.sram_ifmap_reads, 3U * 40);
    EXPECT_EQ(row.sram_filter_reads, 3U * 16);
    EXPECT_EQ(row.sram_ofmap_writes, 3U * 40);
}

} // namespace

// A load takes 10 cycles (memory 9, 64 bytes into the pad 1), a product 2 R + C + T - 2 = 20, relu 5 + 40 / 4 = 15, a
// store 10 (pad 1, memory 9). Products follow each other from cycle 10 to 70, the third load goes at 30 when the first
// ring slot is free and hides; after the last product relu and store remain: 70 + 15 + 10 = 95.
TEST(Tile, DoubleBufferedStepsOverlapAsTheTimelineSays) {
    ListSource source;
    double_buffers(source);
    for (std::uint32_t i = 0; i < 3; ++i) {
        add_step(source, 0, i);
    }
    TileBench bench(source, 9);
    sc_core::sc_start();
    EXPECT_TRUE(bench.tile.finished());
    EXPECT_TRUE(bench.ledger.errors().empty());
    expect_three_steps(bench.rows());
    EXPECT_EQ(bench.memory.read_bytes, 3U * 64);
    EXPECT_EQ(bench.memory.write_bytes, 3U * 40);
    EXPECT_EQ(bench.tile.transactions(), 3U * 4 + 6);
    EXPECT_EQ(bench.tile.waiting(), "");
}

TEST(Tile, LooselyTimedMemoryGivesTheSameTimelineWithoutContention) {
    ListSource source;
    double_buffers(source);
    for (std::uint32_t i = 0; i < 3; ++i) {
        add_step(source, 0, i);
    }
    TileBench bench(source, 9, true);
    sc_core::sc_start();
    EXPECT_TRUE(bench.ledger.complete());
    expect_three_steps(bench.rows());
}

// One slot in each ring: nothing overlaps, 3 x (10 + 20) for loads and products, as a step's relu (15) and store hide
// behind the next load and product, except the last.
TEST(Tile, SingleBuffersPutLoadsBetweenProducts) {
    ListSource source;
    double_buffers(source);
    source.start_with(Semaphore::ifmap_space, kTileBytes);
    for (std::uint32_t i = 0; i < 3; ++i) {
        add_step(source, 0, i);
    }
    TileBench bench(source, 9);
    sc_core::sc_start();
    const OperationAccount row = bench.rows()[0];
    EXPECT_EQ(row.cycles, 3U * 30 + 15 + 10);
    EXPECT_EQ(row.spent.matrix, 60U);
    // While the second and third load run, the relu of the step before works for all of their 10 cycles.
    EXPECT_EQ(row.spent.vector, 10U + 10 + 15);
    EXPECT_EQ(row.spent.load, 10U);
    EXPECT_EQ(row.spent.store, 10U);
}

// Operation 1 loads what operation 0 stored: it waits for the event that the store posts.
TEST(Tile, OperationsThatMeetInMemoryAreOrderedByAnEvent) {
    ListSource source;
    source.operation_count = 2;
    double_buffers(source);
    add_step(source, 0, 0);
    source.lists[3].back().post = 1;
    add_step(source, 1, 1);
    source.lists[0].back().wait = {1, 1};
    TileBench bench(source, 9);
    sc_core::sc_start();
    ASSERT_TRUE(bench.ledger.complete());
    const auto rows = bench.rows();
    // load 10, product 30, relu 45; store 55, seen at 56, load 66, product 86, relu 101, store 111.
    EXPECT_EQ(rows[0].retired_at, 45U);
    EXPECT_EQ(rows[0].end, 55U);
    EXPECT_EQ(rows[1].start, 56U);
    EXPECT_EQ(rows[1].retired_at, 111U);
    EXPECT_EQ(rows[1].spent.dependency, 11U);
    EXPECT_EQ(rows[1].spent.load, 10U);
    EXPECT_EQ(rows[1].spent.matrix, 20U);
    EXPECT_EQ(rows[1].spent.vector, 15U);
    EXPECT_EQ(rows[1].spent.store, 10U);
    EXPECT_EQ(rows[0].dram_write_bytes, 40U);
    EXPECT_EQ(rows[1].dram_read_bytes, 64U);
}

TEST(Tile, DeadlockIsToldByQueue) {
    ListSource source;
    double_buffers(source);
    source.start_with(Semaphore::ifmap_space, 60);
    add_step(source, 0, 0);
    TileBench bench(source, 9);
    sc_core::sc_start();
    EXPECT_FALSE(bench.tile.finished());
    EXPECT_EQ(bench.tile.waiting(),
              "tile 0 load queue: operation 0 wants 64 of ifmap_space (60 there)\n"
              "tile 0 matrix queue: operation 0 wants 64 of ifmap_data (0 there), 160 of ofmap_space (320 there)\n"
              "tile 0 vector queue: operation 0 wants 160 of ofmap_data (0 there), 40 of result_space (80 there)\n"
              "tile 0 store queue: operation 0 wants 40 of result_data (0 there)\n");
}

} // namespace systolica::sequencer_test
