// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// mapping.split: pipeline. Plans and programs in the interpreter; stages against all divisions.

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/data_files.h"
#include "base/diagnostics.h"
#include "example_graphs.h"
#include "mapping/cost.h"
#include "mapping/tile_program.h"
#include "plan_checks.h"
#include "random_numbers.h"
#include "workloads/inference.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

constexpr PadSizes kRoomy{65536, 65536, 65536, 65536};

MappingOptions pipeline(std::uint64_t microbatch = 1) {
    MappingOptions options;
    options.split = Split::pipeline;
    options.microbatch = microbatch;
    return options;
}

unsigned tile_of(const Group& group) {
    const auto works = [](const Share& share) { return !share.empty(); };
    EXPECT_EQ(std::count_if(group.shares.begin(), group.shares.end(), works), 1);
    const auto found = std::find_if(group.shares.begin(), group.shares.end(), works);
    return static_cast<unsigned>(found - group.shares.begin());
}

// A residual block and a concat, so that tensors skip stages.
Graph branches(std::uint64_t batch) {
    Net net({1, 8, 8, 8}, batch);
    net.conv("a", "input", 8, 3);
    net.op(OpKind::relu, "ra", {"a"});
    net.conv("b", "ra", 8, 3);
    net.op(OpKind::add, "sum", {"b", "ra"});
    net.conv("left", "sum", 8);
    net.conv("right", "sum", 16, 3);
    net.op(OpKind::concat, "both", {"left", "right"});
    net.conv("c", "both", 8);
    net.op(OpKind::batch_norm, "norm", {"c"});
    net.op(OpKind::add, "late", {"norm", "ra"});
    return net.finish();
}

TEST(Pipeline, EachOperationRunsOnOneTileAndTilesComeInOrder) {
    const Plan plan = make_plan(branches(2), example_chip(3, 8, Dataflow::ws, kRoomy), pipeline());
    std::map<std::uint32_t, unsigned> tile_of_operation;
    std::set<unsigned> tiles;
    unsigned before = 0;
    for (const Group& group : plan.groups) {
        const unsigned tile = tile_of(group);
        EXPECT_EQ(tile_of_operation.emplace(group.operation, tile).first->second, tile);
        EXPECT_TRUE(tile >= before || group.operation == plan.groups.front().operation);
        before = tile;
        tiles.insert(tile);
    }
    EXPECT_EQ(tiles.size(), 3u);
}

TEST(Pipeline, ProgramsEndAndMoveWhatThePlanSays) {
    for (const std::uint64_t batch : {1u, 2u, 5u}) {
        for (const unsigned tiles : {1u, 2u, 4u, 64u}) { // the last: more than groups
            for (const std::uint64_t microbatch : {1u, 2u, 8u}) {
                SCOPED_TRACE(std::to_string(batch) + " images, " + std::to_string(tiles) + " tiles, together " +
                             std::to_string(microbatch));
                const Graph graph = branches(batch);
                const Plan plan = make_plan(graph, example_chip(tiles, 8, Dataflow::ws, kRoomy), pipeline(microbatch));
                check_plan(graph, plan, batch);
                check_memory(plan, batch);
                if (HasFailure()) {
                    return;
                }
            }
        }
    }
}

TEST(Pipeline, HoldsForRandomNetworks) {
    unsigned mapped = 0;
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomNumbers random(seed + 77);
        const Graph graph = random_graph(seed, random.between(1, 5));
        const auto bytes = [&] { return random.pick<std::uint64_t>({1024, 2048, 65536}); };
        const ChipConfig chip = example_chip(static_cast<unsigned>(random.between(1, 9)), 8,
                                             random.pick<Dataflow>({Dataflow::os, Dataflow::ws, Dataflow::is}),
                                             {bytes(), bytes(), bytes(), 2 * bytes()});
        MappingOptions options = pipeline(random.between(1, 3));
        options.fusion = !random.one_in(3);
        options.keep_on_chip = random.flip();
        try {
            const Plan plan = make_plan(graph, chip, options);
            ++mapped;
            check_plan(graph, plan, seed);
            check_memory(plan, seed);
        } catch (const InputError&) {
        }
        if (HasFailure()) {
            return;
        }
    }
    EXPECT_GT(mapped, 80u);
}

// Weights lie once, and each pass of an image reads all of them: bytes of parameters x images (1 byte a weight, 4 a
// bias), more only where a tiling loads them again.
TEST(Pipeline, WeightsLieOnceAndAreReadForEachImage) {
    const ChipConfig chip = example_chip(4, 8, Dataflow::ws, kRoomy);
    const auto with_batch = [&](std::uint64_t batch) { return make_plan(branches(batch), chip, pipeline()); };
    const Plan one = with_batch(1), five = with_batch(5);
    EXPECT_EQ(five.dram_read_bytes(), 5 * one.dram_read_bytes());
    EXPECT_EQ(five.dram_write_bytes(), 5 * one.dram_write_bytes());
    std::set<std::uint64_t> bases_of_one, bases_of_five;
    for (const Group& group : one.groups) {
        bases_of_one.insert(group.layer.matrix ? group.weight_base : 0);
    }
    for (const Group& group : five.groups) {
        bases_of_five.insert(group.layer.matrix ? group.weight_base : 0);
    }
    EXPECT_EQ(bases_of_five.size(), bases_of_one.size());
}

TEST(Pipeline, FromImageToImageTheTimeGrowsByTheSlowestStage) {
    const ChipConfig chip = example_chip(4, 8, Dataflow::ws, kRoomy);
    const auto estimate = [&](std::uint64_t batch) {
        return make_plan(branches(batch), chip, pipeline()).estimated_cycles;
    };
    const double slowest = estimate(2) - estimate(1);
    EXPECT_GT(slowest, 0);
    EXPECT_LT(slowest, estimate(1));
    EXPECT_NEAR(estimate(5), estimate(1) + 4 * slowest, 1e-6 * estimate(5));
}

// One image on one tile is what one tile does anyway.
TEST(Pipeline, OneImageOnOneTileRunsAsWithoutAPipeline) {
    const Graph graph = branches(1);
    const ChipConfig chip = example_chip(1, 8, Dataflow::ws, kRoomy);
    const Plan piped = make_plan(graph, chip, pipeline());
    const Plan plain = make_plan(graph, chip, {});
    TileProgram left(piped, 0), right(plain, 0);
    for (const Queue queue : {Queue::load, Queue::matrix, Queue::vector, Queue::store}) {
        Command a, b;
        while (right.next(queue, b)) {
            ASSERT_TRUE(left.next(queue, a));
            EXPECT_EQ(a.operation, b.operation);
            EXPECT_EQ(a.dma.memory_address, b.dma.memory_address);
            EXPECT_EQ(a.dma.bytes(), b.dma.bytes());
            EXPECT_EQ(a.matrix.m, b.matrix.m);
            EXPECT_EQ(a.vector.elements, b.vector.elements);
        }
        EXPECT_FALSE(left.next(queue, a));
    }
}

// The slowest stage of all divisions into contiguous stages, by trying them.
double best_division(const std::vector<double>& cycles, std::size_t from, std::size_t stages) {
    double sum = 0, best = std::numeric_limits<double>::infinity();
    for (std::size_t i = from; i < cycles.size(); ++i) {
        sum += cycles[i];
        const std::size_t left = cycles.size() - i - 1;
        if (stages == 1 ? left == 0 : left >= stages - 1) {
            best = std::min(best, stages == 1 ? sum : std::max(sum, best_division(cycles, i + 1, stages - 1)));
        }
    }
    return best;
}

TEST(Pipeline, NoOtherDivisionHasAFasterSlowestTile) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        RandomNumbers random(seed);
        Net net({1, random.between(1, 16), 12, 12}, 1);
        const std::uint64_t layers = random.between(3, 8);
        for (std::uint64_t i = 0; i < layers; ++i) {
            net.conv("c" + std::to_string(i), i == 0 ? "input" : "c" + std::to_string(i - 1), random.between(1, 64),
                     random.flip() ? 3 : 1);
        }
        ChipConfig chip = example_chip(static_cast<unsigned>(random.between(2, 5)), 8, Dataflow::ws, kRoomy);
        MappingOptions options = pipeline();
        options.keep_on_chip = false; // stages are balanced without it
        const Plan plan = make_plan(net.finish(), chip, options);
        std::vector<double> cycles, by_tile(chip.tiles, 0);
        ChipConfig alone = chip;
        alone.tiles = 1;
        for (const Group& group : plan.groups) {
            cycles.push_back(CostModel(alone, true).evaluate(group.layer, group.tiling).cycles);
            by_tile[tile_of(group)] += cycles.back();
        }
        const std::size_t stages = std::min<std::size_t>(chip.tiles, layers);
        EXPECT_NEAR(*std::max_element(by_tile.begin(), by_tile.end()), best_division(cycles, 0, stages), 1e-6);
    }
}

TEST(Pipeline, BundledNetworksHold) {
    ChipConfig chip = example_chip(6, 32, Dataflow::ws, {262144, 262144, 262144, 131072});
    for (const std::string& name : bundled_names("workloads")) {
        SCOPED_TRACE(name);
        const Graph network = inference_graph(read_workload(name, 3), {true});
        check_plan(network, make_plan(network, chip, pipeline(2)), 1);
    }
}

TEST(Pipeline, WhatDoesNotFitOneTileIsOneClearProblem) {
    Net net({1, 64, 8, 8}, 2);
    net.conv("c", "input", 64, 3);
    try {
        make_plan(net.finish(), example_chip(2, 8, Dataflow::ws, {8, 8, 8, 8}), pipeline());
        FAIL() << "it fits";
    } catch (const InputError& error) {
        EXPECT_EQ(error.problems().list().size(), 1u);
    }
}

} // namespace
} // namespace systolica
