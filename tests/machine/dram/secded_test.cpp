// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/secded.h"

#include <vector>

#include <gtest/gtest.h>

namespace systolica {
namespace {

struct Codeword {
    std::uint64_t word;
    std::uint8_t check;

    void flip(unsigned bit) {
        if (bit < 64) {
            word ^= std::uint64_t{1} << bit;
        } else {
            check = static_cast<std::uint8_t>(check ^ 1U << (bit - 64));
        }
    }
    bool operator==(const Codeword& other) const { return word == other.word && check == other.check; }
};

// All zeros, all ones, single bits, patterns, and numbers without one.
std::vector<Codeword> codewords() {
    std::vector<Codeword> all;
    for (const std::uint64_t word : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63,
                                     std::uint64_t{0xaaaaaaaaaaaaaaaa}, std::uint64_t{0x5555555555555555},
                                     std::uint64_t{0x0123456789abcdef}, std::uint64_t{0x9e3779b97f4a7c15}}) {
        all.push_back({word, secded_encode(word)});
    }
    return all;
}

TEST(Secded, WhatHasNotBeenTouchedIsFine) {
    for (const Codeword& sent : codewords()) {
        Codeword got = sent;
        EXPECT_EQ(secded_decode(got.word, got.check), EccOutcome::ok);
        EXPECT_TRUE(got == sent);
    }
    EXPECT_EQ(secded_encode(0), 0);
}

TEST(Secded, EverySingleFlipIsCorrected) {
    for (const Codeword& sent : codewords()) {
        for (unsigned bit = 0; bit < kSecdedBits; ++bit) {
            Codeword got = sent;
            got.flip(bit);
            EXPECT_EQ(secded_decode(got.word, got.check), EccOutcome::corrected) << bit;
            EXPECT_TRUE(got == sent) << bit;
        }
    }
}

TEST(Secded, EveryPairOfFlipsIsDetectedAndLeftAlone) {
    for (const Codeword& sent : codewords()) {
        unsigned pairs = 0;
        for (unsigned first = 0; first < kSecdedBits; ++first) {
            for (unsigned second = first + 1; second < kSecdedBits; ++second, ++pairs) {
                Codeword flipped = sent;
                flipped.flip(first);
                flipped.flip(second);
                Codeword got = flipped;
                EXPECT_EQ(secded_decode(got.word, got.check), EccOutcome::uncorrectable) << first << ", " << second;
                EXPECT_TRUE(got == flipped);
            }
        }
        EXPECT_EQ(pairs, 72U * 71 / 2);
    }
}

// A Hsiao code is linear: the check bits of an exclusive or are the exclusive or of the check bits.
TEST(Secded, TheCodeIsLinear) {
    for (const Codeword& a : codewords()) {
        for (const Codeword& b : codewords()) {
            EXPECT_EQ(secded_encode(a.word ^ b.word), a.check ^ b.check);
        }
    }
}

} // namespace
} // namespace systolica
