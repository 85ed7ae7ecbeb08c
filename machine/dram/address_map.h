// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where an address lives. Channels interleave in blocks of interleave_bytes; within a channel the local address is
// spread over rows, banks and columns by chip.dram.mapping and chip.dram.hash (mapping_text.h). All functions are pure
// and bijective over the memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "machine/dram/mapping_text.h"

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
    unsigned bank = 0; // of the channel: (rank * bank groups + group) * banks of a group + bank in the group
    unsigned column = 0;
    unsigned rank = 0;
};

// Address within a channel <-> bank, row, column. Bursts are numbered by their address; with inline ECC only bursts of
// data have one: they fill the first 7/8 of each row, and the rest of the row holds their check bytes.
class DramAddressMap {
public:
    explicit DramAddressMap(const DramConfig& config); // throws DramMappingError

    std::uint64_t capacity_bytes() const { return capacity_bytes_; } // of data, in this channel
    unsigned columns_of_row() const { return 1U << column_bits_; }
    std::uint64_t burst_of(std::uint64_t local) const { return local >> burst_bits_; }

    DramLocation locate(std::uint64_t local) const { return locate_burst(burst_of(local)); }
    DramLocation locate_burst(std::uint64_t burst) const { return locate_device(device_burst(burst)); }
    std::uint64_t address(const DramLocation& at) const; // of a burst of data

    // Inline ECC: where the check bytes of a burst of data are, in the same row: 1/8 of a burst for each.
    DramLocation locate_check(std::uint64_t burst) const;

    // Bursts from this one on, itself included, that lie in consecutive columns of one row of one bank.
    unsigned run_columns(std::uint64_t burst) const {
        const auto in_row = run_ - static_cast<unsigned>(device_burst(burst) & (run_ - 1));
        if (block_data_ == 0) {
            return in_row;
        }
        return static_cast<unsigned>(std::min<std::uint64_t>(in_row, block_data_ - in_block(burst)));
    }

    // How many columns a sequential stream visits each time it opens a row (without a hash): all of the row, or fewer
    // when the mapping has bits of the row below bits of the column.
    unsigned sequential_columns() const { return sequential_columns_; }

private:
    // A place is one number: row | bank | column, from the top. A slice moves adjacent bits to where they belong.
    struct Slice {
        std::uint64_t mask; // after the shift down
        unsigned from, to;

        std::uint64_t moved(std::uint64_t value) const { return (value >> from & mask) << to; }
        std::uint64_t moved_back(std::uint64_t value) const { return (value >> to & mask) << from; }
    };

    void place_check_bytes(const std::string& mapping);
    static void add(std::vector<Slice>& slices, unsigned from, unsigned to, unsigned bits);
    unsigned place_bit(DramField field) const;

    // Inline ECC: the upper three bits of the column end a block of 2^block_bits_ bursts of the device. Data take seven
    // of their eight values, so there are seven eighths of it in a block; the division by 7 is compiled to a product.
    std::uint64_t block_of(std::uint64_t burst) const { return (burst >> (block_bits_ - 3)) / 7; }
    std::uint64_t in_block(std::uint64_t burst) const { return burst - block_of(burst) * block_data_; }
    std::uint64_t device_burst(std::uint64_t burst) const {
        return block_data_ == 0 ? burst : (block_of(burst) << block_bits_) + in_block(burst);
    }
    // Takes the hash in or out: it changes no bits that it reads.
    std::uint64_t hashed(std::uint64_t place) const {
        std::uint64_t flips = 0;
        for (const Slice& slice : hash_) {
            flips ^= slice.moved(place);
        }
        return place ^ flips;
    }
    DramLocation locate_device(std::uint64_t burst) const {
        std::uint64_t place = 0;
        for (const Slice& slice : slices_) {
            place |= slice.moved(burst);
        }
        place = hashed(place);
        const unsigned bank = static_cast<unsigned>(place >> column_bits_) & bank_mask_;
        return {place >> (column_bits_ + bank_bits_), bank, static_cast<unsigned>(place) & column_mask_,
                bank >> rank_shift_};
    }

    DramFieldBits fields_;
    unsigned burst_bits_ = 0, column_bits_, bank_bits_, rank_shift_;
    unsigned column_mask_, bank_mask_;
    unsigned run_ = 1; // bursts of an aligned run of columns; a power of two
    unsigned sequential_columns_ = 1;
    unsigned block_bits_ = 0;      // inline ECC
    std::uint64_t block_data_ = 0; // inline ECC: bursts of data in a block; 0: no ECC
    std::uint64_t capacity_bytes_;
    std::vector<Slice> slices_; // of a burst's number to its place
    std::vector<Slice> hash_;   // of a place to itself
};

} // namespace systolica
