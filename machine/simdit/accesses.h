// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What an operation moves, as SimDIT reports it for energy: to and from DRAM by kind of data, and between scratchpads
// and arrays. A begun tile counts as a whole one here for partial sums and inputs, while its time counts by its
// fraction (cost.h): the two agree where tiles divide the operation.
#pragma once

#include "machine/simdit/config.h"
#include "machine/simdit/work.h"

namespace systolica {

struct SimditAccesses { // bytes
    double macs = 0;    // not bytes: executed, padded channels included

    double dram_weight = 0;
    double dram_bias = 0;
    double dram_ifmap = 0; // array: inputs; SIMD array: everything it loads and what it stores for a later pass
    double dram_psum = 0;
    double dram_ofmap = 0;

    double weight_buffer = 0;
    double ifmap_buffer = 0;
    double ofmap_buffer = 0;
    double bias_buffer = 0;
    double vector_buffers = 0;
    double immediate_buffer = 0;
    double instruction_buffer = 0;

    double dram() const { return dram_weight + dram_bias + dram_ifmap + dram_psum + dram_ofmap; }
};

// `config` has no shortage.
SimditAccesses simdit_accesses(const SimditConfig& config, const SimditWork& work);

} // namespace systolica
