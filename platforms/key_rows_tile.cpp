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

// Tokens count bytes of a scratchpad in 32 bits (machine/commands/command.h), so a pad is below 4 GiB.
constexpr double kLargestPadKib = 4'194'303;

void add_precision(std::vector<Key>& table) {
    const auto bits = [&](const char* name, const char* description, double least, auto field) {
        Key key = whole(std::string("precision.") + name, "bit", least, 32, description, field);
        key.choices = {"8", "16", "32"};
        if (least < 8) {
            key.choices.insert(key.choices.begin(), "4");
        }
        table.push_back(std::move(key));
    };
    bits("activation_bits", "Width of activations; 4 only with dataflow: simdit", 4,
         SYSTOLICA_FIELD(chip.precision.activation_bits));
    bits("weight_bits", "Width of weights; 4 only with dataflow: simdit", 4,
         SYSTOLICA_FIELD(chip.precision.weight_bits));
    bits("accumulator_bits", "Width of partial sums and biases, at least that of activations", 8,
         SYSTOLICA_FIELD(chip.precision.accumulator_bits));
    bits("gradient_bits", "Training: width of gradients of activations, at most that of accumulators", 8,
         SYSTOLICA_FIELD(chip.precision.gradient_bits));
    table.back().standard = "as activation_bits";
    bits("master_bits", "Training: width of parameters as the optimiser keeps them, of their gradients and its state",
         8, SYSTOLICA_FIELD(chip.precision.master_bits));
    bits("bias_bits", "Only with dataflow: simdit; width of biases", 8, SYSTOLICA_FIELD(chip.precision.bias_bits));
}

void add_pe_array(std::vector<Key>& table) {
    table.push_back(
        whole("tile.pe_array.rows", "PEs", 1, 4096, "Rows of the array", SYSTOLICA_FIELD(chip.tile.pe_array.rows)));
    table.push_back(
        whole("tile.pe_array.cols", "PEs", 1, 4096, "Columns of the array", SYSTOLICA_FIELD(chip.tile.pe_array.cols)));
    table.push_back(choice<Dataflow>(
        "tile.pe_array.dataflow",
        {{"os", Dataflow::os}, {"ws", Dataflow::ws}, {"is", Dataflow::is}, {"simdit", Dataflow::simdit}},
        "What stays in the PEs: outputs, weights or inputs; simdit: nothing, the whole chip is SimDIT's machine "
        "(simdit.md)",
        SYSTOLICA_FIELD(chip.tile.pe_array.dataflow)));
    table.push_back(boolean("tile.pe_array.fold_overlap", "The next fold enters while the last one drains",
                            SYSTOLICA_FIELD(chip.tile.pe_array.fold_overlap)));
    table.push_back(boolean("tile.pe_array.clip_folds",
                            "An edge fold fills and drains only the rows and columns that it uses",
                            SYSTOLICA_FIELD(chip.tile.pe_array.clip_folds)));
}

void add_vector_unit(std::vector<Key>& table) {
    table.push_back(whole("tile.vector_unit.lanes", "elements", 1, 65536, "Elements worked on in one cycle",
                          SYSTOLICA_FIELD(chip.tile.vector_unit.lanes)));
    table.push_back(whole("tile.vector_unit.startup_cycles", "cycles", 0, 10000, "Pipeline fill, once a command",
                          SYSTOLICA_FIELD(chip.tile.vector_unit.startup_cycles)));
    table.push_back(choice<VectorCostTable>(
        "tile.vector_unit.cost_table", {{"standard", VectorCostTable::standard}, {"simdit", VectorCostTable::simdit}},
        "Where costs come from that neither this file nor one based on it gives",
        SYSTOLICA_FIELD(chip.tile.vector_unit.cost_table)));
    for (std::size_t kernel = static_cast<std::size_t>(VectorKernel::none) + 1; kernel < kVectorKernels; ++kernel) {
        const std::string name = vector_kernel_name(static_cast<VectorKernel>(kernel));
        const std::string path = "tile.vector_unit.costs." + name;
        const auto cost = [kernel](auto& platform) -> auto& {
            return platform.chip.tile.vector_unit.costs[kernel];
        };
        table.push_back(number(
            path + ".per_tap", "cycles", 0, 1e6,
            name + ": cost of a vector of lanes, for each window position", [cost](auto& platform) -> auto& {
                return cost(platform).per_tap;
            }));
        table.push_back(number(
            path + ".per_element", "cycles", 0, 1e6,
            name + ": cost of a vector of lanes, once an output", [cost](auto& platform) -> auto& {
                return cost(platform).per_element;
            }));
    }
}

void add_scratchpad(std::vector<Key>& table) {
    constexpr std::array<const char*, kPads> kHolds{"activations for the array", "weights for the array",
                                                    "accumulators", "operands and results of the vector unit"};
    for (std::size_t pad = 0; pad < kPads; ++pad) {
        const std::string path = std::string("tile.scratchpad.") + pad_name(static_cast<Pad>(pad));
        const auto group = [pad](auto& platform) -> auto& {
            return platform.chip.tile.scratchpad[pad];
        };
        table.push_back(whole(
            path + ".capacity_kib", "KiB", 1, kLargestPadKib, std::string("Capacity of the group for ") + kHolds[pad],
            [group](auto& platform) -> auto& { return group(platform).capacity_bytes; }, 1024));
        table.push_back(whole(
            path + ".banks", "banks", 1, 1024,
            "Banks of the group, each with one port", [group](auto& platform) -> auto& {
                return group(platform).banks;
            }));
        table.push_back(power_of_two(
            path + ".port_bytes", "B", 1, 4096,
            "Moved by one bank in one cycle", [group](auto& platform) -> auto& { return group(platform).port_bytes; }));
    }
}

void add_dma(std::vector<Key>& table) {
    table.push_back(power_of_two("tile.dma.max_burst_bytes", "B", 16, 4096,
                                 "Longest burst; bursts also end at interleave boundaries",
                                 SYSTOLICA_FIELD(chip.tile.dma.max_burst_bytes)));
    table.push_back(whole("tile.dma.outstanding", "bursts", 1, 1024, "Bursts in flight, for loads and for stores each",
                          SYSTOLICA_FIELD(chip.tile.dma.outstanding)));
}

} // namespace

void add_tile_keys(std::vector<Key>& table) {
    add_precision(table);
    add_pe_array(table);
    add_vector_unit(table);
    add_scratchpad(table);
    add_dma(table);
}

} // namespace systolica::keys
