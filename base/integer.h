// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Integer arithmetic that many rules share.
#pragma once

#include <cstdint>

namespace systolica {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

} // namespace systolica
