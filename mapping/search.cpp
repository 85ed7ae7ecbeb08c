// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/search.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "mapping/nest.h"

namespace systolica {

namespace {

constexpr double kMargin = 1.01;

// A step shorter than this gains nothing from being short, and costs a command in every queue.
constexpr std::uint64_t kStepCycles = 1000;
constexpr std::uint64_t kFewestSteps = 8;
// Tilings with this many times more steps than needed are not looked at, unless nothing else fits.
constexpr std::uint64_t kMostSteps = 16;

using Sizes = std::vector<std::uint64_t>;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

void finish(Sizes& sizes) {
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
}

// 1, 2, 3, 4, 6, 8, 12, ... below `whole`, and `whole`, its halves, thirds and quarters.
Sizes spread(std::uint64_t whole) {
    Sizes sizes{whole, ceil_div(whole, 2), ceil_div(whole, 3), ceil_div(whole, 4)};
    for (std::uint64_t power = 1; power < whole; power *= 2) {
        sizes.push_back(power);
        if (power > 1 && power + power / 2 < whole) {
            sizes.push_back(power + power / 2);
        }
    }
    finish(sizes);
    return sizes;
}

// unit, 2 unit, 4 unit, ... below `whole`, and `whole`.
Sizes doublings(std::uint64_t unit, std::uint64_t whole) {
    Sizes sizes{whole};
    for (std::uint64_t size = unit; size < whole; size *= 2) {
        sizes.push_back(size);
    }
    finish(sizes);
    return sizes;
}

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
          model_(chip, options.overlap != Overlap::none) {
        kept_.input = accepts != nullptr;
    }

    Choice run() {
        enough_steps_ = std::max(kFewestSteps, least_cycles() / kStepCycles);
        for (const std::uint64_t most : {kMostSteps * enough_steps_, ~std::uint64_t{0}}) {
            most_steps_ = most;
            for (const Tiling& split : splits()) {
                try_split(split);
            }
            if (!found_.empty()) {
                break;
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
        const std::uint64_t macs = layer_.matrix ? outputs * layer_.in_group() * layer_.kernel_positions()
                                                 : outputs * chip_.tile.pe_array.rows;
        const double peak = chip_.dram.peak_bytes_per_s() / (chip_.clock_mhz * 1e6);
        const std::uint64_t weights =
            layer_.matrix ? layer_.out_channels * layer_.in_group() * layer_.kernel_positions() : 0;
        const auto bytes = static_cast<double>(outputs + weights);
        return std::max(macs / chip_.pes(), peak > 0 ? static_cast<std::uint64_t>(bytes / peak) : 0);
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
        if (one || wanted(Split::rows)) {
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
            add(Split::rows, 1, 1);
        }
        return list;
    }

    void try_split(const Tiling& split) {
        const std::vector<Share> shares = model_.shares(layer_, split);
        if (accepts_ != nullptr && !(*accepts_)(shares)) {
            return;
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
                for (const std::uint64_t k : chunks()) {
                    tiling.k_block = k;
                    try_orders(tiling, spread);
                }
            }
        }
    }

    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> position_blocks(const Share& share) const {
        std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> blocks;
        const std::uint64_t width = layer_.columns.out;
        for (const std::uint64_t rows : spread(share.rows.size())) {
            blocks.emplace_back(1, rows, width);
            if (rows <= 4) { // narrow strips for rows that are too wide for the scratchpad
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
    Sizes chunks() const {
        if (!layer_.matrix || layer_.grouped()) {
            return {layer_.in_group()};
        }
        const std::uint64_t least = most_steps_ == ~std::uint64_t{0} ? 1 : 8;
        return doublings(std::min(least, layer_.in_group()), layer_.in_group());
    }

    void try_orders(Tiling tiling, const Spread& spread) {
        const Nest nest(layer_, tiling, spread.largest);
        if (nest.steps() > most_steps_) {
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
                    const Cost cost = model_.evaluate(layer_, tiling, spread, kept_, limit_);
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

    double objective(const Cost& cost) const {
        return options_.objective == Objective::traffic ? static_cast<double>(cost.traffic_bytes) : cost.cycles;
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
                       ? std::make_tuple(static_cast<double>(c.cost.matrix_cycles), strips, c.cost.cycles, footprint)
                       : std::make_tuple(traffic, strips, steps, footprint);
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
        tiling.step_rows = tiling.step_columns = tiling.step_images = 1;
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
    std::uint64_t most_steps_ = 0;
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
