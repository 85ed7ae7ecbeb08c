// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Operators one by one through the whole simulator: what they move is their tensors, what they cost is their kernel. A
// run fails by itself where the bytes planned, issued and served are not the same.

#include "acceptance_run.h"

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>

namespace systolica {
namespace {

constexpr std::uint64_t kBatch = 2, kC = 12, kH = 20, kW = 24;
constexpr std::uint64_t kAll = kBatch * kC * kH * kW;
constexpr std::uint64_t kLanes = 32, kStartup = 5;

struct OneOperator {
    const char* name;
    const char* keys;
    std::uint64_t reads, writes; // elements of a byte
    double cycles;               // for a vector of results
};

std::ostream& operator<<(std::ostream& out, const OneOperator& one) {
    return out << one.name;
}

constexpr OneOperator kOperators[] = {
    {"leaky_relu", "op: leaky_relu", kAll, kAll, 2},
    {"sigmoid", "op: sigmoid", kAll, kAll, 2 + 3 + 9},
    {"tanh", "op: tanh", kAll, kAll, 3 + 3 + 9},
    {"silu", "op: silu", kAll, kAll, 3 + 3 + 9},
    {"gelu", "op: gelu", kAll, kAll, 11 + 3 + 9},
    {"hard_sigmoid", "op: hard_sigmoid", kAll, kAll, 4},
    {"hard_swish", "op: hard_swish", kAll, kAll, 5},
    {"add_value", "op: add, value: 3", kAll, kAll, 1},
    {"mul_itself", "op: mul, inputs: [input, input]", 2 * kAll, kAll, 1},
    {"div_value", "op: div, value: 3", kAll, kAll, 9},
    {"pow_value", "op: pow, value: 3", kAll, kAll, 7},
    {"softmax_width", "op: softmax, axis: width", kAll, kAll, 13},
    {"softmax_height", "op: softmax, axis: height", kAll, kAll, 13},
    {"layer_norm", "op: layer_norm", kAll + 2 * 4 * kC, kAll, 7},
    {"layer_norm_width", "op: layer_norm, axis: width", kAll + 2 * 4 * kW, kAll, 7},
    {"lrn", "op: lrn, size: 5", kAll, kAll, 5 + 3 + 9},
    {"reduce_channels", "op: reduce_sum, axes: channels", kAll, kAll / kC, kC},
    {"reduce_image", "op: reduce_mean, axes: [height, width]", kAll, kBatch* kC, kH* kW + 9},
    {"resize_nearest", "op: resize_nearest, scale: 2", kAll, 4 * kAll, 1},
    {"resize_bilinear", "op: resize_bilinear, scale: 2", kAll, 4 * kAll, 8},
    {"transpose", "op: transpose, axes: [width, channels, height]", kAll, kAll, 1},
    {"slice_height", "op: slice, axis: height, start: 3, length: 7", kBatch* kC * 7 * kW, kBatch* kC * 7 * kW, 1},
    {"slice_channels", "op: slice, start: 5, length: 4", kBatch * 4 * kH* kW, kBatch * 4 * kH* kW, 1},
    {"pad", "op: pad, pad: [1, 2, 3, 4]", kAll, kBatch* kC*(kH + 4) * (kW + 6), 1},
};

class OperatorRun : public testing::TestWithParam<OneOperator> {
protected:
    RunFiles run(const std::string& arguments) const {
        const std::string file = testing::TempDir() + "operator_" + GetParam().name + ".yaml";
        std::ofstream(file) << "name: one\ninput: {channels: " << kC << ", height: " << kH << ", width: " << kW
                            << "}\noperators:\n  - {name: x, " << GetParam().keys << "}\n";
        return run_files(arguments + " --batch " + std::to_string(kBatch) +
                         " --set tile.vector_unit.lanes=32 --set tile.vector_unit.startup_cycles=5");
    }
    std::string file() const { return testing::TempDir() + "operator_" + GetParam().name + ".yaml"; }
};

TEST_P(OperatorRun, MovesItsTensorsOnceAndCostsItsKernel) {
    const RunFiles one = run("scalesim " + file()); // one tile, ideal memory, nothing cut that fits
    ASSERT_EQ(one.layers.rows(), 1u);
    EXPECT_EQ(one.layers.number(0, "dram_read_bytes"), GetParam().reads);
    EXPECT_EQ(one.layers.number(0, "dram_write_bytes"), GetParam().writes);
    const std::uint64_t vectors = (GetParam().writes + kLanes - 1) / kLanes;
    EXPECT_EQ(one.layers.number(0, "compute_cycles"),
              kStartup + static_cast<std::uint64_t>(static_cast<double>(vectors) * GetParam().cycles));
}

TEST_P(OperatorRun, RunsOnFourTilesWithContention) {
    const RunFiles four = run("edge_npu " + file());
    EXPECT_GE(four.layers.number(0, "dram_read_bytes"), GetParam().reads); // rows at the joints may be read twice
    EXPECT_EQ(four.layers.number(0, "dram_write_bytes"), GetParam().writes);
    const double vectors = static_cast<double>(GetParam().writes) / (4 * kLanes);
    EXPECT_GE(static_cast<double>(four.cycles()), vectors * GetParam().cycles);
}

INSTANTIATE_TEST_SUITE_P(Each, OperatorRun, testing::ValuesIn(kOperators),
                         [](const auto& entry) { return std::string(entry.param.name); });

// Attention in small: products of activations, reshapes that move nothing, a learned operand, a gathered table.
TEST(OperatorRuns, ProductsViewsAndTables) {
    const std::string file = testing::TempDir() + "products.yaml";
    std::ofstream(file) << "name: products\ninput: {channels: 1, height: 40}\noperators:\n"
                           "  - {name: words, op: embedding, out_channels: 32, size: 1000}\n"
                           "  - {name: places, op: add, operand: [32, 40, 1]}\n"
                           "  - {name: heads, op: reshape, channels: 4, height: 8, width: 40}\n"
                           "  - {name: scores, op: matmul, inputs: [heads, heads], transpose_a: true}\n"
                           "  - {name: shares, op: softmax, axis: width}\n"
                           "  - {name: mixed, op: matmul, inputs: [heads, shares], transpose_b: true}\n"
                           "  - {name: joined, op: reshape, channels: 32, height: 40}\n"
                           "  - {name: along, op: fc, axis: height, out_channels: 10}\n"
                           "  - {name: up, op: conv_transpose, out_channels: 8, kernel: [3, 2], stride: [2, 2]}\n";
    for (const char* platform : {"scalesim ", "edge_npu ", "server_npu "}) {
        const RunFiles run = run_files(platform + file + " --batch 3 --set mapping.fusion=false");
        const CsvTable& rows = run.layers;
        ASSERT_EQ(rows.rows(), 9u);
        const std::uint64_t all = 3 * 32 * 40, scores = 3 * 4 * 40 * 40;
        EXPECT_EQ(rows.number(0, "dram_read_bytes"), 3 * 40 + all); // indices, rows of the table
        EXPECT_EQ(rows.number(2, "dram_read_bytes") + rows.number(6, "dram_read_bytes"), 0u);
        EXPECT_GE(rows.number(3, "dram_read_bytes"), 2 * all);
        EXPECT_EQ(rows.number(3, "dram_write_bytes"), scores);
        EXPECT_EQ(rows.number(3, "macs"), scores * 8);
        EXPECT_EQ(rows.number(4, "dram_read_bytes"), scores);
        EXPECT_GE(rows.number(5, "dram_read_bytes"), all + scores);
        EXPECT_EQ(rows.number(5, "macs"), all * 40);
        EXPECT_EQ(rows.number(7, "macs"), 3 * 32 * 10 * 40u);
        // Rows of 10 inputs become 21, one column two: taps 2 and 1 by turns, of each column one.
        EXPECT_EQ(rows.number(8, "macs"), 3 * 8 * 32 * 2 * (11 * 2 + 10 * 1u));
        EXPECT_EQ(rows.number(8, "dram_write_bytes"), 3 * 8 * 21 * 2u);
    }
}

TEST(OperatorRuns, WarningsOfFreeViewsNameTheirOperator) {
    const std::string file = testing::TempDir() + "views.yaml";
    std::ofstream(file) << "name: views\ninput: {channels: 8, height: 4, width: 4}\noperators:\n"
                           "  - {name: a, op: relu}\n"
                           "  - {name: heads, op: reshape, channels: 2, height: 8, width: 8}\n"
                           "  - {name: b, op: tanh}\n"
                           "  - {name: flat, op: flatten}\n"
                           "  - {name: out, op: fc, out_channels: 10}\n";
    const auto warnings = run_files("edge_npu " + file).summary["warnings"].get<std::vector<std::string>>();
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].find("operation 'heads' costs no cycles: reshape is a view"), 0u) << warnings[0];
    EXPECT_EQ(warnings[1].find("operation 'flat' costs no cycles: flatten is a view"), 0u) << warnings[1];
}

} // namespace
} // namespace systolica
