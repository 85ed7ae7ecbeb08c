// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Seeded numbers that are the same with every standard library.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace systolica {

class RandomNumbers {
public:
    explicit RandomNumbers(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t below(std::uint64_t end) { return engine_() % end; }
    std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
    bool flip() { return below(2) == 1; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }

    template <typename T>
    const T& pick(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(list.size()))];
    }

private:
    std::mt19937_64 engine_;
};

} // namespace systolica
