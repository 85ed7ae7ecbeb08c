// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip/ledger.h"

#include <algorithm>

namespace systolica {

StateCycles operator-(const StateCycles& left, const StateCycles& right) {
    StateCycles difference;
    difference.matrix = left.matrix - right.matrix;
    difference.vector = left.vector - right.vector;
    difference.dependency = left.dependency - right.dependency;
    difference.scratchpad = left.scratchpad - right.scratchpad;
    difference.load = left.load - right.load;
    difference.store = left.store - right.store;
    return difference;
}

Ledger::Ledger(std::uint32_t operations) : rows_(operations), progress_(operations) {}

unsigned Ledger::attach(StateSampler& tile, const std::vector<bool>& works_for) {
    for (std::size_t operation = 0; operation < progress_.size(); ++operation) {
        if (operation < works_for.size() && works_for[operation]) {
            ++progress_[operation].tiles_to_go;
        }
    }
    tiles_.push_back(&tile);
    samples_.emplace_back();
    ++unfinished_;
    return static_cast<unsigned>(tiles_.size() - 1);
}

void Ledger::issued(std::uint32_t operation, std::uint64_t cycle) {
    Progress& progress = progress_[operation];
    if (!progress.issued) {
        progress.issued = true;
        rows_[operation].start = cycle;
        rows_[operation].end = cycle;
    }
}

void Ledger::done(std::uint32_t operation, std::uint64_t cycle) {
    rows_[operation].end = std::max(rows_[operation].end, cycle);
}

void Ledger::ended(unsigned tile, std::uint32_t operation, std::uint64_t cycle) {
    if (progress_[operation].tiles_to_go == 0) {
        errors_.push_back("operation " + std::to_string(operation) + " ended on more tiles than work for it");
        return;
    }
    --progress_[operation].tiles_to_go;
    note_end(tile, operation, cycle);
    retire_ready(cycle);
}

void Ledger::finished(unsigned tile, std::uint64_t cycle) {
    --unfinished_;
    if (!progress_.empty()) {
        note_end(tile, operations() - 1, cycle);
    }
    retire_ready(cycle);
}

void Ledger::note_end(unsigned tile, std::uint32_t operation, std::uint64_t cycle) {
    Progress& progress = progress_[operation];
    if (cycle > progress.last_end || (cycle == progress.last_end && tile < progress.last_tile)) {
        progress.last_tile = tile;
        progress.last_end = cycle;
    }
}

void Ledger::retire_ready(std::uint64_t now) {
    while (retired_ < operations() && progress_[retired_].tiles_to_go == 0 &&
           (!is_last(retired_) || unfinished_ == 0)) {
        retire(retired_, now);
        ++retired_;
        operation_wave_.set(wave_clock_.edge_ps(now), retired_);
    }
}

// An operation that ended before its predecessor retired, or that has no matrix or vector work at all, retires with
// its predecessor: a row of no cycles, which needs no sample.
void Ledger::retire(std::uint32_t operation, std::uint64_t now) {
    const Progress& progress = progress_[operation];
    OperationAccount& row = rows_[operation];
    row.retired_at = std::max(progress.last_end, last_retirement_);
    row.tile = progress.last_tile;
    row.cycles = row.retired_at - last_retirement_;
    if (!progress.issued) {
        row.start = row.retired_at;
        row.end = row.retired_at;
    }
    if (row.cycles == 0) {
        return;
    }
    last_retirement_ = row.retired_at;
    for (std::size_t tile = 0; tile < tiles_.size(); ++tile) {
        const StateCycles sample = tiles_[tile]->sample();
        if (tile == row.tile) {
            row.spent = sample - samples_[tile];
        }
        samples_[tile] = sample;
    }
    if (row.retired_at != now || row.spent.total() != row.cycles) {
        errors_.push_back("operation " + std::to_string(operation) + ": states add up to " +
                          std::to_string(row.spent.total()) + " cycles, expected " + std::to_string(row.cycles) +
                          " (retired in cycle " + std::to_string(row.retired_at) + ", seen in cycle " +
                          std::to_string(now) + ")");
    }
}

void Ledger::add_waves(const WaveScope& scope, const Clock& clock) {
    wave_clock_ = clock;
    operation_wave_ = scope.add("operation", 16);
}

} // namespace systolica
