// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/address_map.h"

namespace systolica {

namespace {

// A SECDED code needs 8 check bits for 64 of data (Hamming's 7, and one for double errors), so an eighth of a row is
// enough for the other seven.
constexpr unsigned kEccBits = 3;
constexpr unsigned kEccShare = 1U << kEccBits;

} // namespace

DramAddressMap::DramAddressMap(const DramConfig& config)
    : fields_(config),
      column_bits_(fields_.of(DramField::column)),
      bank_bits_(fields_.of(DramField::rank) + fields_.of(DramField::group) + fields_.of(DramField::bank)),
      rank_shift_(fields_.of(DramField::group) + fields_.of(DramField::bank)),
      column_mask_((1U << column_bits_) - 1),
      bank_mask_((1U << bank_bits_) - 1),
      capacity_bytes_(config.channel_bytes()) {
    while ((1U << burst_bits_) < config.part.burst_bytes()) {
        ++burst_bits_;
    }
    bool only_columns = true, below_rows = true;
    unsigned from = 0;
    for (const DramMappingPiece& piece : parse_dram_mapping(config.mapping, fields_)) {
        only_columns = only_columns && piece.field == DramField::column;
        below_rows = below_rows && piece.field != DramField::row;
        run_ <<= only_columns ? piece.bits : 0;
        sequential_columns_ <<= below_rows && piece.field == DramField::column ? piece.bits : 0;
        add(slices_, from, place_bit(piece.field) + piece.low_bit, piece.bits);
        from += piece.bits;
    }
    for (const DramHashTerm& term : parse_dram_hash(config.hash, fields_)) {
        add(hash_, place_bit(DramField::row) + term.row_bit, place_bit(term.target) + term.target_bit, 1);
    }
    if (config.ecc == DramEcc::in_line) {
        place_check_bytes(config.mapping);
    }
}

void DramAddressMap::place_check_bytes(const std::string& mapping) {
    if (column_bits_ < kEccBits) {
        throw DramMappingError("expected pages of at least " + std::to_string(kEccShare) +
                               " bursts for inline ECC, got " + std::to_string(columns_of_row()));
    }
    const unsigned lowest = column_bits_ - kEccBits; // the bits of the column that are all ones for check bytes
    for (const Slice& slice : slices_) {
        const std::uint64_t columns = slice.moved(~std::uint64_t{0}) & column_mask_;
        if (columns >> lowest == kEccShare - 1) {
            block_bits_ = column_bits_ - slice.to + slice.from;
            block_data_ = std::uint64_t{kEccShare - 1} << (block_bits_ - kEccBits);
            return;
        }
    }
    throw DramMappingError("expected the upper three bits of column side by side for inline ECC, got '" + mapping +
                           "'");
}

unsigned DramAddressMap::place_bit(DramField field) const {
    switch (field) {
    case DramField::column:
        return 0;
    case DramField::bank:
        return column_bits_;
    case DramField::group:
        return column_bits_ + fields_.of(DramField::bank);
    case DramField::rank:
        return column_bits_ + rank_shift_;
    case DramField::row:
        break;
    }
    return column_bits_ + bank_bits_;
}

// Bits that go on where the last slice ends, on both sides, move with it.
void DramAddressMap::add(std::vector<Slice>& slices, unsigned from, unsigned to, unsigned bits) {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    if (!slices.empty()) {
        Slice& last = slices.back();
        unsigned width = 0;
        while ((last.mask >> width) != 0) {
            ++width;
        }
        if (last.from + width == from && last.to + width == to) {
            last.mask |= mask << width;
            return;
        }
    }
    slices.push_back({mask, from, to});
}

std::uint64_t DramAddressMap::address(const DramLocation& at) const {
    const std::uint64_t place = hashed((at.row << bank_bits_ | at.bank) << column_bits_ | at.column);
    std::uint64_t burst = 0;
    for (const Slice& slice : slices_) {
        burst |= slice.moved_back(place);
    }
    if (block_data_ != 0) {
        burst = (burst >> block_bits_) * block_data_ + (burst & ((std::uint64_t{1} << block_bits_) - 1));
    }
    return burst << burst_bits_;
}

DramLocation DramAddressMap::locate_check(std::uint64_t burst) const {
    DramLocation at = locate_burst(burst);
    at.column = columns_of_row() / kEccShare * (kEccShare - 1) + at.column / kEccShare;
    return at;
}

} // namespace systolica
