// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/sparse_memory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include "base/diagnostics.h"
#include "base/output_file.h"

namespace systolica {

namespace {

std::string in_hex(std::uint64_t value) {
    std::string digits;
    for (; value != 0 || digits.empty(); value >>= 4) {
        digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    }
    return "0x" + digits;
}

std::size_t left_in_page(std::uint64_t address, std::size_t count) {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(count, SparseMemory::kPageBytes - address % SparseMemory::kPageBytes));
}

} // namespace

const SparseMemory::Page* SparseMemory::find(std::uint64_t address) const {
    const std::uint64_t page = address / kPageBytes;
    const std::uint64_t group = page / kPagesOfGroup;
    return group < groups_.size() && groups_[group] ? (*groups_[group])[page % kPagesOfGroup].get() : nullptr;
}

unsigned char* SparseMemory::page(std::uint64_t address) {
    const std::uint64_t number = address / kPageBytes;
    const std::uint64_t group = number / kPagesOfGroup;
    if (group >= groups_.size()) {
        groups_.resize(group + 1);
    }
    if (!groups_[group]) {
        groups_[group] = std::make_unique<Group>();
    }
    std::unique_ptr<Page>& page = (*groups_[group])[number % kPagesOfGroup];
    if (!page) {
        page = std::make_unique<Page>(); // zeros
        ++pages_;
    }
    return page->data();
}

void SparseMemory::read(std::uint64_t address, unsigned char* to, std::size_t count) const {
    while (count != 0) {
        const std::size_t piece = left_in_page(address, count);
        if (const Page* from = find(address)) {
            std::memcpy(to, from->data() + address % kPageBytes, piece);
        } else {
            std::memset(to, 0, piece);
        }
        address += piece;
        to += piece;
        count -= piece;
    }
}

void SparseMemory::write(std::uint64_t address, const unsigned char* from, std::size_t count) {
    while (count != 0) {
        const std::size_t piece = left_in_page(address, count);
        std::memcpy(page(address) + address % kPageBytes, from, piece);
        address += piece;
        from += piece;
        count -= piece;
    }
}

std::uint64_t SparseMemory::load(const std::string& path, std::uint64_t address, std::uint64_t count) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw InputError({path}, "", std::string("expected a file that can be read, got: ") + std::strerror(errno));
    }
    const std::uint64_t room = address <= bytes_ ? bytes_ - address : 0;
    const auto too_long = [&](const std::string& got) {
        return InputError({path}, "",
                          "expected at most " + std::to_string(room) + " bytes, from " + in_hex(address) +
                              " to the end of the memory, got " + got);
    };
    if (count != kWholeFile && count > room) {
        throw too_long("a size of " + std::to_string(count));
    }
    std::array<char, kPageBytes> piece;
    std::uint64_t done = 0;
    while (done < count) {
        const std::uint64_t wanted = std::min<std::uint64_t>(count - done, piece.size());
        file.read(piece.data(), static_cast<std::streamsize>(wanted));
        const auto got = static_cast<std::uint64_t>(file.gcount());
        if (file.bad() || (got == 0 && !file.eof())) { // a folder opens, but cannot be read
            throw InputError({path}, "", "expected a file that can be read, got an error while reading");
        }
        if (got > room - done) {
            throw too_long("more");
        }
        write(address + done, reinterpret_cast<const unsigned char*>(piece.data()), static_cast<std::size_t>(got));
        done += got;
        if (got < wanted) {
            break;
        }
    }
    if (count != kWholeFile && done < count) {
        throw InputError({path}, "",
                         "expected at least " + std::to_string(count) + " bytes, got " + std::to_string(done));
    }
    return done;
}

void SparseMemory::dump(const std::string& path, std::uint64_t address, std::uint64_t count) const {
    if (!holds(address, count)) {
        throw OutputRefused(path + ": expected a range within the " + std::to_string(bytes_) +
                            " bytes of the memory, got " + std::to_string(count) + " bytes from " + in_hex(address));
    }
    OutputFile file(path);
    std::array<unsigned char, kPageBytes> piece;
    while (count != 0 && !file.failed()) {
        const std::size_t size = left_in_page(address, static_cast<std::size_t>(count));
        read(address, piece.data(), size);
        file.append(std::string_view(reinterpret_cast<const char*>(piece.data()), size));
        address += size;
        count -= size;
    }
    file.close();
}

} // namespace systolica
