// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small things that the parts of a tile program share.
#pragma once

#include <array>
#include <cstdint>

#include "machine/commands/command.h"
#include "mapping/nest.h"
#include "mapping/plan.h"

namespace systolica {

inline Span all_of(const Range& range) {
    return {range.begin, 1, range.size(), 0};
}

inline std::uint32_t narrow(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

inline void add(std::array<Token, kTokens>& tokens, Semaphore semaphore, std::uint64_t amount) {
    if (amount == 0) {
        return;
    }
    for (Token& token : tokens) {
        if (token.semaphore == Semaphore::none) {
            token = {semaphore, narrow(amount)};
            return;
        }
    }
}

// The results of a step.
inline Region results(const Step& step) {
    return {step.images, all_of(step.rows), all_of(step.columns), step.channels};
}

// Bias and one chunk of weights of a block of output channels, as they lie in memory.
struct FilterPiece {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
};

FilterPiece filter_piece(const Plan& plan, const Group& group, const Step& step);

} // namespace systolica
