// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/sparse_memory.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "base/output_file.h"

namespace systolica {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kPage = SparseMemory::kPageBytes;

class ScratchFile {
public:
    explicit ScratchFile(const std::string& contents = "")
        : path(testing::TempDir() + "sparse_memory_" + std::to_string(::getpid()) + ".bin") {
        std::ofstream(path, std::ios::binary) << contents;
    }
    ~ScratchFile() { std::remove(path.c_str()); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    std::string contents() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    const std::string path;
};

std::string bytes_of(const SparseMemory& memory, std::uint64_t address, std::size_t count) {
    std::string bytes(count, '?');
    memory.read(address, reinterpret_cast<unsigned char*>(bytes.data()), count);
    return bytes;
}

void write(SparseMemory& memory, std::uint64_t address, const std::string& bytes) {
    memory.write(address, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string error_of(SparseMemory& memory, const std::string& path, std::uint64_t address, std::uint64_t count) {
    try {
        memory.load(path, address, count);
    } catch (const InputError& error) {
        return error.problems().text();
    }
    return "";
}

TEST(SparseMemory, CostsNothingUntilWritten) {
    SparseMemory memory(16 * kGiB);
    EXPECT_EQ(bytes_of(memory, 16 * kGiB - 8, 8), std::string(8, '\0'));
    EXPECT_EQ(memory.allocated_bytes(), 0U);
    write(memory, 16 * kGiB - 8, "12345678");
    write(memory, 3, "abc");
    EXPECT_EQ(memory.allocated_bytes(), 2 * kPage);
    EXPECT_EQ(bytes_of(memory, 16 * kGiB - 9, 9), std::string(1, '\0') + "12345678");
    EXPECT_EQ(bytes_of(memory, 0, 8), std::string(3, '\0') + "abc" + std::string(2, '\0'));
}

TEST(SparseMemory, HoldsIsExactAtTheEndAndDoesNotOverflow) {
    const SparseMemory memory(kGiB);
    EXPECT_TRUE(memory.holds(0, kGiB));
    EXPECT_TRUE(memory.holds(kGiB - 1, 1));
    EXPECT_FALSE(memory.holds(kGiB - 1, 2));
    EXPECT_FALSE(memory.holds(kGiB, 1));
    EXPECT_FALSE(memory.holds(~std::uint64_t{0}, 2));
    EXPECT_FALSE(memory.holds(1, ~std::uint64_t{0}));
}

TEST(SparseMemory, KeepsWhatAMapKeeps) {
    SparseMemory memory(kGiB);
    std::map<std::uint64_t, char> expected;
    std::mt19937 random(7);
    for (int i = 0; i < 700; ++i) {
        const std::uint64_t address = random() % 16 * 513 * kPage + random() % (2 * kPage);
        std::string bytes(1 + random() % 9000, '\0');
        if (random() % 2 == 0) {
            for (std::size_t j = 0; j < bytes.size(); ++j) {
                bytes[j] = static_cast<char>(random());
                expected[address + j] = bytes[j];
            }
            write(memory, address, bytes);
        } else {
            for (std::size_t j = 0; j < bytes.size(); ++j) {
                const auto found = expected.find(address + j);
                bytes[j] = found == expected.end() ? '\0' : found->second;
            }
            ASSERT_EQ(bytes_of(memory, address, bytes.size()), bytes);
        }
    }
}

TEST(SparseMemory, APageStaysAtItsPlace) {
    SparseMemory memory(kGiB);
    unsigned char* const page = memory.page(5 * kPage + 17);
    write(memory, kGiB - 4, "grow");
    write(memory, 5 * kPage, "x");
    EXPECT_EQ(memory.page(5 * kPage), page);
    EXPECT_EQ(page[0], 'x');
    page[1] = 'y';
    EXPECT_EQ(bytes_of(memory, 5 * kPage, 2), "xy");
}

TEST(SparseMemory, FilesGoInAndOutAsTheyAre) {
    SparseMemory memory(kGiB);
    std::string image(3 * kPage + 5, '\0');
    for (std::size_t i = 0; i < image.size(); ++i) {
        image[i] = static_cast<char>(i * 31 >> 3);
    }
    const ScratchFile file(image);
    EXPECT_EQ(memory.load(file.path, kPage - 3), image.size());
    EXPECT_EQ(bytes_of(memory, kPage - 3, image.size()), image);
    EXPECT_EQ(memory.load(file.path, kGiB - 10, 10), 10U); // the first bytes of the file
    EXPECT_EQ(bytes_of(memory, kGiB - 10, 10), image.substr(0, 10));
    memory.dump(file.path, kPage - 5, image.size() + 9); // with bytes around that were never written
    EXPECT_EQ(file.contents(), std::string(2, '\0') + image + std::string(7, '\0'));
}

TEST(SparseMemory, AFileThatCannotBeLoadedIsOneLineThatSaysWhy) {
    SparseMemory memory(kGiB);
    const ScratchFile file("0123456789");
    const auto whole = SparseMemory::kWholeFile;
    EXPECT_EQ(error_of(memory, "/no/such/file", 0, whole),
              "/no/such/file: expected a file that can be read, got: No such file or directory");
    EXPECT_EQ(error_of(memory, file.path, kGiB - 9, whole),
              file.path + ": expected at most 9 bytes, from 0x3ffffff7 to the end of the memory, got more");
    EXPECT_EQ(error_of(memory, file.path, kGiB, 1),
              file.path + ": expected at most 0 bytes, from 0x40000000 to the end of the memory, got a size of 1");
    EXPECT_EQ(error_of(memory, file.path, 0, 11), file.path + ": expected at least 11 bytes, got 10");
    EXPECT_EQ(error_of(memory, testing::TempDir(), 0, whole).find(testing::TempDir() + ": expected a file"), 0U);
}

TEST(SparseMemory, ADumpThatCannotBeWrittenIsRefused) {
    const SparseMemory memory(kGiB);
    EXPECT_THROW(memory.dump("/no/such/folder/dump", 0, 1), OutputRefused);
    const ScratchFile file("kept");
    EXPECT_THROW(memory.dump(file.path, kGiB - 1, 2), OutputRefused);
    EXPECT_EQ(file.contents(), "kept");
}

} // namespace
} // namespace systolica
