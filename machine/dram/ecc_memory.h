// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A memory whose words of 8 bytes carry check bits (secded.h), kept beside the data. Reads deliver corrected bytes and
// leave the stored word as it is, so that two flips at different times add up to an error that cannot be corrected;
// writing the whole word heals it. A write of a part of a word reads the word first.
#pragma once

#include "machine/dram/secded.h"
#include "machine/dram/sparse_memory.h"

namespace systolica {

struct EccCounters {
    std::uint64_t corrected = 0, uncorrectable = 0; // words
};

class EccMemory {
public:
    static constexpr std::uint64_t kWordBytes = 8;

    explicit EccMemory(SparseMemory& data) : data_(data), checks_((data.bytes() + kWordBytes - 1) / kWordBytes) {}

    // The range must lie within the memory. What cannot be corrected is delivered as it is stored.
    EccCounters read(std::uint64_t address, unsigned char* to, std::size_t count) const;
    // Writes nothing when a word of which it covers only a part cannot be corrected.
    EccCounters write(std::uint64_t address, const unsigned char* from, std::size_t count);
    void renew(std::uint64_t address, std::uint64_t count); // check bits for the data as they are

    void flip(std::uint64_t address, unsigned bit); // a fault: bit 0 to 71 of the word that holds the address

private:
    std::uint64_t word_at(std::uint64_t number) const;
    void set_word(std::uint64_t number, std::uint64_t word);
    std::uint8_t check_at(std::uint64_t number) const;
    EccOutcome decode(std::uint64_t number, std::uint64_t& word, EccCounters& found) const;

    SparseMemory& data_;
    SparseMemory checks_; // a byte a word
};

} // namespace systolica
