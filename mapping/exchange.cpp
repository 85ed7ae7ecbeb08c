// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/exchange.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "machine/commands/tile_address.h"
#include "mapping/nest.h"

namespace systolica {

namespace {

// Request, router by router, and the answer: what nothing hides.
constexpr double kFetchLatencyCycles = 60;
// A tile that would have to fetch from more than so many has its input from memory.
constexpr std::size_t kMostPieces = 256;

// Rows of all images, counted through, that a share covers: one range an image, joined where they touch.
std::vector<Range> stacked(const Range& images, const Range& rows, std::uint64_t rows_of_image) {
    std::vector<Range> list;
    for (std::uint64_t image = images.begin; image < images.end; ++image) {
        const Range range{image * rows_of_image + rows.begin, image * rows_of_image + rows.end};
        if (!list.empty() && list.back().end == range.begin) {
            list.back().end = range.end;
        } else {
            list.push_back(range);
        }
    }
    return list;
}

std::vector<Range> made_rows(const MadeResults& made, unsigned tile) {
    const Share& share = made.shares[tile];
    return stacked(share.images, share.rows, made.layer.rows.out);
}

Range needed_channels(const Layer& layer, const Share& share) {
    if (!layer.grouped()) {
        return {0, layer.in_channels};
    }
    return {share.channels.begin / layer.out_group() * layer.in_group(),
            (share.channels.end + layer.out_group() - 1) / layer.out_group() * layer.in_group()};
}

Range common(const Range& a, const Range& b) {
    const Range both{std::max(a.begin, b.begin), std::min(a.end, b.end)};
    return both.empty() ? Range{} : both;
}

Span whole(const Range& range) {
    return {range.begin, 1, range.size(), 0};
}

using Key = std::tuple<unsigned, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

Key key_of(const ExchangePiece& piece) {
    return {piece.from, piece.box.rows.start, piece.box.rows.length, piece.box.channels.begin, piece.box.channels.end};
}

void find_sharers(Exchange& exchange) {
    std::map<Key, std::uint16_t> count;
    for (const auto& pieces : exchange.pieces) {
        for (const ExchangePiece& piece : pieces) {
            ++count[key_of(piece)];
        }
    }
    std::map<Key, bool> met;
    for (auto& pieces : exchange.pieces) {
        for (ExchangePiece& piece : pieces) {
            const Key key = key_of(piece);
            if (count[key] > 1) {
                piece.sharers = count[key];
                piece.follows = met[key];
                met[key] = true;
            }
        }
    }
}

} // namespace

std::uint64_t Exchange::elements(unsigned tile) const {
    std::uint64_t sum = 0;
    for (const ExchangePiece& piece : pieces[tile]) {
        sum += piece.box.elements();
    }
    return sum;
}

std::uint64_t MadeResults::elements(unsigned tile) const {
    return shares[tile].empty() ? 0 : Nest(layer, tiling, shares[tile]).outputs();
}

TensorLayout MadeResults::layout(unsigned tile, std::uint64_t element_bytes) const {
    const Share& share = shares[tile];
    TensorLayout layout;
    layout.base = encode(TileAddress{tile, Pad::ifmap, 0});
    layout.rows = share.images.size() * share.rows.size();
    layout.width = this->layer.columns.out;
    layout.element_bytes = element_bytes;
    layout.boundaries.clear();
    for (std::uint64_t c = 0; c < share.channels.size(); c += tiling.n_block) {
        layout.boundaries.push_back(c);
    }
    layout.boundaries.push_back(share.channels.size());
    return layout;
}

std::optional<Exchange> plan_exchange(const MadeResults& made, const Layer& layer, const std::vector<Share>& shares,
                                      bool share_loads, std::uint64_t capacity_elements) {
    const auto tiles = static_cast<unsigned>(shares.size());
    if (made.layer.images * made.layer.rows.out != layer.images * layer.rows.in ||
        made.layer.columns.out != layer.columns.in || made.layer.out_channels != layer.in_channels) {
        return {};
    }
    Exchange exchange;
    exchange.pieces.resize(tiles);
    exchange.readers.resize(tiles);
    std::vector<std::vector<Range>> rows_of(tiles);
    for (unsigned t = 0; t < tiles; ++t) {
        if (!made.shares[t].empty()) {
            if (shares[t].empty()) {
                return {};
            }
            rows_of[t] = made_rows(made, t);
        }
    }
    for (unsigned t = 0; t < tiles; ++t) {
        if (shares[t].empty()) {
            continue;
        }
        const std::vector<Range> needed = stacked(shares[t].images, layer.rows.window(shares[t].rows), layer.rows.in);
        const Range channels = needed_channels(layer, shares[t]);
        for (unsigned u = 0; u < tiles; ++u) {
            const Range& their_channels = made.shares[u].channels;
            const Range part = u == t ? Range{} : common(channels, their_channels);
            bool reads = false;
            std::uint64_t row = 0; // of their results, as they lie in the pad
            for (const Range& theirs : rows_of[u]) {
                for (const Range& mine : needed) {
                    const Range both = part.empty() ? Range{} : common(mine, theirs);
                    if (!both.empty()) {
                        reads = true;
                        const std::uint64_t first = row + both.begin - theirs.begin;
                        exchange.pieces[t].push_back(
                            {u,
                             {whole({first, first + both.size()}),
                              whole({0, layer.columns.in}),
                              {part.begin - their_channels.begin, part.end - their_channels.begin}}});
                    }
                }
                row += theirs.size();
            }
            exchange.readers[u] += reads ? 1 : 0;
        }
        if (exchange.pieces[t].size() > kMostPieces || made.elements(t) + exchange.elements(t) > capacity_elements) {
            return {};
        }
    }
    if (share_loads) {
        find_sharers(exchange);
    }
    return exchange;
}

double exchange_cycles(const Exchange& exchange, const ChipConfig& chip, std::uint64_t element_bytes) {
    std::vector<std::uint64_t> sent(exchange.pieces.size());
    std::uint64_t most = 0;
    for (unsigned t = 0; t < exchange.pieces.size(); ++t) {
        most = std::max(most, exchange.elements(t));
        for (const ExchangePiece& piece : exchange.pieces[t]) {
            sent[piece.from] += piece.follows ? 0 : piece.box.elements();
        }
    }
    if (most == 0) {
        return 0;
    }
    const std::uint64_t port = std::max(most, *std::max_element(sent.begin(), sent.end()));
    const double burst = static_cast<double>(chip.tile.dma.max_burst_bytes);
    const double flit = static_cast<double>(chip.noc.flit_bytes);
    const double by_links = static_cast<double>(port * element_bytes) * (burst + flit) / burst / flit;
    const double in_flight = burst * static_cast<double>(chip.tile.dma.outstanding);
    const double by_window = static_cast<double>(most * element_bytes) * kFetchLatencyCycles / in_flight;
    return kFetchLatencyCycles + std::max(by_links, by_window);
}

} // namespace systolica
