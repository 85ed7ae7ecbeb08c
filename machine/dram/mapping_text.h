// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The texts of chip.dram.mapping and chip.dram.hash (docs/dram_mapping.md).
//
// A mapping names the fields of an address within a channel from the most significant to the least, joined by '-':
// row-rank-bank-group-column. A field may come in several pieces, each but one with a count of bits:
// row-column:4-bank-group-column:2. A hash is 'none', 'permutation', or XORs joined by commas: bank0^row0,group0^row3.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "machine/dram/config.h"

namespace systolica {

enum class DramField : std::uint8_t { row, rank, bank, group, column };
constexpr std::size_t kDramFields = 5;

const char* dram_field_name(DramField field);

// A text or an organisation that makes no map; what() reads "expected ..., got ...".
struct DramMappingError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

// How many bits of an address each field takes. `bank` counts the banks of a group, `column` counts whole bursts.
struct DramFieldBits {
    explicit DramFieldBits(const DramConfig& config); // throws DramMappingError

    unsigned of(DramField field) const { return bits[static_cast<std::size_t>(field)]; }

    std::array<unsigned, kDramFields> bits{};
    bool rows_fill_their_bits = true; // the number of rows is a power of two
};

// Bits low_bit .. low_bit + bits - 1 of a field.
struct DramMappingPiece {
    DramField field;
    unsigned low_bit;
    unsigned bits;
};

// Without pieces of no bits, from the least significant to the most. Throws DramMappingError unless every bit of every
// field is there exactly once.
std::vector<DramMappingPiece> parse_dram_mapping(const std::string& text, const DramFieldBits& fields);

// target ^= a bit of the row. Rows stay as they are, so any set of these can be undone.
struct DramHashTerm {
    DramField target; // rank, bank or group
    unsigned target_bit;
    unsigned row_bit;
};

// Throws DramMappingError for a bit that is not there and for a pair that comes twice, which would undo itself.
std::vector<DramHashTerm> parse_dram_hash(const std::string& text, const DramFieldBits& fields);

} // namespace systolica
