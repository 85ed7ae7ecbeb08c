// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "malformed_models.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "../../base/temporary_folder.h"
#include "base/diagnostics.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

std::string problem_of(const std::string& path, std::uint64_t batch = 1) {
    try {
        read_workload(path, batch);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no problem";
}

class MalformedOnnx : public testing::TestWithParam<MalformedModel> {};

TEST_P(MalformedOnnx, IsOneLineThatNamesTheNode) {
    const TemporaryFolder folder;
    folder.write("bad.onnx", GetParam().bytes);
    const std::string path = folder.file("bad.onnx");
    const std::string problem = problem_of(path);
    EXPECT_EQ(std::count(problem.begin(), problem.end(), '\n'), 0) << problem;
    const std::string expected = path + ": " + GetParam().line;
    if (expected.back() == '(') { // then comes the list of what is supported
        EXPECT_EQ(problem.substr(0, expected.size()), expected);
        EXPECT_NE(problem.find("MaxPool"), std::string::npos) << problem;
        const std::string end = problem.substr(problem.find("), got '"));
        EXPECT_TRUE(end == "), got 'Reluu'" || end == "), got 'com.example.Relu'" || end == "), got ''") << end;
    } else {
        EXPECT_EQ(problem, expected);
    }
}

INSTANTIATE_TEST_SUITE_P(All, MalformedOnnx, testing::ValuesIn(malformed_models()),
                         [](const auto& which) { return which.param.name; });

TEST(OnnxFile, ThereAreFortyOrMoreMalformedOnes) {
    EXPECT_GE(malformed_models().size(), 40u);
}

TEST(OnnxFile, TheSmallClassifierThatTheyChangeIsRight) {
    const TemporaryFolder folder;
    small_classifier().write(folder.file("good.onnx"));
    const Graph graph = read_workload(folder.file("good.onnx"), 2);
    EXPECT_EQ(graph.operators.size(), 5u);
    // 32 x 32 positions, 8 channels, 27 weights each; 8 x 10; two images.
    EXPECT_EQ(macs(graph), 2u * (32 * 32 * 8 * 27 + 80));
    EXPECT_EQ(parameter_count(graph), 8u * 27 + 8 + 80 + 10);
}

TEST(OnnxFile, EveryPrefixOfAModelIsRefusedInOneLineOrIsAModel) {
    const TemporaryFolder folder;
    const std::string whole = small_classifier().model.SerializeAsString();
    for (std::size_t length = 0; length < whole.size(); length += 7) {
        folder.write("part.onnx", whole.substr(0, length));
        const std::string problem = problem_of(folder.file("part.onnx"));
        EXPECT_NE(problem, "no problem") << length;
        EXPECT_EQ(std::count(problem.begin(), problem.end(), '\n'), 0) << problem;
    }
}

// Whatever the bytes, the answer is a graph or a line; nothing else leaves the reader.
TEST(OnnxFile, EveryDamagedByteGivesAnAnswer) {
    const TemporaryFolder folder;
    const std::string whole = small_classifier().model.SerializeAsString();
    std::size_t refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (at % 2 == 0 ? 0x15 : 0x80));
        folder.write("damaged.onnx", damaged);
        refused += problem_of(folder.file("damaged.onnx")) != "no problem" ? 1u : 0u;
    }
    EXPECT_GT(refused, 0u); // most bytes are weights
}

TEST(OnnxFile, MoreThanTwoGigabytesAreRefusedByTheirSize) {
    const TemporaryFolder folder;
    folder.write("large.onnx", "");
    std::error_code error;
    std::filesystem::resize_file(folder / "large.onnx", std::uintmax_t{1} << 31, error); // a hole
    ASSERT_FALSE(error) << "no room for a sparse file of 2 GiB: " << error.message();
    EXPECT_EQ(problem_of(folder.file("large.onnx")),
              folder.file("large.onnx") +
                  ": expected an ONNX model, got 2147483648 bytes, more than the 2 GiB of a protobuf message");
}

TEST(OnnxFile, AFolderIsRefused) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "folder.onnx");
    EXPECT_EQ(problem_of(folder.file("folder.onnx")),
              folder.file("folder.onnx") + ": expected an ONNX model, got a folder");
}

TEST(OnnxFile, EveryUnsupportedTypeIsOneLine) {
    const TemporaryFolder folder;
    OnnxModel m = small_classifier();
    m.node("Einsum", {"fc"}, "e1");
    m.node("Einsum", {"e1"}, "e2");
    m.node("NonZero", {"e2"}, "z");
    m.output("z");
    m.write(folder.file("m.onnx"));
    const std::string problem = problem_of(folder.file("m.onnx"));
    EXPECT_EQ(std::count(problem.begin(), problem.end(), '\n'), 1) << problem;
    EXPECT_NE(problem.find(": e1: "), std::string::npos);
    EXPECT_NE(problem.find("got 'Einsum', as in 1 more"), std::string::npos);
    EXPECT_NE(problem.find(": z: "), std::string::npos);
    EXPECT_NE(problem.find("got 'NonZero'"), std::string::npos);
}

} // namespace
} // namespace systolica
