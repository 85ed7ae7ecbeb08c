// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `show` and `check` say about the memory of a platform.
#include "program.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(ShowMemory, NamesOrganisationAndMap) {
    const Program program;
    // Two channels of 65,536 rows of 8 banks of 2 KiB are 2 GiB; 64 bursts of 32 bytes in a row.
    const std::string shown = program.run("show edge_npu").out;
    EXPECT_NE(shown.find("2,048 MiB"), std::string::npos) << shown;
    EXPECT_NE(shown.find("each channel: 1 rank of 8 banks, 65,536 rows of 2048 bytes"), std::string::npos) << shown;
    EXPECT_NE(shown.find("addresses: row-rank-bank-group-column, 64 columns in sequence"), std::string::npos) << shown;
    // Twice the ranks, 7/8 of each for data.
    const std::string ecc = program
                                .run("show edge_npu --set chip.dram.ranks=2 --set chip.dram.ecc=inline --set "
                                     "chip.dram.hash=permutation")
                                .out;
    EXPECT_NE(ecc.find("3,584 MiB"), std::string::npos) << ecc;
    EXPECT_NE(ecc.find("each channel: 2 ranks of 8 banks"), std::string::npos) << ecc;
    EXPECT_NE(ecc.find("hashed by permutation"), std::string::npos) << ecc;
    EXPECT_NE(ecc.find("inline ECC"), std::string::npos) << ecc;
}

TEST(ShowMemory, IdealMemoryHasNoOrganisation) {
    const std::string shown = Program().run("show scalesim").out;
    EXPECT_NE(shown.find("dram        ideal"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("each channel"), std::string::npos) << shown;
}

TEST(CheckMemory, PrintsANoteAboutAMappingThatIsHardlyMeant) {
    const Program program;
    const Outcome odd = program.run("check edge_npu --set chip.dram.mapping=bank-column-row");
    EXPECT_EQ(odd.code, 0);
    EXPECT_NE(odd.out.find("note: chip.dram.mapping: a sequential stream moves only 32 bytes"), std::string::npos)
        << odd.out;
    EXPECT_EQ(program.run("check edge_npu").out.find("note"), std::string::npos);
    const Outcome wrong = program.run("check edge_npu --set chip.dram.mapping=bank-row");
    EXPECT_EQ(wrong.code, 3);
    EXPECT_NE(wrong.err.find("chip.dram.mapping: expected 6 bits of column, got none in 'bank-row'"), std::string::npos)
        << wrong.err;
}

} // namespace
} // namespace systolica
