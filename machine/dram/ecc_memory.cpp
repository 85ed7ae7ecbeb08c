// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/ecc_memory.h"

#include <algorithm>
#include <stdexcept>

namespace systolica {

// Byte n of a word is its bits 8n to 8n + 7.
std::uint64_t EccMemory::word_at(std::uint64_t number) const {
    const std::uint64_t address = number * kWordBytes;
    std::array<unsigned char, kWordBytes> bytes{};
    data_.read(address, bytes.data(), std::min<std::uint64_t>(kWordBytes, data_.bytes() - address));
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < kWordBytes; ++i) {
        word |= std::uint64_t{bytes[i]} << (8 * i);
    }
    return word;
}

void EccMemory::set_word(std::uint64_t number, std::uint64_t word) {
    const std::uint64_t address = number * kWordBytes;
    std::array<unsigned char, kWordBytes> bytes{};
    for (std::size_t i = 0; i < kWordBytes; ++i) {
        bytes[i] = static_cast<unsigned char>(word >> (8 * i));
    }
    data_.write(address, bytes.data(), std::min<std::uint64_t>(kWordBytes, data_.bytes() - address));
}

std::uint8_t EccMemory::check_at(std::uint64_t number) const {
    std::uint8_t check = 0;
    checks_.read(number, &check, 1);
    return check;
}

EccOutcome EccMemory::decode(std::uint64_t number, std::uint64_t& word, EccCounters& found) const {
    std::uint8_t check = check_at(number);
    word = word_at(number);
    const EccOutcome outcome = secded_decode(word, check);
    found.corrected += outcome == EccOutcome::corrected ? 1U : 0U;
    found.uncorrectable += outcome == EccOutcome::uncorrectable ? 1U : 0U;
    return outcome;
}

EccCounters EccMemory::read(std::uint64_t address, unsigned char* to, std::size_t count) const {
    EccCounters found;
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t byte = (address + i) % kWordBytes;
        if (i == 0 || byte == 0) {
            decode((address + i) / kWordBytes, word, found);
        }
        to[i] = static_cast<unsigned char>(word >> (8 * byte));
    }
    return found;
}

EccCounters EccMemory::write(std::uint64_t address, const unsigned char* from, std::size_t count) {
    EccCounters found;
    if (count == 0) {
        return found;
    }
    const std::uint64_t end = address + count;
    const std::uint64_t first = address / kWordBytes, last = (end - 1) / kWordBytes;
    std::uint64_t head = 0, tail = 0;
    const bool head_kept = address % kWordBytes != 0 || (first == last && end % kWordBytes != 0);
    const bool tail_kept = end % kWordBytes != 0 && first != last;
    const EccOutcome head_outcome = head_kept ? decode(first, head, found) : EccOutcome::ok;
    const EccOutcome tail_outcome = tail_kept ? decode(last, tail, found) : EccOutcome::ok;
    if (found.uncorrectable != 0) {
        return found;
    }
    if (head_outcome == EccOutcome::corrected) {
        set_word(first, head);
    }
    if (tail_outcome == EccOutcome::corrected) {
        set_word(last, tail);
    }
    data_.write(address, from, count);
    renew(address, count);
    return found;
}

void EccMemory::renew(std::uint64_t address, std::uint64_t count) {
    if (count == 0) {
        return;
    }
    for (std::uint64_t number = address / kWordBytes; number <= (address + count - 1) / kWordBytes; ++number) {
        const std::uint8_t check = secded_encode(word_at(number));
        checks_.write(number, &check, 1);
    }
}

void EccMemory::flip(std::uint64_t address, unsigned bit) {
    if (address >= data_.bytes() || bit >= kSecdedBits) {
        throw std::invalid_argument("ECC fault: expected an address within the memory and a bit below 72");
    }
    const std::uint64_t number = address / kWordBytes;
    if (bit < 64) {
        set_word(number, word_at(number) ^ std::uint64_t{1} << bit);
    } else {
        const auto check = static_cast<std::uint8_t>(check_at(number) ^ 1U << (bit - 64));
        checks_.write(number, &check, 1);
    }
}

} // namespace systolica
