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

std::vector<TopologyRow> random_convolutions(std::uint32_t seed, std::size_t count) {
    Dice dice(seed);
    std::vector<TopologyRow> rows;
    while (rows.size() < count) {
        TopologyRow row;
        row.filter_h = dice.from_to(1, 7);
        row.filter_w = dice.from_to(1, 7);
        row.ifmap_h = row.filter_h + dice.from_to(0, 30);
        row.ifmap_w = row.filter_w + dice.from_to(0, 30);
        row.channels = dice.from_to(1, 40);
        row.filters = dice.from_to(1, 90);
        row.stride = dice.from_to(1, 4);
        rows.push_back(row);
    }
    return rows;
}

using Case = std::tuple<const char*, std::pair<int, int>>;

class AcceptanceArray : public testing::TestWithParam<Case> {
protected:
    std::vector<ArrayChoice> choices() const {
        const auto [dataflow, shape] = GetParam();
        std::vector<ArrayChoice> list;
        for (const bool overlap : {false, true}) {
            for (const bool clip : {false, true}) {
                list.push_back({dataflow, static_cast<std::uint64_t>(shape.first),
                                static_cast<std::uint64_t>(shape.second), overlap, clip});
            }
        }
        return list;
    }
};

TEST_P(AcceptanceArray, RandomConvolutionsTakeWhatTheFoldsSay) {
    const auto shapes = random_convolutions(7, 16);
    const TemporaryFolder folder;
    folder.write("rows.csv", convolution_table(shapes));
    for (const std::uint64_t batch : {1u, 3u}) {
        for (const ArrayChoice& array : choices()) {
            const RunFiles run = run_files("scalesim '" + folder.file("rows.csv") + "'" + array.sets() + " --batch " +
                                           std::to_string(batch));
            ASSERT_EQ(run.layers.rows(), shapes.size());
            for (std::size_t i = 0; i < shapes.size(); ++i) {
                const TopologyRow& shape = shapes[i];
                EXPECT_EQ(counted(run.layers, i), expected_counts(array, batch * shape.m(), shape.n(), shape.k()))
                    << "l" << i << array.sets() << " --batch " << batch << "\n"
                    << convolution_table({shape});
            }
        }
    }
}

TEST_P(AcceptanceArray, RandomProductsTakeWhatTheFoldsSay) {
    Dice dice(11);
    struct Product {
        std::uint64_t m, n, k;
    };
    std::vector<Product> products{{1, 1, 1}, {1, 1000, 2048}, {300, 1, 17}};
    while (products.size() < 16) {
        products.push_back({dice.from_to(1, 600), dice.from_to(1, 300), dice.from_to(1, 700)});
    }
    const TemporaryFolder folder;
    std::ostringstream table;
    table << "Layer, M, N, K\n";
    for (std::size_t i = 0; i < products.size(); ++i) {
        table << "l" << i << ", " << products[i].m << ", " << products[i].n << ", " << products[i].k << "\n";
    }
    folder.write("rows.csv", table.str());
    for (const std::uint64_t batch : {1u, 5u}) {
        for (const ArrayChoice& array : choices()) {
            const RunFiles run = run_files("scalesim '" + folder.file("rows.csv") + "'" + array.sets() + " --batch " +
                                           std::to_string(batch));
            ASSERT_EQ(run.layers.rows(), products.size());
            for (std::size_t i = 0; i < products.size(); ++i) {
                const auto [m, n, k] = products[i];
                EXPECT_EQ(counted(run.layers, i), expected_counts(array, batch * m, n, k))
                    << "M " << m << " N " << n << " K " << k << array.sets() << " --batch " << batch;
            }
        }
    }
}

std::string case_name(const testing::TestParamInfo<Case>& entry) {
    const auto& [dataflow, shape] = entry.param;
    return std::string(dataflow) + "_" + std::to_string(shape.first) + "x" + std::to_string(shape.second);
}

INSTANTIATE_TEST_SUITE_P(Arrays, AcceptanceArray,
                         testing::Combine(testing::Values("os", "ws", "is"),
                                          testing::Values(std::pair{1, 1}, std::pair{3, 7}, std::pair{40, 9},
                                                          std::pair{256, 256})),
                         case_name);

} // namespace
} // namespace systolica
