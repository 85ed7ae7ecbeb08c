// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/share_work.h"

#include "base/integer.h"

#include <algorithm>
#include <array>

#include "machine/pe_array/fold_timing.h"
#include "machine/pe_array/sram_counts.h"
#include "machine/vector_unit/vector_timing.h"

namespace systolica {

namespace {

// The sizes that blocks of an axis have: full ones, and a smaller last one.
struct Sizes {
    std::array<std::uint64_t, 2> size{};
    std::array<std::uint64_t, 2> count{};

    Sizes(std::uint64_t whole, std::uint64_t block) {
        size = {std::min(block, whole), whole % block};
        count = {whole < block ? 1 : whole / block, whole > block && whole % block != 0 ? 1u : 0u};
    }
};

// Cycles for which the scratchpads need the stream to last, where that is longer than the array's own.
std::uint64_t pad_cycles(const ChipConfig& chip, std::uint64_t m, std::uint64_t n, std::uint64_t k,
                         std::uint64_t groups, bool accumulates, const ElementBytes& bytes) {
    const PeArrayConfig& array = chip.tile.pe_array;
    const SramCounts words = sram_counts(array, m, n, k, groups, accumulates);
    const auto need = [&](Pad pad, std::uint64_t moved) {
        return ceil_div(moved, chip.tile.pad(pad).bytes_per_cycle());
    };
    return std::max({need(Pad::ifmap, words.ifmap_reads * bytes.input),
                     need(Pad::filter, words.filter_reads * bytes.filter),
                     need(Pad::ofmap, (words.ofmap_writes + words.ofmap_reads) * chip.precision.accumulator_bytes())});
}

} // namespace

ShareWork share_work(const ChipConfig& chip, const Layer& layer, const Tiling& tiling, const Share& share) {
    const PeArrayConfig& array = chip.tile.pe_array;
    const Sizes images(share.images.size(), tiling.step_images);
    const Sizes rows(share.rows.size(), tiling.step_rows);
    const Sizes columns(layer.columns.out, tiling.step_columns);
    const Sizes n(share.channels.size(), tiling.n_block);
    const Sizes k(share.terms.empty() ? layer.in_group() : share.terms.size(),
                  layer.matrix ? tiling.k_block : layer.in_group());
    const bool gradient = layer.weight_gradient;
    const std::uint64_t kernel = layer.kernel_positions();
    const std::uint64_t chunks =
        gradient ? ceil_div(share.images.size(), tiling.step_images) * ceil_div(share.rows.size(), tiling.step_rows)
                 : k.count[0] + k.count[1];
    const bool accumulates = chunks > 1;

    ShareWork work;
    std::uint64_t tail = 0;
    std::uint64_t lead = 0;
    for (int index = 0; index < 32; ++index) {
        const auto bit = [&](int b) { return static_cast<std::size_t>(index >> b & 1); };
        const std::uint64_t positions = images.count[bit(0)] * rows.count[bit(1)];
        const std::uint64_t blocks = (gradient ? k.count[bit(4)] : positions) * columns.count[bit(2)] * n.count[bit(3)];
        const std::uint64_t count = blocks * (gradient ? positions : k.count[bit(4)]); // sums of a block: in so many
        if (count == 0) {
            continue;
        }
        const std::uint64_t m =
            gradient ? layer.formed() * k.size[bit(4)] : images.size[bit(0)] * rows.size[bit(1)] * columns.size[bit(2)];
        const std::uint64_t channels = n.size[bit(3)];
        const bool first_of_sums = gradient ? bit(0) == 0 && bit(1) == 0 : bit(4) == 0;
        if (layer.matrix) {
            const std::uint64_t depth =
                gradient ? images.size[bit(0)] * layer.terms({0, rows.size[bit(1)]}) : k.size[bit(4)] * kernel;
            const std::uint64_t groups = layer.grouped() ? ceil_div(channels, layer.out_group()) : 1;
            const std::uint64_t per_group = layer.grouped() ? std::min(channels, layer.out_group()) : channels;
            const FoldTiming timing = fold_timing(array, m, per_group, depth, groups);
            const std::uint64_t pads = pad_cycles(chip, m, per_group, depth, groups, accumulates, layer.bytes);
            if (array.fold_overlap) {
                work.matrix_cycles += count * std::max(timing.last_offset + std::max(timing.depth, timing.lead), pads);
                lead = std::max(lead, timing.lead);
                tail = std::max(tail, timing.end_offset - timing.last_offset - timing.depth);
            } else {
                work.matrix_cycles += count * std::max(timing.cycles(), pads);
            }
        }
        if (first_of_sums && !layer.stages.empty()) {
            const std::uint64_t elements = gradient ? kernel * k.size[bit(4)] * channels : m * channels;
            std::uint64_t cycles = chip.tile.vector_unit.startup_cycles;
            for (const Layer::Stage& stage : layer.stages) {
                cycles += vector_stage_cycles(chip.tile.vector_unit, stage.kernel, stage.taps, elements);
            }
            work.vector_cycles += blocks * cycles;
            work.last_vector_cycles = std::max(work.last_vector_cycles, cycles);
        }
    }
    work.matrix_cycles += lead + tail;
    return work;
}

} // namespace systolica
