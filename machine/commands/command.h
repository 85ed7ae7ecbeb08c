// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The tile command: what a sequencer reads and the units of a tile execute. On the wire it is a fixed 128-byte
// little-endian record (record.h, docs/commands.md) without pointers; this is its host view.
//
// Commands of one queue issue and retire in order. The four queues of a tile know each other only through
// semaphores: counters of bytes of scratchpad space and of scratchpad data. A command issues when every amount it
// acquires is there (taken at once, or not at all), and adds what it releases when it retires.
#pragma once

#include <array>
#include <cstdint>

#include "machine/pe_array/config.h"
#include "machine/scratchpad/config.h"
#include "machine/vector_unit/config.h"

namespace systolica {

enum class Queue : std::uint8_t { load, matrix, vector, store };

constexpr std::size_t kQueues = 4;

constexpr const char* queue_name(Queue queue) {
    constexpr std::array<const char*, kQueues> names{"load", "matrix", "vector", "store"};
    return names[static_cast<std::size_t>(queue)];
}

// Counting semaphores of a tile, in bytes. `space` starts at the capacity that the program declares
// (CommandSource::initial), `data` at zero. The vector pad is used as two rings: operands in, results out.
enum class Semaphore : std::uint8_t {
    none,
    ifmap_space,
    ifmap_data,
    filter_space,
    filter_data,
    ofmap_space,
    ofmap_data,    // finished sums for the vector unit
    operand_space, // vector pad, operands that the DMA loads for the vector unit
    operand_data,
    result_space, // vector pad, results that wait for the store queue
    result_data,
    kept_data,     // a tensor that the vector unit left in the ifmap pad for the next operation
    serial,        // overlap: none, one unit at a time
    ofmap_results, // finished sums that the store queue takes as they are
    step_load,   // lockstep (mapping/simdit): how many commands of the step before are done, for the first one of this
    step_matrix, // step in each queue; they count commands, not bytes
    step_vector,
    step_store,
    count
};

constexpr std::size_t kSemaphores = static_cast<std::size_t>(Semaphore::count);

struct Token {
    Semaphore semaphore = Semaphore::none;
    std::uint32_t amount = 0;
};

constexpr std::size_t kTokens = 4; // acquires and releases a command may have, each

// Events between tiles (and operations): a counter per event number on the chip's sync board, counted up by posts and
// never taken back. A command with an event waits until the count reaches the threshold.
struct EventWait {
    std::uint32_t event = 0; // 0: none
    std::uint32_t threshold = 0;
};

// DMA: `run_bytes` contiguous bytes, repeated over up to three outer dimensions, from (load) or to (store) memory.
// On the scratchpad side the bytes are packed, from pad_address upwards, wrapping in the pad.
struct DmaArguments {
    std::uint64_t memory_address = 0;
    std::uint32_t run_bytes = 0;
    std::array<std::uint32_t, 3> count{1, 1, 1}; // innermost first
    std::array<std::uint32_t, 3> stride_bytes{}; // between repetitions, in memory
    Pad pad = Pad::ifmap;
    std::uint32_t pad_address = 0;
    std::uint32_t pad_bytes = 0; // moved at the scratchpad: differs from bytes() where a store narrows accumulators
    // Several tiles have a command for the same bytes in memory. Loads: read once and delivered to all of them
    // (multicast). Stores of accumulators into a tile's pad: added on the way, or there (reduction). The memory may
    // ignore it and serve each alone.
    std::uint16_t sharers = 0; // so many tiles; 0: this one alone
    bool follows = false;      // another one of them counts the bytes as memory's

    std::uint64_t bytes() const { return std::uint64_t{run_bytes} * count[0] * count[1] * count[2]; }
};

// Matrix: ofmap[m][n] (+)= sum over k of ifmap[m][k] * filter[k][n], `groups` times.
struct MatrixArguments {
    std::uint32_t m = 0;
    std::uint32_t n = 0;
    std::uint32_t k = 0;
    std::uint32_t groups = 1;
    bool accumulate = false;       // adds to sums that are in the ofmap pad already
    bool begins_operation = false; // first matrix command of an operation on this tile: the array is empty before it
    bool ends_operation = false;   // last matrix command of an operation on this tile
    std::uint32_t ifmap_address = 0;
    std::uint32_t filter_address = 0;
    std::uint32_t ofmap_address = 0;
};

struct VectorStage {
    VectorKernel kernel = VectorKernel::none;
    std::uint32_t taps = 1;      // window positions of an output element
    std::uint32_t operation = 0; // whose work it is, for accounting
};

constexpr std::size_t kVectorStages = 4;

// Vector: the stages run one after another over `elements` output elements.
struct VectorArguments {
    std::uint32_t elements = 0;
    std::array<VectorStage, kVectorStages> stages{}; // up to the first `none`
    std::uint32_t ofmap_read_bytes = 0;
    std::uint32_t vector_read_bytes = 0;
    std::uint32_t ifmap_read_bytes = 0;
    std::uint32_t vector_write_bytes = 0;
    std::uint32_t ifmap_write_bytes = 0; // results kept on chip for the next operation
};

enum class Opcode : std::uint8_t { load, store, matrix, vector };

struct Command {
    Opcode opcode = Opcode::load;
    std::uint32_t operation = 0; // index in the plan: the row of layers.csv it works for
    std::array<Token, kTokens> acquire{};
    std::array<Token, kTokens> release{};
    EventWait wait;
    std::uint32_t post = 0; // event counted up by one when the command retires; 0: none
    // Only the member that the opcode names is meaningful.
    DmaArguments dma;
    MatrixArguments matrix;
    VectorArguments vector;
};

constexpr Queue queue_of(Opcode opcode) {
    switch (opcode) {
    case Opcode::load:
        return Queue::load;
    case Opcode::store:
        return Queue::store;
    case Opcode::matrix:
        return Queue::matrix;
    case Opcode::vector:
        return Queue::vector;
    }
    return Queue::load;
}

} // namespace systolica
