// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <algorithm>

#include "base/data_files.h"
#include "base/strict_yaml.h"
#include "tests/workloads/golden_tables.h"
#include "workloads/inference.h"
#include "workloads/layer_table.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

using test::cells;
using test::kGoldenWorkloads;
using test::lines;

class BundledNetwork : public testing::TestWithParam<const char*> {};

TEST_P(BundledNetwork, EveryRowEqualsTheReferenceTable) {
    const std::string name = GetParam();
    const std::vector<std::string> golden = lines(read_text_file(kGoldenWorkloads + name + "_forward.csv"));
    ASSERT_GT(golden.size(), 20u);
    // All columns are counts per image, so the batch must not show.
    for (const std::uint64_t batch : {std::uint64_t{1}, std::uint64_t{32}}) {
        const std::vector<std::string> ours = lines(forward_csv(read_workload(name, batch)));
        ASSERT_EQ(ours.size(), golden.size());
        for (std::size_t i = 0; i < golden.size(); ++i) {
            EXPECT_EQ(ours[i], golden[i]);
        }
    }
}

TEST_P(BundledNetwork, TotalsEqualTheReferenceTable) {
    const std::string name = GetParam();
    int found = 0;
    for (const std::string& line : lines(read_text_file(kGoldenWorkloads + "totals.csv"))) {
        const std::vector<std::string> row = cells(line); // net, batch, params, bn_params, fwd_macs, ...
        if (row[0] != name) {
            continue;
        }
        ++found;
        const Graph graph = read_workload(name, std::stoull(row[1]));
        EXPECT_EQ(parameter_count(graph), std::stoull(row[2]));
        EXPECT_EQ(macs(graph), std::stoull(row[4]));
        std::uint64_t of_batch_norm = 0;
        for (const Operator& op : graph.operators) {
            of_batch_norm += op.kind == OpKind::batch_norm ? parameter_count(graph, op) : 0;
        }
        EXPECT_EQ(of_batch_norm, std::stoull(row[3]));
    }
    EXPECT_EQ(found, 2); // batch 1 and 32
}

TEST_P(BundledNetwork, GraphIsWellFormed) {
    const Graph graph = read_workload(GetParam(), 2);
    EXPECT_EQ(graph.name, GetParam());
    EXPECT_EQ(graph.batch, 2u);
    ASSERT_EQ(graph.tensors.size(), graph.operators.size() + 1); // and the image
    EXPECT_EQ(graph.tensors[0].name, "input");
    EXPECT_EQ(graph.tensors[0].producer, -1);
    for (std::size_t i = 0; i < graph.operators.size(); ++i) {
        const Operator& op = graph.operators[i];
        EXPECT_EQ(graph.output_of(op).producer, static_cast<int>(i));
        EXPECT_EQ(graph.output_of(op).name, op.name);
        EXPECT_EQ(graph.output_of(op).shape.n, 2u);
        for (std::size_t which = 0; which < op.inputs.size(); ++which) {
            const Tensor& in = graph.input_of(op, which);
            EXPECT_LT(in.producer, static_cast<int>(i));
            EXPECT_EQ(std::count(in.consumers.begin(), in.consumers.end(), static_cast<int>(i)), 1);
        }
    }
}

TEST_P(BundledNetwork, InferenceHoldsNeitherBatchNormNorDropoutAndAllWeights) {
    const Graph network = read_workload(GetParam(), 1);
    const Graph inference = inference_graph(network, {});
    std::uint64_t weights = 0;
    for (const Operator& op : network.operators) {
        weights += weight_count(network, op);
    }
    std::uint64_t kept = 0;
    for (const Operator& op : inference.operators) {
        EXPECT_NE(op.kind, OpKind::batch_norm) << op.name;
        EXPECT_NE(op.kind, OpKind::dropout) << op.name;
        EXPECT_NE(op.kind, OpKind::softmax_cross_entropy) << op.name;
        EXPECT_EQ(bias_count(inference, op) > 0, op.kind == OpKind::conv || op.kind == OpKind::fully_connected)
            << op.name;
        kept += weight_count(inference, op);
    }
    EXPECT_EQ(kept, weights);
    EXPECT_EQ(macs(inference), macs(network));
}

INSTANTIATE_TEST_SUITE_P(All, BundledNetwork,
                         testing::Values("resnet18", "resnet50", "vgg16", "alexnet", "mobilenetv1", "mobilenetv2"),
                         [](const auto& network) { return std::string(network.param); });

TEST(BundledNetworks, PublishedSizesOfResNet50) {
    const Graph graph = read_workload("resnet50", 1);
    EXPECT_EQ(parameter_count(graph), 25557032u);
    EXPECT_EQ(macs(graph), 4089184256u);
}

// C1 28*28*6*25 + C3 10*10*16*150 + C5 120*400 + F6 84*120 + output 10*84 MACs; weights and biases likewise.
TEST(BundledNetworks, LeNetHasItsClosedFormSizes) {
    const Graph graph = read_workload("lenet", 3);
    EXPECT_EQ(macs(graph), 3u * (28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 120 * 400 + 84 * 120 + 10 * 84));
    EXPECT_EQ(parameter_count(graph), 6u * 26 + 16 * 151 + 120 * 401 + 84 * 121 + 10 * 85);
}

// Published with the weights (torchvision mobilenet_v3_small): 2,542,856 parameters, 56 to 57 million MACs.
TEST(BundledNetworks, MobileNetV3SmallHasItsPublishedSizes) {
    const Graph graph = read_workload("mobilenetv3_small", 2);
    EXPECT_EQ(parameter_count(graph), 2542856u);
    EXPECT_EQ(macs(graph) % 2, 0u);
    EXPECT_GE(macs(graph) / 2, 56000000u);
    EXPECT_LE(macs(graph) / 2, 57000000u);
}

// t tokens, d features, f between: t (4 d d + 2 d f) + 2 t t d MACs; weights, biases and two norms.
TEST(BundledNetworks, TheTransformerBlockHasItsClosedFormSizes) {
    const std::uint64_t t = 128, d = 768, f = 3072;
    const Graph graph = read_workload("transformer_block", 1);
    EXPECT_EQ(macs(graph), t * (4 * d * d + 2 * d * f) + 2 * t * t * d);
    EXPECT_EQ(parameter_count(graph), 4 * (d * d + d) + 2 * d * f + f + d + 4 * d);
}

TEST(BundledNetworks, EveryBundledNameReads) {
    const std::vector<std::string> names = bundled_names("workloads");
    EXPECT_GE(names.size(), 7u);
    for (const std::string& name : names) {
        EXPECT_EQ(read_workload(name, 1).name, name);
    }
}

TEST(BundledNetworks, BatchScalesMacsAndNotParameters) {
    const Graph one = read_workload("resnet18", 1);
    const Graph many = read_workload("resnet18", 16);
    EXPECT_EQ(macs(many), 16 * macs(one));
    EXPECT_EQ(parameter_count(many), parameter_count(one));
    for (std::size_t i = 0; i < one.operators.size(); ++i) {
        const GemmShape a = gemm_shape(one, one.operators[i]);
        const GemmShape b = gemm_shape(many, many.operators[i]);
        EXPECT_EQ(b.m, 16 * a.m);
        EXPECT_EQ(b.n, a.n);
        EXPECT_EQ(b.k, a.k);
    }
}

} // namespace
} // namespace systolica
