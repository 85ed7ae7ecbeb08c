// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Bytes of a memory that cost nothing until they are written: pages are made by the first write to them, and what has
// never been written reads as 0. A page stays at its place for as long as the memory lives, so pointers to it do too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace systolica {

class SparseMemory {
public:
    static constexpr std::uint64_t kPageBytes = 4096;

    explicit SparseMemory(std::uint64_t bytes) : bytes_(bytes) {}

    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t allocated_bytes() const { return pages_ * kPageBytes; }
    bool holds(std::uint64_t address, std::uint64_t count) const {
        return count <= bytes_ && address <= bytes_ - count;
    }

    // The range must lie within the memory.
    void read(std::uint64_t address, unsigned char* to, std::size_t count) const;
    void write(std::uint64_t address, const unsigned char* from, std::size_t count);
    unsigned char* page(std::uint64_t address); // the page that holds the address, made if there is none

    // Raw binary files. load() takes the first `count` bytes of the file, or all of it, and throws InputError when they
    // cannot be read or do not fit, with what came before in memory; dump() throws OutputRefused or OutputError
    // (base/output_file.h).
    static constexpr std::uint64_t kWholeFile = ~std::uint64_t{0};
    std::uint64_t load(const std::string& path, std::uint64_t address, std::uint64_t count = kWholeFile); // bytes read
    void dump(const std::string& path, std::uint64_t address, std::uint64_t count) const;

private:
    static constexpr std::uint64_t kPagesOfGroup = 512;

    using Page = std::array<unsigned char, kPageBytes>;
    using Group = std::array<std::unique_ptr<Page>, kPagesOfGroup>;

    const Page* find(std::uint64_t address) const;

    std::uint64_t bytes_;
    std::vector<std::unique_ptr<Group>> groups_; // up to the highest one written
    std::uint64_t pages_ = 0;
};

} // namespace systolica
