// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/mapping_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/diagnostics.h"

namespace systolica {

namespace {

constexpr std::array<const char*, kDramFields> kFieldNames{"row", "rank", "bank", "group", "column"};

// The reader's limits end far below; a field never has more bits.
constexpr unsigned kMostBits = 64;

unsigned ceil_log2(std::uint64_t value) {
    unsigned bits = 0;
    while (bits < kMostBits - 1 && (std::uint64_t{1} << bits) < value) {
        ++bits;
    }
    return bits;
}

unsigned exact_log2(std::uint64_t value, const char* what) {
    if (value == 0 || (value & (value - 1)) != 0) {
        throw DramMappingError(std::string("expected a power of two of ") + what + ", got " + std::to_string(value));
    }
    return ceil_log2(value);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

std::optional<unsigned> number_in(const std::string& text) {
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    const bool whole = result.ec == std::errc() && result.ptr == end && (text.size() == 1 || text.front() != '0');
    return whole ? std::optional<unsigned>(value) : std::nullopt;
}

std::optional<DramField> field_named(const std::string& name) {
    const auto found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
    return found == kFieldNames.end() ? std::nullopt
                                      : std::optional<DramField>(static_cast<DramField>(found - kFieldNames.begin()));
}

std::string bits_of(DramField field, unsigned bits) {
    return std::to_string(bits) + (bits == 1 ? " bit of " : " bits of ") + dram_field_name(field);
}

struct Piece {
    DramField field;
    std::optional<unsigned> bits; // none: what is left
};

class MappingParser {
public:
    MappingParser(const std::string& text, const DramFieldBits& fields) : text_(text), fields_(fields) {}

    std::vector<DramMappingPiece> parse() {
        for (const std::string& part : split(text_, '-')) {
            pieces_.push_back(piece(part));
        }
        for (std::size_t i = 0; i < kDramFields; ++i) {
            fill(static_cast<DramField>(i));
        }
        std::vector<DramMappingPiece> placed;
        std::array<unsigned, kDramFields> used{};
        for (auto next = pieces_.rbegin(); next != pieces_.rend(); ++next) {
            unsigned& low_bit = used[static_cast<std::size_t>(next->field)];
            if (*next->bits != 0) {
                placed.push_back({next->field, low_bit, *next->bits});
            }
            low_bit += *next->bits;
        }
        check_top(placed);
        return placed;
    }

private:
    [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
        throw DramMappingError("expected " + expected + ", got " + got +
                               (got.find('\'' + text_) == std::string::npos ? " in '" + text_ + "'" : ""));
    }

    Piece piece(const std::string& part) const {
        const std::size_t colon = part.find(':');
        const std::string name = part.substr(0, colon);
        const std::optional<DramField> field = field_named(name);
        if (!field) {
            refuse("fields row, rank, bank, group, column joined by '-'",
                   "'" + name + "'" + suggestion(name, {kFieldNames.begin(), kFieldNames.end()}));
        }
        if (colon == std::string::npos) {
            return {*field, std::nullopt};
        }
        const std::optional<unsigned> bits = number_in(part.substr(colon + 1));
        if (!bits || *bits == 0 || *bits >= kMostBits) {
            refuse("a number of bits behind '" + name + ":'", "'" + part + "'");
        }
        return {*field, bits};
    }

    // Gives the piece without a count what the others leave.
    void fill(DramField field) {
        const unsigned all = fields_.of(field);
        Piece* open = nullptr;
        unsigned counted = 0;
        for (Piece& piece : pieces_) {
            if (piece.field != field) {
                continue;
            }
            if (!piece.bits && open != nullptr) {
                refuse(std::string("one piece of ") + dram_field_name(field) + " without a number of bits", "two");
            }
            open = piece.bits ? open : &piece;
            counted = std::min(counted + piece.bits.value_or(0), kMostBits);
        }
        if (counted > all || (counted < all && open == nullptr)) {
            refuse(bits_of(field, all), counted == 0 ? "none" : std::to_string(counted));
        }
        if (open != nullptr) {
            open->bits = all - counted;
        }
    }

    // Else there would be addresses without a row in the middle of the channel.
    void check_top(const std::vector<DramMappingPiece>& placed) const {
        unsigned at_top = 0;
        for (auto piece = placed.rbegin(); piece != placed.rend() && piece->field == DramField::row; ++piece) {
            at_top += piece->bits;
        }
        if (!fields_.rows_fill_their_bits && at_top != fields_.of(DramField::row)) {
            refuse("all bits of row at the top, because the part's number of rows is no power of two",
                   "'" + text_ + "'");
        }
    }

    const std::string& text_;
    const DramFieldBits& fields_;
    std::vector<Piece> pieces_;
};

struct FieldBit {
    DramField field;
    unsigned bit;
};

// "bank1"; nothing when it is no bit that the organisation has.
std::optional<FieldBit> bit_named(const std::string& text, const DramFieldBits& fields) {
    const std::size_t digits = std::min(text.find_first_of("0123456789"), text.size());
    const std::optional<DramField> field = field_named(text.substr(0, digits));
    const std::optional<unsigned> bit = number_in(text.substr(digits));
    if (!field || !bit || *bit >= fields.of(*field)) {
        return std::nullopt;
    }
    return FieldBit{*field, *bit};
}

std::string range_of(DramField field, const DramFieldBits& fields) {
    const std::string name = dram_field_name(field);
    const unsigned bits = fields.of(field);
    if (bits == 0) {
        return "nothing (" + name + " has no bits)";
    }
    return bits == 1 ? name + "0" : name + "0.." + name + std::to_string(bits - 1);
}

std::string targets(const DramFieldBits& fields) {
    std::string names;
    for (const DramField field : {DramField::bank, DramField::group, DramField::rank}) {
        if (fields.of(field) != 0) {
            names += (names.empty() ? "" : ", ") + range_of(field, fields);
        }
    }
    return names.empty() ? "no XORs, as there is only one bank" : "one of " + names + " before '^'";
}

// Bit i of the bank's number in its rank (banks of a group first, then groups) with bit i of the row.
std::vector<DramHashTerm> permutation(const DramFieldBits& fields) {
    std::vector<DramHashTerm> terms;
    unsigned row_bit = 0;
    for (const DramField field : {DramField::bank, DramField::group}) {
        for (unsigned bit = 0; bit < fields.of(field) && row_bit < fields.of(DramField::row); ++bit) {
            terms.push_back({field, bit, row_bit++});
        }
    }
    return terms;
}

} // namespace

const char* dram_field_name(DramField field) {
    return kFieldNames[static_cast<std::size_t>(field)];
}

DramFieldBits::DramFieldBits(const DramConfig& config) {
    const DramPart& part = config.part;
    if (part.rows == 0 || part.burst_bytes() == 0 || part.page_bytes < part.burst_bytes()) {
        throw DramMappingError("expected rows, and pages that hold a burst, got " + std::to_string(part.rows) +
                               " rows of " + std::to_string(part.page_bytes) + " bytes with bursts of " +
                               std::to_string(part.burst_bytes()));
    }
    const unsigned group = exact_log2(part.bank_groups, "bank groups");
    const unsigned banks = exact_log2(part.banks, "banks");
    if (banks < group) {
        throw DramMappingError("expected at least a bank in each bank group, got " + std::to_string(part.banks) +
                               " banks in " + std::to_string(part.bank_groups));
    }
    const unsigned column =
        exact_log2(part.page_bytes, "bytes in a page") - exact_log2(part.burst_bytes(), "bytes in a burst");
    bits = {ceil_log2(part.rows), exact_log2(config.ranks, "ranks"), banks - group, group, column};
    rows_fill_their_bits = (part.rows & (part.rows - 1)) == 0;
}

std::vector<DramMappingPiece> parse_dram_mapping(const std::string& text, const DramFieldBits& fields) {
    return MappingParser(text, fields).parse();
}

std::vector<DramHashTerm> parse_dram_hash(const std::string& text, const DramFieldBits& fields) {
    if (text.empty() || text == "none") {
        return {};
    }
    if (text == "permutation") {
        return permutation(fields);
    }
    std::vector<DramHashTerm> terms;
    for (const std::string& part : split(text, ',')) {
        const std::vector<std::string> names = split(part, '^');
        if (names.size() < 2) {
            throw DramMappingError("expected none, permutation, or XORs such as bank0^row0, got '" + part + "'");
        }
        const std::optional<FieldBit> target = bit_named(names.front(), fields);
        if (!target || target->field == DramField::row || target->field == DramField::column) {
            throw DramMappingError("expected " + targets(fields) + ", got '" + part + "'");
        }
        for (std::size_t i = 1; i < names.size(); ++i) {
            const std::optional<FieldBit> source = bit_named(names[i], fields);
            if (!source || source->field != DramField::row) {
                throw DramMappingError("expected " + range_of(DramField::row, fields) + " behind '^', got '" + part +
                                       "'");
            }
            for (const DramHashTerm& term : terms) {
                if (term.target == target->field && term.target_bit == target->bit && term.row_bit == source->bit) {
                    throw DramMappingError("expected each XOR once, got '" + names.front() + "^" + names[i] +
                                           "' again in '" + text + "'");
                }
            }
            terms.push_back({target->field, target->bit, source->bit});
        }
    }
    return terms;
}

} // namespace systolica
