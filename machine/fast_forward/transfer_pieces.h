// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Cuts a DMA descriptor into pieces of about so many bytes, in the order of its bursts and so that the bursts of all
// pieces together are those of the whole: runs are cut at multiples of `alignment` only, which the boundaries of bursts
// must be. A piece is longer than asked where that does not let it end earlier, shorter where a dimension ends.
#pragma once

#include <array>
#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

class TransferPieces {
public:
    TransferPieces() = default; // nothing to move
    TransferPieces(const DmaArguments& dma, std::uint64_t alignment);

    bool done() const { return cut_ == whole_bytes_; }
    DmaArguments next(std::uint64_t piece_bytes); // only while not done()

    bool one_run() const { return dma_.count[0] == 1 && dma_.count[1] == 1 && dma_.count[2] == 1; }
    std::uint32_t run_bytes() const { return dma_.run_bytes; } // of rows that touch each other, together

private:
    void cut_run(DmaArguments& piece, std::uint64_t piece_bytes);
    void take_runs(DmaArguments& piece, std::uint64_t piece_bytes);
    void count_on(std::size_t dimension);

    DmaArguments dma_;
    std::uint64_t whole_bytes_ = 0;
    std::uint64_t alignment_ = 1;
    std::uint64_t in_run_ = 0; // bytes of the current run that are cut
    std::array<std::uint32_t, 3> index_{};
    std::uint64_t cut_ = 0;
    std::uint64_t pad_cut_ = 0;
};

// What a memory that moves whole blocks (bursts of its pins) moves for a descriptor, each run for itself.
std::uint64_t block_bytes(const DmaArguments& dma, std::uint64_t block);

} // namespace systolica
