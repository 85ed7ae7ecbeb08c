// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/mapping_text.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

// 2 ranks, 4 groups of 4 banks, 2^15 rows, 2^6 bursts a row.
DramConfig lpddr5() {
    DramConfig config;
    config.ranks = 2;
    config.part.bank_groups = 4;
    config.part.banks = 16;
    config.part.rows = 32768;
    return config;
}

const DramConfig kLpddr4; // one rank, one group of 8 banks, 2^16 rows

std::string refusal(const std::string& text, const DramConfig& config = lpddr5()) {
    try {
        parse_dram_mapping(text, DramFieldBits(config));
    } catch (const DramMappingError& error) {
        return error.what();
    }
    return "";
}

std::string hash_refusal(const std::string& text, const DramConfig& config = lpddr5()) {
    try {
        parse_dram_hash(text, DramFieldBits(config));
    } catch (const DramMappingError& error) {
        return error.what();
    }
    return "";
}

// "column0:2" is two bits of the column from bit 0 on.
std::string pieces(const std::string& text, const DramConfig& config = lpddr5()) {
    std::string out;
    for (const DramMappingPiece& piece : parse_dram_mapping(text, DramFieldBits(config))) {
        out += (out.empty() ? "" : " ") + std::string(dram_field_name(piece.field)) + std::to_string(piece.low_bit) +
               ":" + std::to_string(piece.bits);
    }
    return out;
}

std::string terms(const std::string& text, const DramConfig& config = lpddr5()) {
    std::string out;
    for (const DramHashTerm& term : parse_dram_hash(text, DramFieldBits(config))) {
        out += (out.empty() ? "" : " ") + std::string(dram_field_name(term.target)) + std::to_string(term.target_bit) +
               "^" + std::to_string(term.row_bit);
    }
    return out;
}

TEST(DramMappingText, PiecesTakeTheBitsOfTheirFieldFromTheBottomUp) {
    EXPECT_EQ(pieces("row-rank-bank-group-column"), "column0:6 group0:2 bank0:2 rank0:1 row0:15");
    EXPECT_EQ(pieces("row-column:4-bank-rank-group-column:2"), "column0:2 group0:2 rank0:1 bank0:2 column2:4 row0:15");
    EXPECT_EQ(pieces("row-column-bank:1-rank-group-bank:1-column:2"),
              "column0:2 bank0:1 group0:2 rank0:1 bank1:1 column2:4 row0:15");
    EXPECT_EQ(pieces("rank:1-row:15-bank:2-group:2-column:6"), "column0:6 group0:2 bank0:2 row0:15 rank0:1");
}

TEST(DramMappingText, FieldsWithoutBitsMayBeNamedOrLeftOut) {
    EXPECT_EQ(pieces("row-rank-bank-group-column", kLpddr4), "column0:6 bank0:3 row0:16");
    EXPECT_EQ(pieces("row-bank-column", kLpddr4), "column0:6 bank0:3 row0:16");
}

TEST(DramMappingText, PieceWithoutACountMayGetNothing) {
    EXPECT_EQ(pieces("row-column-rank-bank-group-column:6"), "column0:6 group0:2 bank0:2 rank0:1 row0:15");
}

TEST(DramMappingText, BitsThatAreMissingOrComeTwiceAreRefused) {
    EXPECT_EQ(refusal("row-bank-group-column"), "expected 1 bit of rank, got none in 'row-bank-group-column'");
    EXPECT_EQ(refusal("row-rank-bank-group-column:5"),
              "expected 6 bits of column, got 5 in 'row-rank-bank-group-column:5'");
    EXPECT_EQ(refusal("row-rank-bank-group-column:4-column:3"),
              "expected 6 bits of column, got 7 in 'row-rank-bank-group-column:4-column:3'");
    EXPECT_EQ(refusal("row-rank-bank-group-column:7-column"),
              "expected 6 bits of column, got 7 in 'row-rank-bank-group-column:7-column'");
    EXPECT_EQ(refusal("row-rank-bank-column-group-column"),
              "expected one piece of column without a number of bits, got two in 'row-rank-bank-column-group-column'");
    EXPECT_EQ(refusal("row-group:1-bank-column", kLpddr4),
              "expected 0 bits of group, got 1 in 'row-group:1-bank-column'");
}

TEST(DramMappingText, WhatIsNoMappingIsRefused) {
    const std::string fields = "expected fields row, rank, bank, group, column joined by '-', got ";
    EXPECT_EQ(refusal(""), fields + "''");
    EXPECT_EQ(refusal("row-bnk-column"), fields + "'bnk' (did you mean 'bank'?) in 'row-bnk-column'");
    EXPECT_EQ(refusal("row--column"), fields + "'' in 'row--column'");
    for (const char* piece : {"row:", "row:0", "row:x", "row:-1", "row:03", "row:64", "row:2:3", "row:99999999999"}) {
        const std::string text = "rank-bank-" + std::string(piece);
        EXPECT_NE(refusal(text), "") << text;
    }
    EXPECT_EQ(refusal("rank-row:03-bank"),
              "expected a number of bits behind 'row:', got 'row:03' in 'rank-row:03-bank'");
}

TEST(DramMappingText, RowsThatAreNoPowerOfTwoHaveToBeAtTheTop) {
    DramConfig config;
    config.part.rows = 49152; // 16 bits
    EXPECT_EQ(pieces("row-bank-column", config), "column0:6 bank0:3 row0:16");
    EXPECT_EQ(pieces("row:1-row-bank-column", config), "column0:6 bank0:3 row0:15 row15:1");
    EXPECT_EQ(refusal("bank-row-column", config),
              "expected all bits of row at the top, because the part's number of rows is no power of two, got "
              "'bank-row-column'");
    EXPECT_NE(refusal("row-bank-row:1-column", config), "");
}

TEST(DramHashText, NamesAndXorsAreUnderstood) {
    EXPECT_EQ(terms(""), "");
    EXPECT_EQ(terms("none"), "");
    EXPECT_EQ(terms("permutation"), "bank0^0 bank1^1 group0^2 group1^3");
    EXPECT_EQ(terms("permutation", kLpddr4), "bank0^0 bank1^1 bank2^2");
    EXPECT_EQ(terms("bank0^row0,bank1^row1,group0^row2,rank0^row5"), "bank0^0 bank1^1 group0^2 rank0^5");
    EXPECT_EQ(terms("bank0^row0^row14,bank0^row3"), "bank0^0 bank0^14 bank0^3");
    DramConfig few_rows = lpddr5();
    few_rows.part.rows = 4;
    EXPECT_EQ(terms("permutation", few_rows), "bank0^0 bank1^1");
}

TEST(DramHashText, BitsThatAreNotThereAreRefused) {
    const std::string target = "expected one of bank0..bank1, group0..group1, rank0 before '^', got ";
    const std::string source = "expected row0..row14 behind '^', got ";
    EXPECT_EQ(hash_refusal("bank2^row0"), target + "'bank2^row0'");
    EXPECT_EQ(hash_refusal("row1^row0"), target + "'row1^row0'");
    EXPECT_EQ(hash_refusal("column0^row0"), target + "'column0^row0'");
    EXPECT_EQ(hash_refusal("bank^row0"), target + "'bank^row0'");
    EXPECT_EQ(hash_refusal("bank0^row15"), source + "'bank0^row15'");
    EXPECT_EQ(hash_refusal("bank0^bank1"), source + "'bank0^bank1'"); // XORs among banks could undo each other
    EXPECT_EQ(hash_refusal("bank0^row0^"), source + "'bank0^row0^'");
    EXPECT_EQ(hash_refusal("group0^row0", kLpddr4), "expected one of bank0..bank2 before '^', got 'group0^row0'");
}

TEST(DramHashText, WhatIsNoHashIsRefused) {
    const std::string forms = "expected none, permutation, or XORs such as bank0^row0, got ";
    EXPECT_EQ(hash_refusal("permute"), forms + "'permute'");
    EXPECT_EQ(hash_refusal("bank0^row0,"), forms + "''");
    EXPECT_EQ(hash_refusal("bank0^row0,bank1"), forms + "'bank1'");
    EXPECT_EQ(hash_refusal("bank0^row0,bank1^row1,bank0^row0"),
              "expected each XOR once, got 'bank0^row0' again in 'bank0^row0,bank1^row1,bank0^row0'");
    EXPECT_EQ(hash_refusal("bank0^row0^row0"), "expected each XOR once, got 'bank0^row0' again in 'bank0^row0^row0'");
}

} // namespace
} // namespace systolica
