// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How long a chip adds what it has received to what it has: the vector units of all its tiles share the elements, which
// are as wide as gradients of parameters (precision.master_bits), and take what an `add` costs; one message after the
// other. Not modelled: the traffic of the operands to and from the chip's memory.
#pragma once

#include <cstdint>

#include "machine/tile_config.h"

namespace systolica {

class Reduction {
public:
    Reduction() = default; // costs nothing
    explicit Reduction(const ChipConfig& chip);

    std::uint64_t ps(std::uint64_t bytes) const;

private:
    bool costs_ = false;
    Clock clock_ = Clock::from_mhz(1);
    VectorUnitConfig unit_;
    std::uint64_t tiles_ = 1;
    std::uint64_t element_bytes_ = 1;
};

} // namespace systolica
