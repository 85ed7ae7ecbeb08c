// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Single operations against SimDIT: all convolutions, matrix products and SIMD operations whose shape it records.

#include "machine/simdit/accesses.h"
#include "machine/simdit/cost.h"
#include "machine/simdit/product_tiling.h"
#include "machine/simdit/vector_schedule.h"

#include <gtest/gtest.h>

#include "reference.h"

namespace systolica {
namespace {

using simdit_reference::count;
using simdit_reference::number;
using simdit_reference::Row;

bool is_product(const Row& row) {
    return number(row, "bbuf_kb") > 0;
}

bool is_fully_connected(const Row& row) {
    return row.at("op").rfind("gemm", 0) == 0;
}

SimditProduct product_of(const Row& row) {
    SimditProduct product;
    product.fully_connected = is_fully_connected(row);
    product.images = count(row, "Batch");
    product.in_channels = count(row, "IC");
    product.out_channels = count(row, "OC");
    product.out_h = count(row, "OH");
    product.out_w = count(row, "OW");
    product.kernel_h = count(row, "KH");
    product.kernel_w = count(row, "KW");
    product.stride_h = product.stride_w = count(row, "Stride");
    return product;
}

SimditVector vector_of(const Row& row, const SimditConfig& config) {
    static const std::map<std::string, SimditVectorKind> kinds{
        {"relu", SimditVectorKind::element_wise},
        {"elem_add", SimditVectorKind::element_wise},
        {"max_pool", SimditVectorKind::max_pool},
        {"global_avg_pool", SimditVectorKind::avg_pool},
        {"max_pool_grad", SimditVectorKind::max_pool_gradient},
        {"global_average_pool_grad", SimditVectorKind::avg_pool_gradient},
    };
    SimditVector work;
    work.kind = kinds.at(row.at("op"));
    work.images = count(row, "Batch");
    work.channels = count(row, "OC");
    work.h = count(row, "OH");
    work.w = count(row, "OW");
    work.kernel_h = count(row, "KH");
    work.kernel_w = count(row, "KW");
    work.stride_h = work.stride_w = count(row, "Stride");
    work.reads = row.at("op") == "elem_add" ? 2 : 1;
    work.immediate = row.at("op") == "relu";
    work.feeds_array = count(row, "bw_ofmap") != config.accumulator_bits;
    return work;
}

SimditWork work_of(const Row& row, const SimditConfig& config) {
    if (is_product(row)) {
        return product_of(row);
    }
    return vector_of(row, config);
}

std::string name(const Row& row) {
    std::string text;
    for (const char* key : {"mode", "design", "op", "Batch", "OC", "OH", "OW", "IC", "KH", "Stride"}) {
        text += row.at(key) + " ";
    }
    return text;
}

struct Golden {
    Row row;
    SimditConfig config;
};

std::vector<Golden> golden(bool products) {
    const auto machines = simdit_reference::machines();
    std::vector<Golden> all;
    for (Row& row : simdit_reference::table("operators.csv")) {
        if (is_product(row) == products) {
            const SimditConfig& config = machines.at({row.at("mode"), row.at("design")});
            all.push_back({std::move(row), config});
        }
    }
    return all;
}

TEST(SimditOperators, EveryProductIsTiledAlike) {
    int rows = 0;
    for (const auto& [row, config] : golden(true)) {
        const SimditProductTiling tile = simdit_tiling(config, product_of(row));
        EXPECT_EQ(tile.images, count(row, "DTile_batch")) << name(row);
        EXPECT_EQ(tile.out_channels, count(row, "DTile_oc")) << name(row);
        EXPECT_EQ(tile.out_h, count(row, "DTile_oh")) << name(row);
        EXPECT_EQ(tile.out_w, count(row, "DTile_ow")) << name(row);
        EXPECT_EQ(tile.in_channels, count(row, "DTile_ic")) << name(row);
        EXPECT_EQ(tile.kernel_h, count(row, "DTile_kh")) << name(row);
        EXPECT_EQ(tile.kernel_w, count(row, "DTile_kw")) << name(row);
        ++rows;
    }
    EXPECT_GT(rows, 700);
}

TEST(SimditOperators, EveryVectorOperationIsTiledAlike) {
    int rows = 0;
    for (const auto& [row, config] : golden(false)) {
        const SimditVectorTiling tile = simdit_tiling(config, vector_of(row, config));
        EXPECT_EQ(tile.images, count(row, "DTile_batch")) << name(row);
        EXPECT_EQ(tile.channels, count(row, "DTile_oc")) << name(row);
        EXPECT_EQ(tile.h, count(row, "DTile_oh")) << name(row);
        EXPECT_EQ(tile.w, count(row, "DTile_ow")) << name(row);
        EXPECT_EQ(tile.kernel_h, count(row, "KH")) << name(row);
        ++rows;
    }
    EXPECT_GT(rows, 300);
}

// Fractions of tiles are rounded up to whole cycles kind by kind, which SimDIT does once.
TEST(SimditOperators, EveryOperationTakesSimditsCycles) {
    for (const bool products : {true, false}) {
        for (const auto& [row, config] : golden(products)) {
            const SimditCost cost = simdit_cost(config, work_of(row, config));
            EXPECT_NEAR(static_cast<double>(cost.compute_cycles), number(row, "compute_cycles"), 2) << name(row);
            EXPECT_NEAR(static_cast<double>(cost.stall_cycles()), number(row, "stall_cycles"), 2) << name(row);
        }
    }
}

TEST(SimditOperators, EveryOperationHasSimditsAccesses) {
    const auto expect = [](const Row& row, const char* column, double bytes) {
        const double theirs = number(row, column) * 1024;
        EXPECT_NEAR(bytes, theirs, theirs * 1e-6) << name(row) << column;
    };
    for (const bool products : {true, false}) {
        for (const auto& [row, config] : golden(products)) {
            const SimditAccesses accesses = simdit_accesses(config, work_of(row, config));
            expect(row, "dram_filter_kb", accesses.dram_weight);
            expect(row, "dram_bias_kb", accesses.dram_bias);
            expect(row, "dram_ifmap_kb", accesses.dram_ifmap);
            expect(row, "dram_psum_kb", accesses.dram_psum);
            expect(row, "dram_ofmap_kb", accesses.dram_ofmap);
            expect(row, "wbuf_kb", accesses.weight_buffer);
            expect(row, "ibuf_kb", accesses.ifmap_buffer);
            expect(row, "obuf_kb", accesses.ofmap_buffer);
            expect(row, "bbuf_kb", accesses.bias_buffer);
            expect(row, "vmem_kb", accesses.vector_buffers);
            expect(row, "imm_kb", accesses.immediate_buffer);
            expect(row, "insmem_kb", accesses.instruction_buffer);
        }
    }
}

} // namespace
} // namespace systolica
