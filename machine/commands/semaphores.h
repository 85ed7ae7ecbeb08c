// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The counting semaphores of a tile. Amounts are taken all at once or not at all, so two commands that each hold half
// of what the other needs cannot exist.
#pragma once

#include <array>
#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

using SemaphoreMask = std::uint32_t; // bit 1 << Semaphore

constexpr SemaphoreMask semaphore_bit(Semaphore semaphore) {
    return SemaphoreMask{1} << static_cast<unsigned>(semaphore);
}

constexpr SemaphoreMask kSpaceSemaphores =
    semaphore_bit(Semaphore::ifmap_space) | semaphore_bit(Semaphore::filter_space) |
    semaphore_bit(Semaphore::ofmap_space) | semaphore_bit(Semaphore::operand_space) |
    semaphore_bit(Semaphore::result_space);

constexpr const char* semaphore_name(Semaphore semaphore) {
    constexpr std::array<const char*, kSemaphores> names{
        "none",       "ifmap_space",   "ifmap_data",   "filter_space", "filter_data", "ofmap_space",
        "ofmap_data", "operand_space", "operand_data", "result_space", "result_data", "kept_data",
        "serial",     "ofmap_results", "step_load",    "step_matrix",  "step_vector", "step_store"};
    return names[static_cast<std::size_t>(semaphore)];
}

class Semaphores {
public:
    Semaphores() = default;
    explicit Semaphores(const std::array<std::uint32_t, kSemaphores>& initial) {
        for (std::size_t i = 0; i < kSemaphores; ++i) {
            available_[i] = initial[i];
        }
    }

    // Takes all tokens and returns 0, or takes none and returns the semaphores that hold too little.
    SemaphoreMask acquire(const std::array<Token, kTokens>& tokens) {
        SemaphoreMask lacking = 0;
        for (const Token& token : tokens) {
            if (token.semaphore != Semaphore::none) {
                std::int64_t& available = of(token.semaphore);
                available -= token.amount;
                if (available < 0) {
                    lacking |= semaphore_bit(token.semaphore);
                }
            }
        }
        if (lacking != 0) {
            release(tokens);
        }
        return lacking;
    }

    void release(const std::array<Token, kTokens>& tokens) {
        for (const Token& token : tokens) {
            if (token.semaphore != Semaphore::none) {
                of(token.semaphore) += token.amount;
            }
        }
    }

    std::uint64_t available(Semaphore semaphore) const {
        return static_cast<std::uint64_t>(available_[static_cast<std::size_t>(semaphore)]);
    }

private:
    std::int64_t& of(Semaphore semaphore) { return available_[static_cast<std::size_t>(semaphore)]; }

    std::array<std::int64_t, kSemaphores> available_{};
};

} // namespace systolica
