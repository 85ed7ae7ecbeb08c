// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "onnx_export.h"

#include <gtest/gtest.h>

#include <sstream>

#include "../../base/temporary_folder.h"
#include "workloads/layer_table.h"
#include "workloads/reader.h"
#include "workloads/yaml_reader.h"
#include "workloads/yaml_writer.h"

namespace systolica {
namespace {

constexpr std::uint64_t kMostWeightsOnDisk = 30'000'000; // larger networks are written with external weights

std::vector<std::string> rows(const Graph& graph) {
    std::vector<std::string> lines;
    std::istringstream in(forward_csv(graph));
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

class OnnxRoundTrip : public testing::TestWithParam<std::tuple<const char*, OnnxStyle>> {
protected:
    Graph imported(std::uint64_t batch) {
        const auto [name, style] = GetParam();
        const Graph network = read_workload(name, 1);
        const bool large = parameter_count(network) > kMostWeightsOnDisk;
        const std::string path = folder_.file(std::string(name) + ".onnx");
        exported(network, style, large ? OnnxModel::Data::external : OnnxModel::Data::zeros).write(path);
        return read_workload(path, batch);
    }

private:
    TemporaryFolder folder_;
};

TEST_P(OnnxRoundTrip, EveryBundledNetworkComesBackLayerByLayer) {
    const auto [name, style] = GetParam();
    const Graph expected = read_workload(name, 4);
    const Graph got = imported(4); // the old style says 1
    EXPECT_EQ(got.name, expected.name);
    EXPECT_EQ(macs(got), macs(expected));
    EXPECT_EQ(parameter_count(got), parameter_count(expected));
    const std::vector<std::string> ours = rows(got);
    const std::vector<std::string> theirs = rows(expected);
    ASSERT_EQ(ours.size(), theirs.size());
    const bool loss = style == OnnxStyle::new_style; // operator set 8 has a softmax in its place
    for (std::size_t i = 0; i < ours.size() - (loss ? 0 : 1); ++i) {
        EXPECT_EQ(ours[i], theirs[i]);
    }
    EXPECT_EQ(got.operators.back().kind, loss ? OpKind::softmax_cross_entropy : OpKind::softmax);
    EXPECT_EQ(got.operators.back().name, expected.operators.back().name);
}

TEST_P(OnnxRoundTrip, ConvertedToYamlItIsTheSame) {
    const Graph got = imported(1);
    const Graph again = read_yaml_workload(native_yaml(got), "again.yaml", 1);
    EXPECT_EQ(again.name, got.name);
    EXPECT_EQ(rows(again), rows(got));
}

INSTANTIATE_TEST_SUITE_P(Bundled, OnnxRoundTrip,
                         testing::Combine(testing::Values("resnet50", "resnet18", "vgg16", "alexnet", "mobilenetv1",
                                                          "mobilenetv2", "lenet"),
                                          testing::Values(OnnxStyle::old_style, OnnxStyle::new_style)),
                         [](const auto& which) {
                             return std::string(std::get<0>(which.param)) +
                                    (std::get<1>(which.param) == OnnxStyle::old_style ? "_old" : "_new");
                         });

} // namespace
} // namespace systolica
