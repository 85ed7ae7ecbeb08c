// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The ledger of a chip: operations retire here, in program order, each at max(end of its last matrix or vector work on
// any tile, retirement of the one before); the last one also waits until every tile has finished. At a retirement the
// tiles' cumulative cycles by state are sampled, and the operation's row takes what the tile that ended it last (the
// lowest of several) has spent since the retirement before. So rows add up to the total, states to the cycles.
// Cycles are edges of the chip clock; every call is made at the time that it names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/waves.h"

namespace systolica {

// Where a tile's cycles went: each cycle is in exactly one of these (docs/reference.md, accounting).
struct StateCycles {
    std::uint64_t matrix = 0; // the array works, the vector unit may too
    std::uint64_t vector = 0; // only the vector unit works
    std::uint64_t dependency = 0;
    std::uint64_t scratchpad = 0;
    std::uint64_t load = 0;
    std::uint64_t store = 0;

    std::uint64_t compute() const { return matrix + vector; }
    std::uint64_t total() const { return compute() + dependency + scratchpad + load + store; }
};

StateCycles operator-(const StateCycles& left, const StateCycles& right);

// One operation, all tiles together. The ledger knows the first part; the tiles add what their units have counted.
struct OperationAccount {
    std::uint64_t start = 0; // first command issued
    std::uint64_t end = 0;   // last command done, stores included
    std::uint64_t retired_at = 0;
    std::uint64_t cycles = 0; // retirement minus the retirement before
    unsigned tile = 0;        // whose states these are
    StateCycles spent;
    std::uint64_t sram_ifmap_reads = 0, sram_filter_reads = 0, sram_ofmap_writes = 0; // elements
    std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;                          // payload issued by the DMAs
    std::uint64_t exchanged_bytes = 0;                                                // with scratchpads of tiles
};

// A tile, as the ledger samples it.
class StateSampler {
public:
    virtual ~StateSampler() = default;
    virtual StateCycles sample() = 0; // from the start until now
};

class Ledger {
public:
    explicit Ledger(std::uint32_t operations);
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Before the run: every tile in turn (0, 1, ..), with a mark for each operation it has matrix or vector work for.
    // Returns the tile's number.
    unsigned attach(StateSampler& tile, const std::vector<bool>& works_for);

    void issued(std::uint32_t operation, std::uint64_t cycle);               // any command that works for it
    void done(std::uint32_t operation, std::uint64_t cycle);                 // any command that worked for it
    void ended(unsigned tile, std::uint32_t operation, std::uint64_t cycle); // its matrix and vector work, on a tile
    void finished(unsigned tile, std::uint64_t cycle);                       // a tile, all its commands

    std::uint32_t operations() const { return static_cast<std::uint32_t>(rows_.size()); }
    std::uint32_t retired() const { return retired_; } // also the operation that is next to retire
    bool complete() const { return retired_ == operations() && unfinished_ == 0; }
    std::uint64_t cycles() const { return last_retirement_; }

    // Complete once complete(); rows of operations that have not retired hold start and end only.
    const std::vector<OperationAccount>& rows() const { return rows_; }

    // Broken accounting, a line each; empty unless something is wrong with a program or with us.
    const std::vector<std::string>& errors() const { return errors_; }

    // `operation`: the one that retires next.
    void add_waves(const WaveScope& scope, const Clock& clock);

private:
    struct Progress {
        std::uint32_t tiles_to_go = 0;
        unsigned last_tile = 0;
        std::uint64_t last_end = 0;
        bool issued = false;
    };

    bool is_last(std::uint32_t operation) const { return operation + 1 == operations(); }
    void note_end(unsigned tile, std::uint32_t operation, std::uint64_t cycle);
    void retire_ready(std::uint64_t now);
    void retire(std::uint32_t operation, std::uint64_t now);

    std::vector<OperationAccount> rows_;
    std::vector<Progress> progress_;
    std::vector<StateSampler*> tiles_;
    std::vector<StateCycles> samples_; // at the last retirement, by tile
    std::vector<std::string> errors_;
    std::uint32_t retired_ = 0;
    std::uint64_t last_retirement_ = 0;
    unsigned unfinished_ = 0;
    Clock wave_clock_{1'000'000};
    Wave operation_wave_;
};

} // namespace systolica
