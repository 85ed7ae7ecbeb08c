// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A tile and a chip as the machine's rules see them: the Config structs of the blocks, composed.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "machine/dma/config.h"
#include "machine/dram/config.h"
#include "machine/noc/config.h"
#include "machine/pe_array/config.h"
#include "machine/scratchpad/config.h"
#include "machine/simdit/config.h"
#include "machine/vector_unit/config.h"

namespace systolica {

struct Precision {
    unsigned activation_bits = 8; // whole bytes: 8, 16 or 32; dataflow simdit: 4, too
    unsigned weight_bits = 8;
    unsigned accumulator_bits = 32; // partial sums and biases
    unsigned gradient_bits = 0;     // training: gradients of activations; 0: as activation_bits
    unsigned master_bits = 32;      // training: parameters as the optimiser keeps them, their gradients and its state
    unsigned bias_bits = 32;        // dataflow simdit: of biases

    std::uint64_t activation_bytes() const { return activation_bits / 8; }
    std::uint64_t weight_bytes() const { return weight_bits / 8; }
    std::uint64_t accumulator_bytes() const { return accumulator_bits / 8; }
    std::uint64_t gradient_bytes() const { return (gradient_bits == 0 ? activation_bits : gradient_bits) / 8; }
    std::uint64_t master_bytes() const { return master_bits / 8; }
};

struct TileConfig {
    PeArrayConfig pe_array;
    VectorUnitConfig vector_unit;
    std::array<ScratchpadConfig, kPads> scratchpad; // by Pad
    DmaConfig dma;

    const ScratchpadConfig& pad(Pad which) const { return scratchpad[static_cast<std::size_t>(which)]; }
};

struct ChipConfig {
    double clock_mhz = 800;
    Precision precision;
    TileConfig tile; // every tile of the chip
    unsigned tiles = 1;
    NocConfig noc;
    DramConfig dram;
    SimditConfig simdit; // dataflow simdit: what nothing above says; see simdit_config()

    Clock clock() const { return Clock::from_mhz(clock_mhz); }
    std::uint64_t pes() const { return std::uint64_t{tiles} * tile.pe_array.rows * tile.pe_array.cols; }
};

} // namespace systolica
