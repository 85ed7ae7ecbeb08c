// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/ecc_memory.h"

#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace systolica {
namespace {

class EccMemoryTest : public testing::Test {
protected:
    EccCounters write(std::uint64_t address, const std::string& bytes) {
        return memory_.write(address, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    }
    std::string read(std::uint64_t address, std::size_t count) {
        std::string bytes(count, '?');
        found_ = memory_.read(address, reinterpret_cast<unsigned char*>(bytes.data()), count);
        return bytes;
    }

    SparseMemory data_{std::uint64_t{16} << 30};
    EccMemory memory_{data_};
    EccCounters found_;
};

TEST_F(EccMemoryTest, NothingIsAllocatedAndNothingWrongBeforeTheFirstWrite) {
    EXPECT_EQ(read((std::uint64_t{16} << 30) - 16, 16), std::string(16, '\0'));
    EXPECT_EQ(found_.corrected + found_.uncorrectable, 0U);
    EXPECT_EQ(data_.allocated_bytes(), 0U);
}

TEST_F(EccMemoryTest, UnalignedWritesKeepTheirNeighbours) {
    std::string expected(4096, '\0');
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        const std::size_t address = random() % 4000, count = 1 + random() % 40;
        const std::string bytes(count, static_cast<char>(random()));
        expected.replace(address, count, bytes);
        const EccCounters found = write(address, bytes);
        ASSERT_EQ(found.corrected + found.uncorrectable, 0U);
    }
    EXPECT_EQ(read(0, 4096), expected);
    EXPECT_EQ(found_.corrected + found_.uncorrectable, 0U);
}

TEST_F(EccMemoryTest, EveryFlipOfAWordIsCorrectedOnEveryReadOfIt) {
    write(64, "abcdefgh");
    for (unsigned bit = 0; bit < kSecdedBits; ++bit) {
        memory_.flip(67, bit);
        for (int again = 0; again < 2; ++again) {
            EXPECT_EQ(read(60, 16), std::string(4, '\0') + "abcdefgh" + std::string(4, '\0')) << bit;
            EXPECT_EQ(found_.corrected, 1U);
            EXPECT_EQ(found_.uncorrectable, 0U);
        }
        memory_.flip(64, bit);
    }
    EXPECT_EQ(read(71, 2), std::string("h") + '\0');
    EXPECT_EQ(found_.corrected, 0U);
}

TEST_F(EccMemoryTest, APartialWriteCorrectsTheRestOfItsWord) {
    write(0, "abcdefghijklmnop");
    memory_.flip(0, 0);  // in byte 0, kept
    memory_.flip(8, 63); // in byte 15, kept
    const EccCounters found = write(2, "CDEFGHIJKL");
    EXPECT_EQ(found.corrected, 2U);
    EXPECT_EQ(read(0, 16), "abCDEFGHIJKLmnop");
    EXPECT_EQ(found_.corrected, 0U) << "healed";
}

TEST_F(EccMemoryTest, TwoFlipsAreReportedUntilTheWholeWordIsWritten) {
    write(0, "abcdefghijklmnop");
    memory_.flip(8, 3);
    memory_.flip(8, 70);
    read(0, 16);
    EXPECT_EQ(found_.uncorrectable, 1U);
    read(0, 8);
    EXPECT_EQ(found_.uncorrectable, 0U);
    EXPECT_EQ(write(4, "EFGHI").uncorrectable, 1U) << "covers a part of the word";
    EXPECT_EQ(read(0, 8), "abcdefgh") << "and so wrote nothing";
    EXPECT_EQ(write(6, "GHIJKLMNOP").uncorrectable, 0U) << "covers all of it";
    EXPECT_EQ(read(0, 16), "abcdefGHIJKLMNOP");
    EXPECT_EQ(found_.uncorrectable, 0U);
}

TEST_F(EccMemoryTest, AFaultOutsideIsRefused) {
    EXPECT_THROW(memory_.flip(std::uint64_t{16} << 30, 0), std::invalid_argument);
    EXPECT_THROW(memory_.flip(0, 72), std::invalid_argument);
}

} // namespace
} // namespace systolica
