// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where an address lives. Channels interleave in blocks of interleave_bytes; within a channel the local address reads,
// from the top: row | bank | column | byte of a burst. All functions are pure and bijective over the memory.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "machine/dram/config.h"

namespace systolica {

// System address <-> (channel, address within the channel).
class ChannelInterleave {
public:
    ChannelInterleave(unsigned channels, unsigned interleave_bytes)
        : channels_(channels), block_bytes_(interleave_bytes) {
        if (channels == 0 || interleave_bytes == 0) {
            throw std::invalid_argument("DRAM channels and interleave_bytes must not be zero");
        }
    }

    unsigned channel(std::uint64_t address) const {
        return channels_ == 1 ? 0 : static_cast<unsigned>(address / block_bytes_ % channels_);
    }
    std::uint64_t local(std::uint64_t address) const {
        return channels_ == 1 ? address : address / block_bytes_ / channels_ * block_bytes_ + address % block_bytes_;
    }
    std::uint64_t system(unsigned channel, std::uint64_t local) const {
        return (local / block_bytes_ * channels_ + channel) * block_bytes_ + local % block_bytes_;
    }
    // A range that leaves its block goes on in another channel.
    bool within_channel(std::uint64_t address, std::uint64_t bytes) const {
        return channels_ == 1 || address % block_bytes_ + bytes <= block_bytes_;
    }

private:
    std::uint64_t channels_;
    std::uint64_t block_bytes_;
};

// A burst of the device: `column` counts whole bursts from the start of the row.
struct DramLocation {
    std::uint64_t row = 0;
    unsigned bank = 0;
    unsigned column = 0;
};

// Address within a channel <-> bank, row, column. Burst, page and bank counts are powers of two, as in every JEDEC
// part.
class DramAddressMap {
public:
    explicit DramAddressMap(const DramPart& part)
        : burst_bits_(log2_exact(part.burst_bytes())),
          page_bits_(log2_exact(part.page_bytes)),
          bank_bits_(log2_exact(part.banks)),
          capacity_bytes_(part.rows * part.banks * part.page_bytes) {
        if (page_bits_ < burst_bits_ || part.rows == 0) {
            throw std::invalid_argument("DRAM page must hold a burst, and rows must not be zero");
        }
    }

    std::uint64_t capacity_bytes() const { return capacity_bytes_; }
    unsigned columns_of_row() const { return 1U << (page_bits_ - burst_bits_); }
    std::uint64_t burst_of(std::uint64_t local) const { return local >> burst_bits_; }

    DramLocation locate(std::uint64_t local) const { return locate_burst(local >> burst_bits_); }
    DramLocation locate_burst(std::uint64_t burst) const {
        const unsigned column_bits = page_bits_ - burst_bits_;
        return {burst >> (column_bits + bank_bits_),
                static_cast<unsigned>(burst >> column_bits) & ((1U << bank_bits_) - 1),
                static_cast<unsigned>(burst) & ((1U << column_bits) - 1)};
    }
    std::uint64_t address(const DramLocation& at) const {
        return (((at.row << bank_bits_ | at.bank) << (page_bits_ - burst_bits_)) | at.column) << burst_bits_;
    }

private:
    static unsigned log2_exact(std::uint64_t value) {
        unsigned bits = 0;
        while (bits < 63 && (std::uint64_t{1} << bits) < value) {
            ++bits;
        }
        if ((std::uint64_t{1} << bits) != value) {
            throw std::invalid_argument("DRAM burst, page and bank counts must be powers of two");
        }
        return bits;
    }

    unsigned burst_bits_;
    unsigned page_bits_;
    unsigned bank_bits_;
    std::uint64_t capacity_bytes_;
};

} // namespace systolica
