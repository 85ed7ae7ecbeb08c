// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/secded.h"

#include <array>

namespace systolica {

namespace {

constexpr unsigned kWordBits = 64;
constexpr std::uint8_t kNoColumn = 0xff;

constexpr unsigned weight_of(unsigned value) {
    unsigned weight = 0;
    for (; value != 0; value >>= 1) {
        weight += value & 1;
    }
    return weight;
}

struct Tables {
    std::array<std::uint8_t, kSecdedBits> column{};          // the syndrome of a flip of that bit
    std::array<std::array<std::uint8_t, 256>, 8> check_of{}; // by byte of the word and its value
    std::array<std::uint8_t, 256> bit_of{};                  // by syndrome
};

// Data bits take the 56 columns of weight 3 and the first 8 of weight 5, check bits those of weight 1.
constexpr Tables make_tables() {
    Tables tables;
    unsigned bit = 0;
    for (const unsigned weight : {3U, 5U}) {
        for (unsigned value = 0; value < 256 && bit < kWordBits; ++value) {
            if (weight_of(value) == weight) {
                tables.column[bit++] = static_cast<std::uint8_t>(value);
            }
        }
    }
    for (unsigned check = 0; check < 8; ++check) {
        tables.column[kWordBits + check] = static_cast<std::uint8_t>(1U << check);
    }
    for (std::uint8_t& entry : tables.bit_of) {
        entry = kNoColumn;
    }
    for (unsigned i = 0; i < kSecdedBits; ++i) {
        tables.bit_of[tables.column[i]] = static_cast<std::uint8_t>(i);
    }
    for (unsigned byte = 0; byte < 8; ++byte) {
        for (unsigned value = 0; value < 256; ++value) {
            std::uint8_t check = 0;
            for (unsigned i = 0; i < 8; ++i) {
                check = static_cast<std::uint8_t>(check ^ ((value >> i & 1) != 0 ? tables.column[8 * byte + i] : 0));
            }
            tables.check_of[byte][value] = check;
        }
    }
    return tables;
}

constexpr Tables kTables = make_tables();

} // namespace

std::uint8_t secded_encode(std::uint64_t word) {
    std::uint8_t check = 0;
    for (unsigned byte = 0; byte < 8; ++byte) {
        check = static_cast<std::uint8_t>(check ^ kTables.check_of[byte][word >> (8 * byte) & 0xff]);
    }
    return check;
}

EccOutcome secded_decode(std::uint64_t& word, std::uint8_t& check) {
    const auto syndrome = static_cast<std::uint8_t>(secded_encode(word) ^ check);
    if (syndrome == 0) {
        return EccOutcome::ok;
    }
    const unsigned bit = kTables.bit_of[syndrome];
    if (bit == kNoColumn) {
        return EccOutcome::uncorrectable;
    }
    if (bit < kWordBits) {
        word ^= std::uint64_t{1} << bit;
    } else {
        check = static_cast<std::uint8_t>(check ^ 1U << (bit - kWordBits));
    }
    return EccOutcome::corrected;
}

} // namespace systolica
