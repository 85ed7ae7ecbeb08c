// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/search.h"

#include "base/integer.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "machine/pe_array/fold_timing.h"
#include "machine/vector_unit/vector_timing.h"
#include "mapping/block_sizes.h"
#include "mapping/nest.h"
#include "mapping/split_sums.h"

namespace systolica {

namespace {

constexpr double kMargin = 1.01;

// A step shorter than this gains nothing from being short, and costs a command in every queue.
constexpr std::uint64_t kStepCycles = 1000;
constexpr std::uint64_t kFewestSteps = 8;

struct Candidate {
    Tiling tiling;
    Cost cost;
};

class Search {
public:
    Search(const Layer& layer, const ChipConfig& chip, const MappingOptions& options, const AcceptShares* accepts)
        : layer_(layer),
          chip_(chip),
          options_(options),
          accepts_(accepts),
          model_(chip, options.overlap != Overlap::none, options.count_requests, options.share_loads) {
        kept_.input = accepts != nullptr;
    }

    Choice run() {
        enough_steps_ = std::max(kFewestSteps, least_cycles() / kStepCycles);
        for (const Tiling& split : splits()) {
            try_split(split);
        }
        if (options_.split_sums && accepts_ == nullptr &&
            (options_.split == Split::automatic || options_.split == Split::channels)) {
            for (const Tiling& split : sums_splits(layer_, chip_)) {
                try_split(split);
            }
        }
        Choice choice;
        if (found_.empty()) {
            choice.shortfall = shortfall();
            return choice;
        }
        const Candidate& best = pick();
        choice.tiling = best.tiling;
        choice.cost = best.cost;
        return choice;
    }

private:
    // A bound that depends on neither tiling nor capacities.
    std::uint64_t least_cycles() const {
        const std::uint64_t outputs = layer_.out_elements();
        const std::uint64_t macs = layer_.matrix ? layer_.macs() : outputs * chip_.tile.pe_array.rows;
        const double peak = chip_.dram.peak_bytes_per_s() / (chip_.clock_mhz * 1e6);
        const std::uint64_t weights =
            layer_.matrix ? layer_.out_channels * layer_.in_group() * layer_.kernel_positions() : 0;
        const auto bytes = static_cast<double>(outputs + weights);
        return std::max(macs / chip_.pes(), peak > 0 ? static_cast<std::uint64_t>(bytes / peak) : 0);
    }

    // A bound that does not depend on order and holding: the full blocks alone, back to back.
    double least_cycles(const Tiling& tiling, const Share& share) const {
        std::uint64_t blocks = 1;
        const auto cut = [&](std::uint64_t whole, std::uint64_t block) {
            blocks *= std::max<std::uint64_t>(1, whole / block);
            return std::min(whole, block);
        };
        std::uint64_t m = cut(share.images.size(), tiling.step_images);
        const std::uint64_t rows = cut(share.rows.size(), tiling.step_rows);
        m *= layer_.weight_gradient ? layer_.terms({0, rows}) : rows * cut(layer_.columns.out, tiling.step_columns);
        const std::uint64_t n = cut(share.channels.size(), tiling.n_block);
        std::uint64_t vector = layer_.stages.empty() ? 0 : chip_.tile.vector_unit.startup_cycles;
        for (const Layer::Stage& stage : layer_.stages) {
            vector += vector_stage_cycles(chip_.tile.vector_unit, stage.kernel, stage.taps, m * n);
        }
        vector *= blocks;
        if (!layer_.matrix) {
            return static_cast<double>(vector);
        }
        std::uint64_t k = cut(terms_in(layer_, share), tiling.k_block) * layer_.formed();
        if (layer_.weight_gradient) {
            std::swap(m, k);
            vector = 0; // once for all sums of a block
        }
        const bool grouped = layer_.grouped();
        const FoldTiming timing = fold_timing(chip_.tile.pe_array, m, grouped ? std::min(n, layer_.out_group()) : n, k,
                                              grouped ? ceil_div(n, layer_.out_group()) : 1);
        const std::uint64_t matrix =
            blocks * (chip_.tile.pe_array.fold_overlap ? timing.last_offset + timing.depth : timing.cycles());
        return static_cast<double>(std::max(matrix, vector));
    }

    std::vector<Tiling> splits() const {
        std::vector<Tiling> list;
        const auto add = [&](Split split, std::uint64_t channel_unit, std::uint64_t row_unit) {
            Tiling tiling;
            tiling.split = split;
            tiling.channel_unit = std::max<std::uint64_t>(1, channel_unit);
            tiling.row_unit = row_unit;
            list.push_back(tiling);
        };
        const bool one = chip_.tiles == 1;
        const auto wanted = [&](Split split) {
            return !one && (options_.split == Split::automatic || options_.split == split);
        };
        if (one || (wanted(Split::rows) && !layer_.whole_rows)) {
            add(Split::rows, 1, 1);
        }
        if (wanted(Split::batch) && (layer_.images > 1 || layer_.row_unit < layer_.rows.out)) {
            add(Split::batch, 1, layer_.row_unit);
        }
        if (wanted(Split::channels) && !layer_.whole_channels) {
            const std::uint64_t even =
                ceil_div(ceil_div(layer_.out_channels, chip_.tiles), layer_.out_group()) * layer_.out_group();
            const std::uint64_t unit = layer_.grouped() ? layer_.out_group() : 1;
            add(Split::channels, layer_.grouped() ? even : ceil_div(layer_.out_channels, chip_.tiles), 1);
            add(Split::channels, ceil_div(chip_.tile.pe_array.cols, unit) * unit, 1);
        }
        if (list.empty()) { // a forced split that the layer does not have
            layer_.whole_rows ? add(Split::batch, 1, layer_.row_unit) : add(Split::rows, 1, 1);
        }
        return list;
    }

    void try_split(const Tiling& split) {
        const std::vector<Share> shares = model_.shares(layer_, split);
        fetch_cycles_ = 0;
        if (accepts_ != nullptr) {
            const std::optional<double> cycles = (*accepts_)(shares);
            if (!cycles) {
                return;
            }
            fetch_cycles_ = *cycles;
        }
        const Spread spread = spread_of(shares);
        const Share& largest = spread.largest;
        if (spread.active == 0) {
            return;
        }
        for (const auto& [images, rows, columns] : position_blocks(largest)) {
            Tiling tiling = split;
            tiling.step_images = images;
            tiling.step_rows = rows;
            tiling.step_columns = columns;
            for (const std::uint64_t n : channel_blocks(largest)) {
                tiling.n_block = n;
                for (const std::uint64_t k : chunks(largest)) {
                    tiling.k_block = k;
                    if (least_cycles(tiling, largest) <= limit_) {
                        try_orders(tiling, spread);
                    }
                }
            }
        }
    }

    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> position_blocks(const Share& share) const {
        std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> blocks;
        const std::uint64_t width = layer_.columns.out;
        for (const std::uint64_t rows : spread(share.rows.size())) {
            blocks.emplace_back(1, rows, width);
            if (rows <= 4 && !layer_.weight_gradient) { // narrow strips for rows that are too wide for the scratchpad
                for (std::uint64_t columns = ceil_div(width, 2); columns >= 1 && columns < width;
                     columns = columns == 1 ? 0 : ceil_div(columns, 2)) {
                    blocks.emplace_back(1, rows, columns);
                }
            }
        }
        for (std::uint64_t images = 2; images < 2 * share.images.size(); images *= 2) {
            blocks.emplace_back(std::min(images, share.images.size()), share.rows.size(), width);
        }
        return blocks;
    }

    Sizes channel_blocks(const Share& share) const {
        const std::uint64_t whole = share.channels.size();
        if (layer_.whole_channels) {
            return {whole};
        }
        if (layer_.grouped()) {
            return doublings(layer_.out_group(), whole);
        }
        return doublings(std::min<std::uint64_t>(chip_.tile.pe_array.cols, whole), whole);
    }

    // Chunks of input channels. The sums of a block of positions stay on chip over all chunks.
    Sizes chunks(const Share& share) const {
        if (!layer_.matrix || layer_.grouped()) {
            return {layer_.in_group()};
        }
        return doublings(1, terms_in(layer_, share));
    }

    // What no order or holding changes: one block of sums, weights and inputs.
    bool block_fits(const Nest& nest) const {
        const Precision& p = chip_.precision;
        const auto capacity = [&](Pad pad) { return chip_.tile.pad(pad).capacity_bytes; };
        if (!layer_.matrix) {
            return nest.window_elements() * layer_.bytes.input <= capacity(Pad::vector) / 2;
        }
        return nest.block_sums() * p.accumulator_bytes() <= capacity(Pad::ofmap) &&
               nest.block_weights() * layer_.bytes.filter <= capacity(Pad::filter) &&
               (kept_.input || nest.window_elements() * layer_.bytes.input <= capacity(Pad::ifmap));
    }

    void try_orders(Tiling tiling, const Spread& spread) {
        const Nest nest(layer_, tiling, spread.largest);
        if (!block_fits(nest) || (tiling.ways > 1 && nest.blocks() > kMostSumBlocks)) {
            return;
        }
        const bool chunked = nest.k_blocks() > 1;
        const bool many_n = nest.n_blocks() > 1;
        const bool many_m = nest.m_blocks() * nest.strips() > 1;
        for (const bool inputs_outer : {false, true}) {
            if (inputs_outer && (!many_n || !many_m || layer_.grouped())) {
                continue; // the same as the other order
            }
            tiling.inputs_outer = inputs_outer;
            for (const bool hold_ifmap : {false, true}) {
                const bool must = inputs_outer && !chunked; // the rows of the block serve all output channels
                if (hold_ifmap ? !many_n || layer_.grouped() : must) {
                    continue;
                }
                tiling.hold_ifmap = hold_ifmap;
                for (const bool hold_filter : {false, true}) {
                    const bool must_filter = !inputs_outer && !chunked;
                    if (hold_filter ? !many_m && !must_filter : must_filter) {
                        continue;
                    }
                    tiling.hold_filter = hold_filter;
                    Cost cost = model_.evaluate(layer_, tiling, spread, kept_, limit_);
                    cost.cycles += fetch_cycles_;
                    if (cost.feasible) {
                        found_.push_back({tiling, cost});
                        if (options_.objective == Objective::time) {
                            limit_ = std::min(limit_, cost.cycles * kMargin);
                        }
                    }
                }
            }
        }
    }

    // For traffic, a layer that fits a lone tile whole is not cut: it is compared with formulas.
    double objective(const Cost& cost) const {
        if (options_.objective == Objective::traffic) {
            return cost.steps == 1 && chip_.tiles == 1 ? 0 : static_cast<double>(cost.traffic_bytes);
        }
        return cost.cycles;
    }

    const Candidate& pick() const {
        double best = objective(found_.front().cost);
        for (const Candidate& candidate : found_) {
            best = std::min(best, objective(candidate.cost));
        }
        const double margin = options_.objective == Objective::traffic ? 1.0 : kMargin;
        const auto rank = [&](const Candidate& c) {
            const auto traffic = static_cast<double>(c.cost.traffic_bytes);
            const auto footprint = static_cast<double>(c.cost.footprint_bytes);
            const auto steps = static_cast<double>(std::max(c.cost.steps, enough_steps_));
            const double strips = c.tiling.step_columns < layer_.columns.out ? 1 : 0; // shorter runs in memory
            return options_.objective == Objective::traffic
                       ? std::make_tuple(static_cast<double>(c.cost.matrix_cycles), static_cast<double>(c.cost.steps),
                                         c.cost.cycles, footprint, 0.0)
                       : std::make_tuple(traffic, c.cost.requests, strips, steps, footprint);
        };
        const Candidate* chosen = nullptr;
        for (const Candidate& candidate : found_) {
            if (objective(candidate.cost) <= best * margin && (chosen == nullptr || rank(candidate) < rank(*chosen))) {
                chosen = &candidate;
            }
        }
        return *chosen;
    }

    // The least that the layer needs, and which scratchpad cannot give it.
    std::string shortfall() const {
        Tiling tiling = splits().back();
        tiling.step_rows = tiling.step_images = 1;
        tiling.step_columns = layer_.weight_gradient ? layer_.columns.out : 1;
        tiling.n_block = layer_.whole_channels ? layer_.out_channels
                         : layer_.grouped()    ? layer_.out_group()
                                               : std::min<std::uint64_t>(chip_.tile.pe_array.cols, layer_.out_channels);
        tiling.k_block = layer_.matrix && !layer_.grouped() ? 1 : layer_.in_group();
        for (const Share& share : model_.shares(layer_, tiling)) {
            if (share.empty()) {
                continue;
            }
            for (const PadNeed& need : model_.pad_needs(layer_, tiling, share)) {
                if (!need.fits()) {
                    return std::string(need.name) + " scratchpad lacks " +
                           std::to_string(need.needed_bytes - need.capacity_bytes) + " bytes (needs at least " +
                           std::to_string(need.needed_bytes) + ", has " + std::to_string(need.capacity_bytes) + ")";
                }
            }
        }
        return "no tiling fits the scratchpads";
    }

    const Layer& layer_;
    const ChipConfig& chip_;
    const MappingOptions& options_;
    const AcceptShares* accepts_;
    Kept kept_;
    CostModel model_;
    double limit_ = std::numeric_limits<double>::infinity(); // slower ones are not taken, whatever else they have
    std::uint64_t enough_steps_ = 0;
    double fetch_cycles_ = 0; // of the split that is tried, before anything can begin
    std::vector<Candidate> found_;
};

} // namespace

Choice choose_tiling(const Layer& layer, const ChipConfig& chip, const MappingOptions& options) {
    return Search(layer, chip, options, nullptr).run();
}

Choice choose_tiling_kept(const Layer& layer, const ChipConfig& chip, const MappingOptions& options,
                          const AcceptShares& accepts) {
    return Search(layer, chip, options, &accepts).run();
}

} // namespace systolica
