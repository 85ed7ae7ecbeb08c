// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The models that the distribution ships with ONNX's own operator tests (libonnx-testdata), and the results that they
// come with: shapes that another implementation computed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/diagnostics.h"
#include "workloads/onnx/onnx_messages.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

namespace fs = std::filesystem;

const char* const kData = "/usr/share/libonnx-testdata/data";

std::vector<fs::path> model_folders() {
    std::vector<fs::path> folders;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(kData, error)) {
        if (entry.path().filename() == "model.onnx") {
            folders.push_back(entry.path().parent_path());
        }
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

template <class Message>
Message parsed(const fs::path& path) {
    Message message;
    std::ifstream file(path, std::ios::binary);
    message.ParseFromIstream(&file);
    return message;
}

std::uint64_t batch_of(const onnx::ModelProto& model) {
    for (const auto& input : model.graph().input()) {
        if (input.type().tensor_type().shape().dim_size() > 0) {
            return static_cast<std::uint64_t>(
                std::max<std::int64_t>(1, input.type().tensor_type().shape().dim(0).dim_value()));
        }
    }
    return 1;
}

class OnnxTestData : public testing::Test {
protected:
    void SetUp() override {
        if (!fs::is_directory(kData)) {
            GTEST_SKIP() << "libonnx-testdata is not installed: " << kData << " is missing";
        }
    }
};

TEST_F(OnnxTestData, EveryModelIsReadOrRefusedByName) {
    std::size_t read = 0;
    for (const fs::path& folder : model_folders()) {
        const std::string path = (folder / "model.onnx").string();
        try {
            read_workload(path, 1);
            ++read;
        } catch (const InputError& error) {
            for (const Problem& problem : error.problems().list()) {
                EXPECT_EQ(problem.message.rfind("expected ", 0), 0u) << problem.text();
                EXPECT_NE(problem.message.find(", got "), std::string::npos) << problem.text();
            }
        }
    }
    EXPECT_GT(read, 100u);
}

// Elements of the last layer are those of the result that is stored beside the model.
TEST_F(OnnxTestData, ShapesAreThoseOfTheStoredResults) {
    std::size_t compared = 0;
    for (const fs::path& folder : model_folders()) {
        const std::string path = (folder / "model.onnx").string();
        const onnx::ModelProto model = parsed<onnx::ModelProto>(path);
        const auto stored = parsed<onnx::TensorProto>(folder / "test_data_set_0" / "output_0.pb");
        Graph graph;
        try {
            graph = read_workload(path, batch_of(model));
        } catch (const InputError&) {
            continue; // the other test looks at these
        }
        const onnx::NodeProto& last = model.graph().node(model.graph().node_size() - 1);
        if (last.output_size() > 1 || last.op_type() == "SoftmaxCrossEntropyLoss" || model.graph().output_size() > 1) {
            continue; // which result is stored first, or one for all positions
        }
        std::uint64_t elements = 1;
        for (const std::int64_t dim : stored.dims()) {
            elements *= static_cast<std::uint64_t>(dim);
        }
        EXPECT_EQ(graph.output_of(graph.operators.back()).shape.elements(), elements) << path;
        ++compared;
    }
    EXPECT_GT(compared, 100u);
}

// What the reader is for must not fall under "refused".
TEST_F(OnnxTestData, ConvolutionsPoolsAndLinearLayersAreRead) {
    for (const char* name :
         {"Conv1d", "Conv1d_dilated", "Conv2d", "Conv2d_depthwise_with_multiplier", "Conv2d_groups", "Conv2d_strided",
          "ConvTranspose2d", "AvgPool2d_stride", "MaxPool1d", "MaxPool2d_stride_padding_dilation", "BatchNorm2d_eval",
          "Linear", "Linear_no_bias", "LeakyReLU", "Softmax", "softmax_lastdim", "ZeroPad2d", "Embedding", "GLU"}) {
        const std::string path = std::string(kData) + "/pytorch-converted/test_" + name + "/model.onnx";
        EXPECT_NO_THROW(read_workload(path, 1)) << path;
    }
}

} // namespace
} // namespace systolica
