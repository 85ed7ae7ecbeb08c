// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sums whose terms are split over tiles: every sum that a vector unit or a store takes has all its terms once, whatever
// order the queues of the tiles go on in.

#include "mapping/split_sums.h"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "example_graphs.h"
#include "interpreter.h"
#include "machine/commands/tile_address.h"
#include "mapping/cost.h"
#include "plan_checks.h"

namespace systolica {
namespace {

constexpr PadSizes kRoomy{262144, 262144, 262144, 262144};
constexpr std::uint64_t kWord = 4; // an accumulator

// Sharing of loads belongs to the tiling that the planner chose.
MappingOptions apart() {
    MappingOptions options;
    options.share_loads = options.split_sums = false;
    return options;
}

MappingOptions split_sums(Split split = Split::automatic) {
    MappingOptions options;
    options.split = split;
    options.split_sums = true;
    options.exchange = false; // its bytes are counted with those of the sums
    return options;
}

// Few output channels, many input channels: what one tile cannot share with others otherwise.
Graph deep(std::uint64_t in_channels, std::uint64_t out_channels, std::uint64_t kernel, std::uint64_t layers = 1,
           bool relu = true) {
    Net net({1, in_channels, 7, 7}, 1);
    std::string last = "input";
    for (std::uint64_t i = 0; i < layers; ++i) {
        const std::string name = "c" + std::to_string(i);
        net.conv(name, last, i + 1 == layers ? out_channels : in_channels, kernel);
        last = name;
        if (relu) {
            net.op(OpKind::relu, "r" + std::to_string(i), {name});
            last = "r" + std::to_string(i);
        }
    }
    return net.finish();
}

// How many terms each word of each ofmap scratchpad is the sum of.
class Sums {
public:
    explicit Sums(const Plan& plan) : plan_(plan) {
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            tiles_.push_back({std::vector<std::uint64_t>(plan.chip.tile.pad(Pad::ofmap).capacity_bytes / kWord), {}});
        }
    }

    void issued(unsigned tile, const Command& command) {
        Tile& t = tiles_[tile];
        if (command.opcode == Opcode::vector && command.vector.ofmap_read_bytes > 0) {
            ASSERT_FALSE(t.finished.empty());
            take(t, t.finished.front(), command.vector.ofmap_read_bytes);
            t.finished.pop_front();
        }
        if (command.opcode == Opcode::store && command.dma.pad == Pad::ofmap &&
            !in_tile_space(command.dma.memory_address)) {
            ASSERT_FALSE(t.finished.empty()); // a block may be stored in parts
            Block& block = t.finished.front();
            const Block part{block.address, command.operation};
            take(t, part, command.dma.pad_bytes);
            block.address += command.dma.pad_bytes;
            t.taken += command.dma.pad_bytes;
            if (t.taken == block.bytes) {
                t.taken = 0;
                t.finished.pop_front();
            }
        }
    }

    void retired(unsigned tile, const Command& command) {
        Tile& t = tiles_[tile];
        if (command.opcode == Opcode::matrix) {
            const MatrixArguments& work = command.matrix;
            ASSERT_EQ(work.groups, 1u);
            const std::uint64_t words = std::uint64_t{work.m} * work.n;
            for (std::uint64_t i = 0; i < words; ++i) {
                std::uint64_t& word = at(t, work.ofmap_address + i * kWord);
                word = (work.accumulate ? word : 0) + work.k;
            }
            const auto releases = [&](Semaphore semaphore) {
                return std::any_of(command.release.begin(), command.release.end(),
                                   [&](const Token& token) { return token.semaphore == semaphore; });
            };
            const bool owner = owns(tile, command.operation);
            if (releases(Semaphore::ofmap_data) || (owner && releases(Semaphore::ofmap_results))) {
                t.finished.push_back({work.ofmap_address, command.operation, words * kWord});
            }
        } else if (command.opcode == Opcode::store && in_tile_space(command.dma.memory_address)) {
            const TileAddress to = tile_address(command.dma.memory_address);
            ASSERT_EQ(to.pad, Pad::ofmap);
            ASSERT_NE(to.tile, tile);
            ASSERT_LE(to.byte + command.dma.bytes(), plan_.chip.tile.pad(Pad::ofmap).capacity_bytes);
            for (std::uint64_t i = 0; i < command.dma.bytes(); i += kWord) {
                at(tiles_.at(to.tile), to.byte + i) += at(t, command.dma.pad_address + i);
            }
            sent_ += command.dma.bytes();
        }
    }

    std::uint64_t sent() const { return sent_; }
    std::uint64_t taken() const { return words_taken_; }

private:
    struct Block {
        std::uint64_t address = 0;
        std::uint32_t operation = 0;
        std::uint64_t bytes = 0;
    };
    struct Tile {
        std::vector<std::uint64_t> words;
        std::deque<Block> finished; // sums of the tile's own array, in order
        std::uint64_t taken = 0;    // of the first of them
    };

    bool owns(unsigned tile, std::uint32_t operation) const {
        for (const Group& group : plan_.groups) {
            if (group.operation == operation) {
                return group.shares[tile].owner();
            }
        }
        return true;
    }
    static std::uint64_t& at(Tile& tile, std::uint64_t byte) { return tile.words[byte / kWord % tile.words.size()]; }
    void take(Tile& tile, const Block& block, std::uint64_t bytes) {
        const std::uint64_t terms = plan_.operations[block.operation].k;
        for (std::uint64_t i = 0; i < bytes; i += kWord, ++words_taken_) {
            ASSERT_EQ(at(tile, block.address + i), terms) << plan_.operations[block.operation].name;
        }
    }

    const Plan& plan_;
    std::vector<Tile> tiles_;
    std::uint64_t sent_ = 0;
    std::uint64_t words_taken_ = 0;
};

std::uint64_t groups_that_share_sums(const Plan& plan) {
    return static_cast<std::uint64_t>(std::count_if(plan.groups.begin(), plan.groups.end(),
                                                    [](const Group& group) { return group.tiling.ways > 1; }));
}

void check_sums(const Plan& plan, std::uint64_t seed, int held_back = -1) {
    Sums sums(plan);
    Interpreter interpreter(plan, seed);
    interpreter.on_issue = [&](unsigned tile, const Command& command) { sums.issued(tile, command); };
    interpreter.on_retire = [&](unsigned tile, const Command& command) { sums.retired(tile, command); };
    if (held_back >= 0) {
        interpreter.hold_back(static_cast<unsigned>(static_cast<std::size_t>(held_back) / kQueues),
                              static_cast<Queue>(static_cast<std::size_t>(held_back) % kQueues));
    }
    ASSERT_TRUE(interpreter.run());
    std::uint64_t results = 0, exchanged = 0;
    for (const PlannedOperation& operation : plan.operations) {
        results += operation.k > 0 ? operation.m * operation.n : 0;
        exchanged += operation.exchanged_bytes;
    }
    EXPECT_EQ(sums.taken(), results);
    EXPECT_EQ(sums.sent(), exchanged);
}

// The plan of a single layer, made anew for a tiling.
Plan with_tiling(Plan plan, const Tiling& tiling) {
    Group& group = plan.groups.at(0);
    group.tiling = tiling;
    group.shares = CostModel(plan.chip, true).shares(group.layer, tiling);
    PlannedTensor& out = plan.tensors[static_cast<std::size_t>(group.output.tensor)];
    out.threshold = 0;
    for (const Share& share : group.shares) {
        out.threshold += !share.empty() && share.owner() ? 1 : 0;
    }
    out.layout.boundaries = {0};
    for (const Share& share : group.shares) {
        for (std::uint64_t c = share.channels.begin; c < share.channels.end; c += tiling.n_block) {
            out.layout.boundaries.push_back(c);
        }
    }
    out.layout.boundaries.push_back(group.layer.out_channels);
    std::sort(out.layout.boundaries.begin(), out.layout.boundaries.end());
    out.layout.boundaries.erase(std::unique(out.layout.boundaries.begin(), out.layout.boundaries.end()),
                                out.layout.boundaries.end());
    group.sums_event = 100;
    for (PlannedOperation& operation : plan.operations) {
        operation.exchanged_bytes = 0;
    }
    const std::uint64_t owned = group.layer.out_elements();
    plan.operations[group.operation].exchanged_bytes = (tiling.ways - 1) * owned * kWord;
    return plan;
}

// Blocks of every kind: several rows and channels a block, one or several chunks a member, with and without stages, in
// pads that hold a block and a half, so that rings wrap.
TEST(SplitSums, EverySumHasAllItsTermsOnceInAnyOrder) {
    for (const bool relu : {false, true}) {
        for (const std::uint64_t ways : {2u, 4u, 8u}) {
            for (const std::uint64_t step_rows : {7u, 3u}) {
                for (const std::uint64_t k_block : {2u, 5u}) {
                    SCOPED_TRACE(std::to_string(ways) + " ways, " + std::to_string(step_rows) + " rows, chunks of " +
                                 std::to_string(k_block) + (relu ? ", relu" : ""));
                    PadSizes pads = kRoomy;
                    pads.ofmap = step_rows * 7 * 4 * kWord * 3 / 2 / kWord * kWord;
                    const Plan plan =
                        make_plan(deep(40, 8, 3, 1, relu), example_chip(8, 4, Dataflow::ws, pads), apart());
                    Tiling tiling;
                    tiling.split = Split::channels;
                    tiling.channel_unit = 1;
                    tiling.ways = ways;
                    tiling.step_rows = step_rows;
                    tiling.step_columns = 7;
                    tiling.n_block = 4;
                    tiling.k_block = k_block;
                    const Plan shared = with_tiling(plan, tiling);
                    for (std::uint64_t seed = 0; seed < 6; ++seed) {
                        check_sums(shared, seed);
                    }
                    for (int queue = 0; queue < static_cast<int>(8 * kQueues); ++queue) {
                        check_sums(shared, 1, queue);
                    }
                    if (HasFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST(SplitSums, TermsOfTheMembersAreAllInputChannelsOnce) {
    for (const std::uint64_t channels : {2u, 7u, 64u, 1000u}) {
        Layer layer;
        layer.in_channels = channels;
        for (std::uint64_t ways = 2; ways <= 64; ways *= 2) {
            if (!splits_evenly(layer, ways)) {
                continue;
            }
            std::uint64_t end = 0;
            for (std::uint64_t member = 0; member < ways; ++member) {
                const Range terms = terms_of(layer, ways, member);
                EXPECT_EQ(terms.begin, end);
                EXPECT_GT(terms.end, terms.begin);
                EXPECT_LE(terms.size(), terms_of(layer, ways, 0).size());
                end = terms.end;
            }
            EXPECT_EQ(end, channels);
        }
    }
}

// 64 output channels for arrays of 8 columns occupy 8 of 32 tiles; four of them for each sum occupy all.
TEST(SplitSums, IsTakenWhereOutputsAreTooFewForTheTiles) {
    const Graph graph = deep(512, 64, 3, 3);
    const ChipConfig chip = example_chip(32, 8, Dataflow::ws, kRoomy);
    for (const Split split : {Split::automatic, Split::channels}) {
        const Plan plan = make_plan(graph, chip, split_sums(split));
        MappingOptions without;
        without.split = split;
        without.split_sums = false;
        const Plan plain = make_plan(graph, chip, without);
        EXPECT_GT(groups_that_share_sums(plan), 0u);
        EXPECT_EQ(groups_that_share_sums(plain), 0u);
        EXPECT_LT(plan.estimated_cycles, plain.estimated_cycles);
        check_plan(graph, plan, 1);
        check_sums(plan, 2);
    }
}

TEST(SplitSums, IsNotTakenWhereOutputsAreEnoughOrOthersAreAskedFor) {
    const ChipConfig chip = example_chip(4, 8, Dataflow::ws, kRoomy);
    EXPECT_EQ(groups_that_share_sums(make_plan(deep(64, 64, 3), chip, split_sums())), 0u);
    const ChipConfig wide = example_chip(32, 8, Dataflow::ws, kRoomy);
    EXPECT_EQ(groups_that_share_sums(make_plan(deep(512, 64, 3), wide, split_sums(Split::rows))), 0u);
}

// Every tile but the owner sends a word for each result of its block: (ways - 1) x results x 4 bytes.
TEST(SplitSums, TilesSendAWordForEachResultAndTheWeightsAreStillReadOnce) {
    const Graph graph = deep(512, 64, 1);
    MappingOptions options = split_sums(Split::channels);
    options.share_loads = false;
    const Plan plan = make_plan(graph, example_chip(32, 8, Dataflow::ws, kRoomy), options);
    const Group& group = plan.groups.at(0);
    ASSERT_GT(group.tiling.ways, 1u);
    EXPECT_EQ(plan.operations[0].exchanged_bytes, (group.tiling.ways - 1) * 64 * 49 * kWord);
    std::uint64_t weights = 0;
    for (const Share& share : group.shares) {
        weights += share.empty() ? 0 : Nest(group.layer, group.tiling, share).weights();
    }
    EXPECT_EQ(weights, 512u * 64u);
}

TEST(SplitSums, HoldsForRandomNetworksUnderEveryOverlap) {
    std::uint64_t shared = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomNumbers random(seed + 5);
        const Graph graph = deep(random.between(16, 300), random.between(1, 40), random.pick<std::uint64_t>({1, 3}),
                                 random.between(1, 3), random.flip());
        const auto pad = [&] { return random.pick<std::uint64_t>({4096, 16384, 65536}); };
        const ChipConfig chip = example_chip(static_cast<unsigned>(random.pick<std::uint64_t>({2, 6, 16, 32})), 8,
                                             random.pick<Dataflow>({Dataflow::os, Dataflow::ws, Dataflow::is}),
                                             {pad(), pad(), pad(), pad()});
        MappingOptions options = split_sums(random.flip() ? Split::automatic : Split::channels);
        options.overlap = random.pick<Overlap>({Overlap::layer, Overlap::layer, Overlap::tile, Overlap::none});
        const Plan plan = make_plan(graph, chip, options);
        shared += groups_that_share_sums(plan);
        check_plan(graph, plan, seed);
        check_memory(plan, seed);
        check_exact_needs(plan, seed);
        check_sums(plan, seed);
        if (HasFailure()) {
            return;
        }
    }
    EXPECT_GT(shared, 20u);
}

} // namespace
} // namespace systolica
