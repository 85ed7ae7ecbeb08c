// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/cost.h"

#include "base/integer.h"

#include <algorithm>
#include <array>

#include "mapping/nest.h"
#include "mapping/share_work.h"
#include "mapping/shared_loads.h"
#include "mapping/split_sums.h"

namespace systolica {

namespace {

// Share of the peak that mixed streams of loads and stores reach on an open-page controller with refresh.
constexpr double kDramEfficiency = 0.88;
// From the first request of a load to its first bytes, and the like at the end: cycles that nothing hides.
constexpr double kLoadLatencyCycles = 120;
// From request to answer when the memory is busy.
constexpr double kLoadedLatencyCycles = 250;

Range part(std::uint64_t whole, std::uint64_t unit, std::uint64_t parts, std::uint64_t index) {
    const std::uint64_t units = ceil_div(whole, unit);
    const std::uint64_t begin = units * index / parts * unit;
    const std::uint64_t end = units * (index + 1) / parts * unit;
    return {std::min(begin, whole), std::min(end, whole)};
}

// Runs of contiguous bytes cost more than their bytes: DRAM moves whole bursts, the network whole flits and a header.
struct Stream {
    double bus_bytes = 0;
    double flits = 0;
    double requests = 0;

    void add(const ChipConfig& chip, std::uint64_t bytes, std::uint64_t run_bytes) {
        if (bytes == 0) {
            return;
        }
        const std::uint64_t run =
            std::min<std::uint64_t>(run_bytes, std::min(chip.tile.dma.max_burst_bytes, chip.dram.interleave_bytes));
        const std::uint64_t burst = chip.dram.model == DramModel::ideal ? 1 : chip.dram.part.burst_bytes();
        const double runs = static_cast<double>(bytes) / static_cast<double>(run);
        bus_bytes += runs * static_cast<double>(ceil_div(run, burst) * burst);
        requests += runs;
        flits += runs * static_cast<double>(ceil_div(run, chip.noc.flit_bytes) + 1);
    }
};

// Contiguous bytes of the input under a block, as it lies in memory.
std::uint64_t input_run_bytes(const Layer& layer, const Tiling& tiling, std::uint64_t element_bytes) {
    const std::uint64_t channels =
        layer.grouped() ? std::min(tiling.n_block / layer.out_group() * layer.in_group(), layer.in_channels)
                        : std::min(tiling.k_block, layer.in_channels);
    if (channels < layer.in_channels || layer.columns.has_gaps()) {
        return channels * element_bytes;
    }
    const std::uint64_t columns = (std::min(tiling.step_columns, layer.columns.out) - 1) * layer.columns.stride + 1;
    if (tiling.step_columns < layer.columns.out) {
        return columns * channels * element_bytes;
    }
    return layer.columns.in * channels * element_bytes;
}

} // namespace

std::vector<Share> CostModel::shares(const Layer& layer, const Tiling& tiling) const {
    std::vector<Share> list(chip_.tiles);
    for (std::uint64_t t = 0; t < chip_.tiles; ++t) {
        Share& share = list[t];
        share = {{0, layer.images}, {0, layer.rows.out}, {0, layer.out_channels}};
        switch (tiling.split) {
        case Split::channels:
            share.channels = part(layer.out_channels, tiling.channel_unit, chip_.tiles / tiling.ways, t / tiling.ways);
            share.terms = terms_of(layer, tiling.ways, t % tiling.ways);
            break;
        case Split::batch:
            if (layer.images > 1) {
                share.images = part(layer.images, 1, chip_.tiles, t);
                break;
            }
            share.rows = part(layer.rows.out, layer.row_unit, chip_.tiles, t);
            break;
        case Split::rows:
        case Split::automatic:
        case Split::pipeline:
            share.rows = part(layer.rows.out, tiling.row_unit, chip_.tiles, t);
            break;
        }
    }
    return list;
}

PadNeeds CostModel::pad_needs(const Layer& layer, const Tiling& tiling, const Share& share, const Kept& kept) const {
    const Nest nest(layer, tiling, share);
    const Precision& p = chip_.precision;
    const TileConfig& tile = chip_.tile;
    const std::uint64_t positions = nest.m_blocks() * nest.strips();
    const bool many = nest.steps() > 1;

    std::uint64_t window = nest.window_elements();
    std::uint64_t window_overlap = window + (many ? nest.largest_new_elements() : 0);
    if (tiling.hold_ifmap && nest.n_blocks() > 1) {
        if (!tiling.inputs_outer) {
            window = window_overlap = nest.held_elements();
        } else if (nest.k_blocks() > 1) {
            window *= nest.k_blocks();
            window_overlap = positions > 1 ? 2 * window : window;
        }
    }

    if (kept.input) {
        window = window_overlap = nest.ifmap_elements_once();
    }

    PadNeeds needs;
    const auto add = [&](const char* name, std::uint64_t needed, std::uint64_t overlap, std::uint64_t capacity) {
        needs.add({needed, overlap, capacity, name});
    };
    const std::uint64_t vector_half = tile.pad(Pad::vector).capacity_bytes / 2;
    const std::uint64_t extra = nest.block_operand_bytes();
    const std::uint64_t constants = std::min(tiling.n_block, share.channels.size()) * layer.constant_bytes;
    const std::uint64_t copies = positions * nest.n_blocks() > 1 ? 2 : 1;
    if (layer.matrix) {
        add("ifmap", window * layer.bytes.input, window_overlap * layer.bytes.input,
            tile.pad(Pad::ifmap).capacity_bytes);
        std::uint64_t weights = nest.block_weights();
        std::uint64_t weights_overlap = nest.n_blocks() * nest.k_blocks() > 1 ? 2 * weights : weights;
        if (tiling.hold_filter && positions > 1) {
            if (tiling.inputs_outer) {
                weights = weights_overlap = nest.weights();
            } else {
                weights *= nest.k_blocks();
                weights_overlap = nest.n_blocks() > 1 ? 2 * weights : weights;
            }
        }
        const std::uint64_t bias =
            layer.bias ? std::min(tiling.n_block, share.channels.size()) * p.accumulator_bytes() : 0;
        const std::uint64_t all_bias = tiling.inputs_outer && tiling.hold_filter
                                           ? nest.n_blocks() * bias
                                           : bias * (weights_overlap > weights ? 2 : 1);
        const std::uint64_t element = layer.bytes.filter;
        add("filter", weights * element + (tiling.inputs_outer && tiling.hold_filter ? all_bias : bias),
            weights_overlap * element + all_bias, tile.pad(Pad::filter).capacity_bytes);
        const std::uint64_t sums = nest.block_sums() * p.accumulator_bytes();
        add("ofmap", sums, copies * sums, tile.pad(Pad::ofmap).capacity_bytes);
        if (extra > 0 || constants > 0) {
            const std::uint64_t operands = extra + constants;
            add("vector", operands, copies * operands, vector_half);
        }
    } else {
        add("vector", window * layer.bytes.input + extra + constants,
            window_overlap * layer.bytes.input + extra * copies + constants * copies, vector_half);
    }
    if (!layer.stages.empty()) {
        const std::uint64_t bytes = layer.output ? nest.block_outputs() * layer.bytes.output : 0;
        add("vector", bytes + nest.result_bytes(), copies * bytes + nest.result_bytes(), vector_half);
    }
    return needs;
}

double CostModel::memory_cycles(double bytes) const {
    const double cycles_per_s = chip_.clock_mhz * 1e6;
    double bytes_per_cycle = static_cast<double>(chip_.dram.channels) * chip_.noc.flit_bytes;
    if (chip_.dram.peak_bytes_per_s() > 0) {
        const double efficiency = chip_.dram.model == DramModel::ideal ? 1.0 : kDramEfficiency;
        bytes_per_cycle = std::min(bytes_per_cycle, chip_.dram.peak_bytes_per_s() * efficiency / cycles_per_s);
    }
    return bytes / bytes_per_cycle;
}

Spread spread_of(const std::vector<Share>& shares) {
    const auto size = [](const Share& s) { return s.images.size() * s.rows.size() * s.channels.size(); };
    Spread spread;
    for (const Share& share : shares) {
        if (!share.empty()) {
            ++spread.active;
            spread.largest = size(share) > size(spread.largest) ? share : spread.largest;
        }
    }
    return spread;
}

Cost CostModel::evaluate(const Layer& layer, const Tiling& tiling, const Spread& spread, const Kept& kept,
                         double limit) const {
    Cost cost;
    if (spread.active == 0) {
        return cost;
    }
    const Share* largest = &spread.largest;
    const std::uint64_t active = spread.active;
    bool overlapped = overlap_;
    for (const PadNeed& need : pad_needs(layer, tiling, *largest, kept)) {
        if (!need.fits()) {
            return cost;
        }
        overlapped = overlapped && need.overlaps();
        cost.footprint_bytes += std::min(need.overlap_bytes, need.capacity_bytes);
    }

    const Nest nest(layer, tiling, *largest);
    const Precision& p = chip_.precision;
    const std::uint64_t outputs = nest.outputs();
    const std::uint64_t bias = layer.bias ? largest->channels.size() * p.accumulator_bytes() : 0;
    const std::uint64_t filter_bytes = nest.weights() * layer.bytes.filter * nest.filter_loads_per_weight() +
                                       bias * (tiling.hold_filter ? 1 : nest.m_blocks() * nest.strips());
    const std::uint64_t ifmap_bytes = kept.input ? 0 : nest.ifmap_elements() * layer.bytes.input;
    const std::uint64_t extra_bytes = nest.operand_bytes();
    std::uint64_t write_bytes = kept.output || !layer.output ? 0 : outputs * layer.bytes.output;
    std::uint64_t again_bytes = 0; // sums of parts of the positions: written by each tile, then added up
    if (layer.weight_gradient && tiling.split != Split::channels && active > 1) {
        write_bytes = outputs * p.accumulator_bytes() + outputs * layer.bytes.output / active;
        again_bytes = outputs * p.accumulator_bytes();
    }
    for (const ResultForm& result : layer.results) {
        write_bytes += nest.results(result) * result.bytes;
    }
    const std::uint64_t constant_bytes = largest->channels.size() * layer.constant_bytes * nest.passes_over_channels();
    const std::uint64_t input_loads = share_loads_ && shares_input(layer, tiling.split) ? tiling.ways : active;
    const std::uint64_t filter_loads = share_loads_ && shares_filter(layer, tiling.split) ? 1 : active;
    cost.traffic_bytes = ifmap_bytes * input_loads + (filter_bytes + constant_bytes) * filter_loads +
                         (extra_bytes + again_bytes + write_bytes) * (active / tiling.ways);
    cost.steps = nest.steps();

    const std::uint64_t input_run = input_run_bytes(layer, tiling, layer.bytes.input);
    const std::uint64_t width = layer.output ? layer.bytes.output : layer.bytes.input; // of what lies beside
    const std::uint64_t result_run =
        (tiling.step_columns < layer.columns.out ? tiling.step_columns * tiling.n_block : nest.block_outputs()) * width;
    // A tensor that another operation has made is rarely cut into the same slices of channels.
    const std::uint64_t operand_run =
        tiling.n_block < layer.out_channels ? std::min(result_run, tiling.n_block * width) : result_run;
    const std::uint64_t whole = chip_.tile.dma.max_burst_bytes;
    Stream inputs, weights, others, writes;
    inputs.add(chip_, ifmap_bytes, input_run);
    weights.add(chip_, filter_bytes, whole);
    others.add(chip_, again_bytes, whole);
    others.add(chip_, extra_bytes, count_requests_ ? operand_run : result_run);
    writes.add(chip_, write_bytes, result_run);
    const auto tiles = static_cast<double>(active);
    const auto of_inputs = static_cast<double>(input_loads);
    const auto of_weights = static_cast<double>(filter_loads);
    const SumsCost sums = sums_cost(chip_, layer, tiling, *largest);
    const double owners = tiles / static_cast<double>(tiling.ways); // they alone read operands and write results
    double memory = std::max({memory_cycles(inputs.bus_bytes * of_inputs + weights.bus_bytes * of_weights +
                                            (others.bus_bytes + writes.bus_bytes) * owners),
                              inputs.flits + weights.flits + others.flits + sums.flits, writes.flits + sums.flits});
    if (count_requests_) { // short runs: what a tile may have in flight is little
        const double reads = inputs.requests + weights.requests + others.requests;
        cost.requests = reads + writes.requests;
        memory = std::max(memory, std::max(reads, writes.requests) * kLoadedLatencyCycles /
                                      static_cast<double>(chip_.tile.dma.outstanding));
    }
    if (memory > limit) {
        return cost;
    }

    const ShareWork work = share_work(chip_, layer, tiling, *largest);
    cost.matrix_cycles = work.matrix_cycles;
    cost.vector_cycles = work.vector_cycles;
    cost.feasible = true;
    const auto matrix = static_cast<double>(work.matrix_cycles);
    const auto vector = static_cast<double>(work.vector_cycles);

    Stream first_input, first_weights, last_stores;
    first_input.add(chip_, kept.input ? 0 : nest.window_elements() * layer.bytes.input, input_run);
    first_weights.add(chip_, nest.block_weights() * layer.bytes.filter / 2, whole);
    last_stores.add(chip_, kept.output ? 0 : nest.block_outputs() * layer.bytes.output, result_run);
    const auto exposed = [&](double bus_bytes, double flits) {
        return kLoadLatencyCycles + std::max(memory_cycles(bus_bytes), flits);
    };
    const double first = exposed(first_input.bus_bytes * of_inputs + first_weights.bus_bytes * of_weights,
                                 first_input.flits + first_weights.flits);
    const double last = static_cast<double>(work.last_vector_cycles) +
                        exposed(last_stores.bus_bytes * tiles, last_stores.flits) + sums.last_cycles;
    // What the head and the tail of the pipeline move is part of the whole: only one of both limits.
    const double serial = memory + matrix + vector + sums.cycles + static_cast<double>(cost.steps) * kLoadLatencyCycles;
    cost.cycles = overlapped
                      ? std::min(serial, std::max({memory + 2 * kLoadLatencyCycles + sums.last_cycles,
                                                   matrix + first + last, vector + first + last, sums.cycles + first}))
                      : serial;
    return cost;
}

} // namespace systolica
