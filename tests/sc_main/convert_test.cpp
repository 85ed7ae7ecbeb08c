// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "../workloads/onnx/malformed_models.h"
#include "program.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace systolica {
namespace {

class Convert : public testing::Test {
protected:
    Convert() { small_classifier().write(program.folder().file("model.onnx")); }

    const Program program;
};

TEST_F(Convert, WritesYamlThatShowsTheSameNetwork) {
    const Outcome converted = program.run("convert model.onnx -o model.yaml");
    EXPECT_EQ(converted.code, 0) << converted.err;
    EXPECT_EQ(converted.err, "");
    const Outcome onnx = program.run("show model.onnx --csv --batch 3");
    const Outcome yaml = program.run("show model.yaml --csv --batch 3");
    EXPECT_EQ(onnx.code, 0) << onnx.err;
    EXPECT_EQ(onnx.out, yaml.out);
    EXPECT_EQ(std::count(onnx.out.begin(), onnx.out.end(), '\n'), 6); // a heading and five layers
    // 32 x 32 positions, 8 channels, 27 weights each; 8 x 10.
    EXPECT_NE(program.run("show model.onnx").out.find("221,264"), std::string::npos);
    EXPECT_EQ(program.folder().entries(), 2u); // nothing temporary is left
}

TEST_F(Convert, AnOnnxModelRuns) {
    const Outcome run = program.run("run edge_npu model.onnx -q --no-progress --batch 2");
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(program.run("show model.onnx --mode training --batch 2").code, 0);
    EXPECT_EQ(program.run("check edge_npu model.onnx").code, 0);
}

TEST_F(Convert, ReplacesWhatItMadeAndNothingElse) {
    EXPECT_EQ(program.run("convert model.onnx -o model.yaml").code, 0);
    const std::string first = program.folder().read("model.yaml");
    EXPECT_EQ(program.run("convert model.onnx -o model.yaml").code, 0);
    EXPECT_EQ(program.folder().read("model.yaml"), first);

    program.folder().write("mine.yaml", "name: mine\n");
    const Outcome refused = program.run("convert model.onnx -o mine.yaml");
    EXPECT_EQ(refused.code, 2);
    EXPECT_EQ(refused.err, "systolica: -o: expected a new file or the result of a former conversion, got 'mine.yaml', "
                           "which is another file\n");
    EXPECT_EQ(program.folder().read("mine.yaml"), "name: mine\n");
}

TEST_F(Convert, AFailureLeavesTheFormerResult) {
    EXPECT_EQ(program.run("convert model.onnx -o model.yaml").code, 0);
    const std::string first = program.folder().read("model.yaml");
    program.folder().write("bad.onnx", "nonsense");
    EXPECT_EQ(program.run("convert bad.onnx -o model.yaml").code, 3);
    EXPECT_EQ(program.folder().read("model.yaml"), first);
}

TEST_F(Convert, WrongUsageIsOneLine) {
    std::filesystem::create_directory(program.folder() / "folder.yaml");
    for (const char* arguments : {"convert", "convert model.onnx", "convert model.onnx -o model.onnx",
                                  "convert model.onnx -o folder.yaml", "convert model.onnx -o none/model.yaml"}) {
        const Outcome outcome = program.run(arguments);
        EXPECT_EQ(outcome.code, 2) << arguments << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
    const Outcome missing = program.run("convert nothing.onnx -o a.yaml");
    EXPECT_EQ(missing.code, 3);
    EXPECT_EQ(missing.err, "nothing.onnx: expected an ONNX model, got No such file or directory\n");
}

TEST_F(Convert, ANetworkOfTwoInputsIsNoNativeYaml) {
    OnnxModel two;
    two.input("a", {0, 4}).input("b", {0, 4}).output("sum");
    two.node("Add", {"a", "b"}, "sum");
    two.write(program.folder().file("two.onnx"));
    EXPECT_EQ(program.run("show two.onnx").code, 0);
    const Outcome outcome = program.run("convert two.onnx -o two.yaml");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_EQ(outcome.err, "two: expected a network with one input, which is what native YAML describes, got 2\n");
}

TEST_F(Convert, EveryMalformedModelIsOneLineAndExitCodeThree) {
    for (const MalformedModel& model : malformed_models()) {
        program.folder().write("bad.onnx", model.bytes);
        const Outcome outcome = program.run("show bad.onnx");
        EXPECT_EQ(outcome.code, 3) << model.name;
        EXPECT_EQ(outcome.out, "") << model.name;
        EXPECT_EQ(outcome.err.rfind("bad.onnx: " + model.line, 0), 0u) << model.name << ": " << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << model.name << ": " << outcome.err;
    }
}

} // namespace
} // namespace systolica
