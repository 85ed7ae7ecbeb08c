// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/topology_reader.h"

#include <gtest/gtest.h>

#include "workloads/inference.h"

namespace systolica {
namespace {

const std::string kHeader =
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

Graph read(const std::string& text, std::uint64_t batch = 1) {
    return read_topology(text, "t.csv", "t", batch);
}

void expect_gemm(const Graph& graph, std::size_t row, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
    const GemmShape gemm = gemm_shape(graph, graph.operators.at(row));
    EXPECT_EQ(gemm.m, m);
    EXPECT_EQ(gemm.n, n);
    EXPECT_EQ(gemm.k, k);
    EXPECT_EQ(gemm.groups, 1u);
}

// M, N, K as SCALE-Sim v3 reports them for its own alexnet.csv and mobilenet.csv.
TEST(TopologyReader, ConvolutionRowsHaveTheSizesThatScaleSimReports) {
    const Graph graph = read(kHeader + "Conv1, 224, 224, 11, 11, 3, 96, 4,\n"
                                       "Conv2, 27, 27, 5, 5, 96, 256, 1,\n"
                                       "DW2, 112, 112, 3, 3, 32, 1, 1,\n"
                                       "DW4, 112, 112, 3, 3, 64, 1, 2,\n");
    ASSERT_EQ(graph.operators.size(), 4u);
    expect_gemm(graph, 0, 3025, 96, 363);
    expect_gemm(graph, 1, 529, 256, 2400);
    expect_gemm(graph, 2, 12100, 1, 288);
    expect_gemm(graph, 3, 3136, 1, 576);
}

TEST(TopologyReader, OutputsAreTheCeilingAndMissingPositionsArePadding) {
    for (std::uint64_t in = 1; in <= 12; ++in) {
        for (std::uint64_t filter = 1; filter <= in; ++filter) {
            for (std::uint64_t stride = 1; stride <= 5; ++stride) {
                const std::string size = std::to_string(in) + "," + std::to_string(in) + ",";
                const Graph graph = read(kHeader + "a," + size + std::to_string(filter) + "," + std::to_string(filter) +
                                         ",3,2," + std::to_string(stride) + ",\n");
                // ceil((H - F + S) / S): windows start at 0, S, 2S, ... until one reaches the last row.
                std::uint64_t outputs = 1;
                while ((outputs - 1) * stride + filter < in) {
                    ++outputs;
                }
                EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{1, 2, outputs, outputs}));
                const Window& window = graph.operators[0].window;
                EXPECT_EQ(window.pad_top, 0u);
                EXPECT_EQ(window.pad_left, 0u);
                EXPECT_EQ(in + window.pad_bottom, (outputs - 1) * stride + filter);
                EXPECT_EQ(window.pad_right, window.pad_bottom);
                EXPECT_FALSE(graph.operators[0].bias);
            }
        }
    }
}

TEST(TopologyReader, StridesMayHaveAColumnADirection) {
    const Graph graph = read("layer,ifmap_h,ifmap_w,filter_h,filter_w,channels,filters,stride_h,stride_w\n"
                             "a,9,9,3,3,2,4,1,3\n");
    EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{1, 4, 7, 3}));
}

TEST(TopologyReader, GemmColumnsAreFoundByName) {
    const Graph graph = read("Layer, K, N, M,\nqkv, 5, 7, 11,\n", 3);
    expect_gemm(graph, 0, 3 * 11, 7, 5);
    EXPECT_EQ(graph.operators[0].kind, OpKind::fully_connected);
    EXPECT_EQ(graph.input_of(graph.operators[0]).shape, (Shape{3, 5, 11, 1}));
    EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{3, 7, 11, 1}));
    EXPECT_EQ(macs(graph), 3u * 5 * 7 * 11);
    EXPECT_EQ(parameter_count(graph), 5u * 7);
}

TEST(TopologyReader, RowsDoNotChainAndKeepTheirNames) {
    const Graph graph = read("Layer,M,N,K\nsame,1,2,3\nsame,1,2,3\nsame.input,4,5,6\nsame#2,1,1,1\n", 2);
    ASSERT_EQ(graph.operators.size(), 4u);
    ASSERT_EQ(graph.tensors.size(), 8u);
    EXPECT_EQ(graph.operators[0].name, "same");
    EXPECT_EQ(graph.operators[1].name, "same");
    EXPECT_EQ(graph.operators[2].name, "same.input");
    for (const Operator& op : graph.operators) {
        EXPECT_EQ(graph.input_of(op).producer, -1);
        EXPECT_EQ(graph.input_of(op).consumers.size(), 1u);
        EXPECT_TRUE(graph.output_of(op).consumers.empty());
    }
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_NE(graph.tensors[i].name, graph.tensors[j].name);
        }
    }
}

TEST(TopologyReader, InferenceAddsNothingToARow) {
    const Graph graph = inference_graph(read(kHeader + "a,9,9,3,3,2,4,1,\nb,9,9,3,3,2,4,1,\n"), {});
    ASSERT_EQ(graph.operators.size(), 2u);
    EXPECT_FALSE(graph.operators[0].bias);
    EXPECT_EQ(graph.operators[1].kind, OpKind::conv);
}

// Forms found in the files that SCALE-Sim ships: byte-order mark, no or several trailing commas, blank rows, lower
// case, and a header that says IFMAP Width for the height.
TEST(TopologyReader, TheToolsOwnFilesAreAccepted) {
    const std::string row = "a,9,8,3,2,5,6,1";
    for (const std::string& text :
         {"\xEF\xBB\xBFLayer name,Ifmap height,ifmap width,filter height,filter width,channels,num "
          "filters,strides,\r\n" +
              row + ",\r\n",
          "Layer, IFMAP Width, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n" + row +
              ",\n",
          kHeader + "\n" + row + ",,,\n,,,,,,,,\n   \n", kHeader + row,
          "name, ifmap h, w, filter h, w, channels, filters, stride\n" + row + "\n"}) {
        const Graph graph = read(text);
        ASSERT_EQ(graph.operators.size(), 1u) << text;
        EXPECT_EQ(graph.tensors[0].shape, (Shape{1, 5, 9, 8})) << text;
        EXPECT_EQ(graph.output_of(graph.operators[0]).shape, (Shape{1, 6, 7, 7})) << text;
    }
}

TEST(TopologyReader, NamesMayBeQuoted) {
    const Graph graph = read("Layer,M,N,K\n\"a, \"\"b\"\"\",1,2,3\n");
    EXPECT_EQ(graph.operators[0].name, "a, \"b\"");
}

} // namespace
} // namespace systolica
