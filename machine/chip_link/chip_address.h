// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Addresses of a system: the chip in the upper 16 bits, the address on that chip below.
#pragma once

#include <cstdint>

namespace systolica {

constexpr unsigned kChipAddressBits = 48;

constexpr std::uint64_t system_address(unsigned chip, std::uint64_t on_chip) {
    return (std::uint64_t{chip} << kChipAddressBits) | on_chip;
}

constexpr unsigned chip_of_address(std::uint64_t address) {
    return static_cast<unsigned>(address >> kChipAddressBits);
}

constexpr std::uint64_t address_on_chip(std::uint64_t address) {
    return address & ((std::uint64_t{1} << kChipAddressBits) - 1);
}

} // namespace systolica
