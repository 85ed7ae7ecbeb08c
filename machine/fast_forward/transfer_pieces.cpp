// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/fast_forward/transfer_pieces.h"

#include <algorithm>
#include <limits>

#include "base/integer.h"

namespace systolica {

namespace {

// Rows that lie next to each other are one run: it may be cut anywhere.
DmaArguments joined(DmaArguments dma) {
    for (std::size_t i = 0; i < dma.count.size(); ++i) {
        if (dma.count[i] == 1) {
            continue;
        }
        const std::uint64_t longer = std::uint64_t{dma.run_bytes} * dma.count[i];
        if (dma.stride_bytes[i] != dma.run_bytes || longer > std::numeric_limits<std::uint32_t>::max()) {
            break;
        }
        dma.run_bytes = static_cast<std::uint32_t>(longer);
        dma.count[i] = 1;
    }
    return dma;
}

} // namespace

TransferPieces::TransferPieces(const DmaArguments& dma, std::uint64_t alignment)
    : dma_(joined(dma)), whole_bytes_(dma.bytes()), alignment_(alignment) {}

DmaArguments TransferPieces::next(std::uint64_t piece_bytes) {
    DmaArguments piece = dma_;
    piece.memory_address += in_run_;
    for (std::size_t i = 0; i < index_.size(); ++i) {
        piece.memory_address += std::uint64_t{index_[i]} * dma_.stride_bytes[i];
    }
    if (in_run_ != 0 || dma_.run_bytes > piece_bytes) {
        cut_run(piece, piece_bytes);
    } else {
        take_runs(piece, piece_bytes);
    }
    cut_ += piece.bytes();
    const std::uint64_t pad_end = whole_bytes_ == dma_.pad_bytes ? cut_ : cut_ * dma_.pad_bytes / whole_bytes_;
    piece.pad_address = static_cast<std::uint32_t>(dma_.pad_address + pad_cut_);
    piece.pad_bytes = static_cast<std::uint32_t>(pad_end - pad_cut_);
    pad_cut_ = pad_end;
    return piece;
}

void TransferPieces::cut_run(DmaArguments& piece, std::uint64_t piece_bytes) {
    const std::uint64_t begin = piece.memory_address;
    const std::uint64_t end = (begin + std::max(piece_bytes, alignment_)) / alignment_ * alignment_;
    const std::uint64_t bytes = std::min(dma_.run_bytes - in_run_, end - begin);
    piece.run_bytes = static_cast<std::uint32_t>(bytes);
    piece.count = {1, 1, 1};
    in_run_ += bytes;
    if (in_run_ == dma_.run_bytes) {
        in_run_ = 0;
        count_on(0);
    }
}

// Whole repetitions of the outermost dimension that fits, from a place where those inside it begin.
void TransferPieces::take_runs(DmaArguments& piece, std::uint64_t piece_bytes) {
    std::uint64_t block = dma_.run_bytes;
    std::size_t along = 0;
    while (along + 1 < index_.size() && index_[along] == 0 && block * dma_.count[along] <= piece_bytes) {
        block *= dma_.count[along++];
    }
    const std::uint64_t left = dma_.count[along] - index_[along];
    const auto times = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(piece_bytes / block, 1, left));
    piece.count[along] = times;
    for (std::size_t i = along + 1; i < index_.size(); ++i) {
        piece.count[i] = 1;
    }
    index_[along] += times - 1;
    count_on(along);
}

void TransferPieces::count_on(std::size_t dimension) {
    for (; dimension < index_.size(); ++dimension) {
        if (++index_[dimension] < dma_.count[dimension]) {
            return;
        }
        index_[dimension] = 0;
    }
}

std::uint64_t block_bytes(const DmaArguments& dma, std::uint64_t block) {
    std::uint64_t blocks = 0;
    for (std::uint64_t i2 = 0; i2 < dma.count[2]; ++i2) {
        for (std::uint64_t i1 = 0; i1 < dma.count[1]; ++i1) {
            const std::uint64_t row = dma.memory_address + i1 * dma.stride_bytes[1] + i2 * dma.stride_bytes[2];
            const bool alike = dma.stride_bytes[0] % block == 0;
            for (std::uint64_t i0 = 0; i0 < dma.count[0]; i0 += alike ? dma.count[0] : 1) {
                const std::uint64_t start = (row + i0 * dma.stride_bytes[0]) % block;
                blocks += ceil_div(start + dma.run_bytes, block) * (alike ? dma.count[0] : 1);
            }
        }
    }
    return blocks * block;
}

} // namespace systolica
