// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/split_sums.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

namespace {

// From the event of the owner to the first flit, and from the last one back to the owner: two messages to the board
// of events, the way through the network and the answer.
constexpr double kHandshakeCycles = 100;

} // namespace

std::vector<Tiling> sums_splits(const Layer& layer, const ChipConfig& chip) {
    std::vector<Tiling> list;
    const std::uint64_t columns = chip.tile.pe_array.cols;
    if (!layer.matrix || layer.product || layer.weight_gradient || layer.groups > 1 || !layer.results.empty() ||
        ceil_div(layer.out_channels, columns) >= chip.tiles) {
        return list;
    }
    for (std::uint64_t ways = 2; ways <= chip.tiles; ways *= 2) {
        if (chip.tiles % ways != 0 || !splits_evenly(layer, ways)) {
            continue;
        }
        for (const std::uint64_t unit : {ceil_div(layer.out_channels, chip.tiles / ways), columns}) {
            Tiling tiling;
            tiling.split = Split::channels;
            tiling.channel_unit = unit;
            tiling.ways = ways;
            list.push_back(tiling);
        }
    }
    return list;
}

bool splits_evenly(const Layer& layer, std::uint64_t ways) {
    const std::uint64_t chunk = ceil_div(layer.in_channels, ways);
    return ways <= layer.in_channels && ceil_div(layer.in_channels, chunk) == ways;
}

Range terms_of(const Layer& layer, std::uint64_t ways, std::uint64_t member) {
    if (ways == 1) {
        return {};
    }
    const std::uint64_t chunk = ceil_div(layer.in_channels, ways);
    return {member * chunk, std::min(layer.in_channels, (member + 1) * chunk)};
}

std::uint32_t sums_events(const Group& group) {
    std::uint64_t events = 0;
    for (const Share& share : group.shares) {
        if (!share.empty() && share.owner()) {
            events = std::max(events, 2 * Nest(group.layer, group.tiling, share).blocks());
        }
    }
    return static_cast<std::uint32_t>(events * (group.shares.size() / group.tiling.ways));
}

SumsExchange sums_exchange(const Group& group, unsigned tile) {
    SumsExchange exchange;
    const std::uint64_t ways = group.tiling.ways;
    if (ways == 1) {
        return exchange;
    }
    const auto member = static_cast<std::uint32_t>(tile % ways);
    exchange.owner = member == 0;
    exchange.senders = static_cast<std::uint32_t>(ways) - 1;
    exchange.owner_tile = tile - member;
    exchange.first_sender = member == 1;
    const std::uint64_t owners = group.shares.size() / ways;
    exchange.events = group.sums_event + static_cast<std::uint32_t>(sums_events(group) / owners * (tile / ways));
    return exchange;
}

OfmapRings::OfmapRings(const Plan& plan) : element_bytes_(plan.chip.precision.accumulator_bytes()) {
    const auto exchanges = [](const Group& group) { return group.tiling.ways > 1; };
    if (std::any_of(plan.groups.begin(), plan.groups.end(), exchanges)) {
        bytes_.resize(plan.chip.tiles);
    }
}

SumsExchange OfmapRings::exchange(const Group& group, unsigned tile) const {
    SumsExchange exchange = sums_exchange(group, tile);
    if (exchange.senders > 0) {
        exchange.own_ofmap = bytes_[tile];
        exchange.owner_ofmap = bytes_[exchange.owner_tile];
    }
    return exchange;
}

void OfmapRings::pass(const Group& group) {
    for (std::size_t tile = 0; group.layer.matrix && tile < bytes_.size(); ++tile) {
        const Share& share = group.shares[tile];
        bytes_[tile] +=
            share.images.size() * share.rows.size() * group.layer.columns.out * share.channels.size() * element_bytes_;
    }
}

SumsCost sums_cost(const ChipConfig& chip, const Layer& layer, const Tiling& tiling, const Share& share) {
    SumsCost cost;
    if (tiling.ways == 1) {
        return cost;
    }
    const Nest nest(layer, tiling, share);
    const std::uint64_t element = chip.precision.accumulator_bytes();
    const auto flits = [&](std::uint64_t sums) {
        const std::uint64_t burst = chip.tile.dma.max_burst_bytes;
        const std::uint64_t bytes = sums * element;
        return static_cast<double>(ceil_div(bytes, chip.noc.flit_bytes) + ceil_div(bytes, burst));
    };
    // Read and written at the scratchpad that adds, beside what arrives.
    const auto cycles = [&](std::uint64_t sums) {
        const std::uint64_t pad = ceil_div(2 * sums * element, chip.tile.pad(Pad::ofmap).bytes_per_cycle());
        return std::max(flits(sums), static_cast<double>(pad));
    };
    cost.flits = flits(nest.outputs());
    cost.last_cycles = cycles(nest.block_sums()) + kHandshakeCycles;
    cost.cycles = cycles(nest.outputs()) + kHandshakeCycles * static_cast<double>(nest.blocks());
    return cost;
}

} // namespace systolica
