// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key_rows.h"

#include "platforms/key_builders.h"

namespace systolica::keys {

namespace {

// The accessor of a row: a field of Platform, const or not.
#define SYSTOLICA_FIELD(member)                                                                                        \
    [](auto& platform) -> auto& {                                                                                      \
        return platform.member;                                                                                        \
    }

void add_interfaces(std::vector<Key>& table) {
    const auto width = [&table](const char* name, Pad pad, const char* carries) {
        table.push_back(whole(
            std::string("chip.dram.bits_per_cycle.") + name, "bit", 1, 1e6,
            std::string("Only with model: private; width of the interface for ") + carries,
            [pad](auto& platform) -> auto& {
                return platform.chip.dram.bits_per_cycle[static_cast<std::size_t>(pad)];
            }));
    };
    width("weight", Pad::filter, "weights and biases, at most a row of weights");
    width("ifmap", Pad::ifmap, "inputs of the array");
    width("ofmap", Pad::ofmap, "partial sums and results of the array");
    width("vector", Pad::vector, "operands and results of the vector unit");
}

void add_machine(std::vector<Key>& table) {
    constexpr double kMostKib = 4'194'303;
    Key bias = whole("simdit.bias_buffer_kib", "KiB", 1, kMostKib, "Buffer for biases, of which a tile gets half",
                     SYSTOLICA_FIELD(chip.simdit.bias_buffer_bytes), 1024);
    bias.standard = "128 bytes a column";
    table.push_back(std::move(bias));
    Key vector1 = whole("simdit.vector1_buffer_kib", "KiB", 1, kMostKib,
                        "First of the vector unit's two buffers, which share tile.scratchpad.vector",
                        SYSTOLICA_FIELD(chip.simdit.vector1_buffer_bytes), 1024);
    vector1.standard = "half of it";
    table.push_back(std::move(vector1));

    const auto cycles = [&table](const char* name, double least, const char* description, auto field) {
        table.push_back(whole(std::string("simdit.") + name, "cycles", least, 1000, description, field));
    };
    cycles("div_cycles", 1, "Vector unit: a division", SYSTOLICA_FIELD(chip.simdit.div_cycles));
    cycles("exp_cycles", 1, "Vector unit: an exponential", SYSTOLICA_FIELD(chip.simdit.exp_cycles));
    cycles("inv_sqrt_cycles", 1, "Vector unit: a reciprocal root", SYSTOLICA_FIELD(chip.simdit.inv_sqrt_cycles));
    cycles("cond_move_cycles", 1, "Vector unit: a conditional move", SYSTOLICA_FIELD(chip.simdit.cond_move_cycles));
    cycles("read_after_write_cycles", 0, "Vector unit: wait of an operation that reads what the one before it wrote",
           SYSTOLICA_FIELD(chip.simdit.read_after_write_cycles));
    table.push_back(whole("simdit.pipeline_stages", "stages", 1, 1000,
                          "Vector unit: a tile takes stages - 1 + lanes - 1 cycles to fill them",
                          SYSTOLICA_FIELD(chip.simdit.pipeline_stages)));
    table.push_back(boolean("simdit.fused_tiles_wait",
                            "Fusion: the array waits for the loads of its next tile, too (simdit.md); SimDIT: false",
                            SYSTOLICA_FIELD(chip.simdit.fused_tiles_wait)));
    table.push_back(boolean("simdit.convolution_bias_gradients",
                            "Training: the biases of convolutions learn (SimDIT's programs: false)",
                            SYSTOLICA_FIELD(chip.simdit.convolution_bias_gradients)));
}

} // namespace

void add_simdit_keys(std::vector<Key>& table) {
    add_interfaces(table);
    add_machine(table);
}

} // namespace systolica::keys
