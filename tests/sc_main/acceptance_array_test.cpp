// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Array cycles and SRAM words of shapes and arrays that no reference table holds, through the whole program: random
// convolutions and products, all dataflows, with and without overlap and clipping of folds, with a batch.

#include "acceptance_topology.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <tuple>

namespace systolica {
namespace {

class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}

    std::uint64_t from_to(std::uint64_t low, std::uint64_t high) { return low + engine_() % (high - low + 1); }

private:
    std::mt19937 engine_;
};

struct Product {
    std::uint64_t m = 1, n = 1, k = 1;
};

// A topology table and the product of each of its rows.
struct Table {
    std::string text;
    std::vector<Product> products;
};

// A window narrower than the stride in one direction and not in the other: what lies between windows is not fetched,
// and yet rows (or columns) are shared by two of them.
bool gaps_in_one_direction(const TopologyRow& row) {
    return (row.filter_h < row.stride) != (row.filter_w < row.stride);
}

Table random_convolutions(std::uint64_t extent, bool one_sided_gaps) {
    Dice dice(7);
    std::vector<TopologyRow> rows;
    Table table;
    while (rows.size() < 16) {
        TopologyRow row;
        row.filter_h = dice.from_to(1, 7);
        row.filter_w = dice.from_to(1, 7);
        row.ifmap_h = row.filter_h + dice.from_to(0, extent / 20);
        row.ifmap_w = row.filter_w + dice.from_to(0, extent / 20);
        row.channels = dice.from_to(1, extent / 15);
        row.filters = dice.from_to(1, extent / 6);
        row.stride = dice.from_to(1, 4);
        if (gaps_in_one_direction(row) == one_sided_gaps) {
            rows.push_back(row);
            table.products.push_back({row.m(), row.n(), row.k()});
        }
    }
    table.text = convolution_table(rows);
    return table;
}

Table random_products(std::uint64_t extent) {
    Dice dice(11);
    Table table;
    table.products = {{1, 1, 1}, {1, extent, 2 * extent}, {extent, 1, 17}};
    while (table.products.size() < 16) {
        table.products.push_back({dice.from_to(1, extent), dice.from_to(1, extent / 2), dice.from_to(1, extent)});
    }
    std::ostringstream text;
    text << "Layer, M, N, K\n";
    for (std::size_t i = 0; i < table.products.size(); ++i) {
        const Product& product = table.products[i];
        text << "l" << i << ", " << product.m << ", " << product.n << ", " << product.k << "\n";
    }
    table.text = text.str();
    return table;
}

// With `hold_mapping` the mapping is the one made for the array without overlap.
void expect_counts(const Table& table, const ArrayChoice& array, bool hold_mapping = false) {
    const TemporaryFolder folder;
    folder.write("held.yaml", "base: scalesim\ntile: {pe_array: {rows: " + std::to_string(array.rows) +
                                  ", cols: " + std::to_string(array.cols) + ", dataflow: " + array.dataflow + "}}\n");
    const std::string held = hold_mapping ? " --map-for '" + folder.file("held.yaml") + "'" : "";
    folder.write("rows.csv", table.text);
    for (const std::uint64_t batch : {1u, 3u}) {
        const std::string run =
            "scalesim '" + folder.file("rows.csv") + "'" + array.sets() + held + " --batch " + std::to_string(batch);
        const CsvTable layers = run_files(run).layers;
        ASSERT_EQ(layers.rows(), table.products.size());
        for (std::size_t i = 0; i < layers.rows(); ++i) {
            const auto [m, n, k] = table.products[i];
            EXPECT_EQ(counted(layers, i), expected_counts(array, batch * m, n, k))
                << "M " << m << " N " << n << " K " << k << array.sets() << " --batch " << batch << ", row " << i
                << " of\n"
                << table.text;
        }
    }
}

using Case = std::tuple<std::string, std::pair<unsigned, unsigned>>; // dataflow, rows and columns

class AcceptanceArray : public testing::TestWithParam<Case> {
protected:
    ArrayChoice array(bool fold_overlap, bool clip_folds) const {
        const auto& [dataflow, shape] = GetParam();
        return {dataflow, shape.first, shape.second, fold_overlap, clip_folds};
    }

    // Many folds on every array, but not so many on the small ones that the test takes long.
    std::uint64_t extent() const {
        const auto& shape = std::get<1>(GetParam());
        return shape.first * shape.second < 100 ? 60 : 600;
    }
};

TEST_P(AcceptanceArray, ConvolutionsTakeWhatTheirFoldsTake) {
    const Table table = random_convolutions(extent(), false);
    expect_counts(table, array(false, false));
    expect_counts(table, array(false, true));
}

TEST_P(AcceptanceArray, ConvolutionsWithGapsInOneDirectionTakeWhatTheirFoldsTake) {
    const Table table = random_convolutions(extent(), true);
    expect_counts(table, array(false, false));
    expect_counts(table, array(false, true));
}

TEST_P(AcceptanceArray, ProductsTakeWhatTheirFoldsTake) {
    const Table table = random_products(extent());
    expect_counts(table, array(false, false));
    expect_counts(table, array(false, true));
}

// Overlap alone, with the same products on the array as without it.
TEST_P(AcceptanceArray, OverlappedFoldsTakeWhatTheyTakeOneByOneWithTheMappingHeld) {
    expect_counts(random_convolutions(extent(), false), array(true, false), true);
    expect_counts(random_products(extent()), array(true, false), true);
}

TEST_P(AcceptanceArray, OverlappedFoldsTakeWhatTheyTakeOneByOne) {
    for (const Table& table : {random_convolutions(extent(), false), random_products(extent())}) {
        expect_counts(table, array(true, false));
        expect_counts(table, array(true, true));
    }
}

std::string case_name(const testing::TestParamInfo<Case>& entry) {
    const auto& [dataflow, shape] = entry.param;
    return dataflow + "_" + std::to_string(shape.first) + "x" + std::to_string(shape.second);
}

INSTANTIATE_TEST_SUITE_P(Arrays, AcceptanceArray,
                         testing::Combine(testing::Values(std::string("os"), std::string("ws"), std::string("is")),
                                          testing::Values(std::pair{1u, 1u}, std::pair{3u, 7u}, std::pair{40u, 9u},
                                                          std::pair{256u, 256u})),
                         case_name);

} // namespace
} // namespace systolica
