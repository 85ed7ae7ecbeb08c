// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/diagnostics.h"
#include "workloads/reader.h"
#include "workloads/topology_reader.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

struct Malformed {
    const char* what;
    std::string text;
    std::string line; // the one line of the message
};

void expect_line(const Malformed& bad, bool yaml) {
    try {
        if (yaml) {
            read_yaml_workload(bad.text, "w.yaml", 1);
        } else {
            read_topology(bad.text, "w.csv", "w", 1);
        }
        FAIL() << bad.what << ": accepted";
    } catch (const InputError& error) {
        EXPECT_EQ(error.what(), bad.line) << bad.what;
    }
}

// The operators start in line 4, `- {name: x, op: ` is 16 characters.
std::string with(const std::string& operators) {
    return "name: w\ninput: {channels: 6, height: 8, width: 8}\noperators:\n" + operators + "\n";
}

const std::string kNumber = "expected a whole number from 1 to 2147483648, got ";

TEST(MalformedWorkload, YamlGivesOneLineAtItsPlace) {
    const std::string ops = "\noperators: [{name: x, op: relu}]\n";
    const std::vector<Malformed> cases{
        {"empty file", "", "w.yaml:1:1: expected a map with name, input and operators, got nothing"},
        {"a list", "- 1\n", "w.yaml:1:1: expected a map with name, input and operators, got a list"},
        {"binary", std::string("\0\1", 2), "w.yaml: expected YAML text, got a binary file"},
        {"no name", "input: {channels: 1}" + ops, "w.yaml:1:1: name: expected a value, got nothing"},
        {"name is a list", "name: [a]\ninput: {channels: 1}" + ops, "w.yaml:1:7: name: expected text, got a list"},
        {"no input", "name: w" + ops, "w.yaml:1:1: input: expected a map with channels, height and width, got nothing"},
        {"input is a number", "name: w\ninput: 3" + ops,
         "w.yaml:2:8: input: expected a map with channels, height and width, got '3'"},
        {"no channels", "name: w\ninput: {height: 3}" + ops,
         "w.yaml:2:8: input.channels: expected a value, got nothing"},
        {"misspelt height", "name: w\ninput: {channels: 3, hieght: 4}" + ops,
         "w.yaml:2:22: input.hieght: expected a known key, got 'hieght' (did you mean 'height'?)"},
        {"zero width", "name: w\ninput: {channels: 3, width: 0}" + ops, "w.yaml:2:29: input.width: " + kNumber + "'0'"},
        {"image too large", "name: w\ninput: {channels: 300000, height: 100000, width: 100000}" + ops,
         "w.yaml:2:8: input: expected a tensor of at most 2^48 elements, got 1 x 300000 x 100000 x 100000"},
        {"unknown key at the top", "name: w\nbatch: 2\ninput: {channels: 3}" + ops,
         "w.yaml:2:1: batch: expected a known key, got 'batch'"},
        {"no operators", "name: w\ninput: {channels: 3}\n",
         "w.yaml:1:1: operators: expected a list of operators, got nothing"},
        {"empty operators", "name: w\ninput: {channels: 3}\noperators: []\n",
         "w.yaml:3:12: operators: expected a list of operators, got an empty list"},
        {"operators is a map", "name: w\ninput: {channels: 3}\noperators: {a: 1}\n",
         "w.yaml:3:12: operators: expected a list of operators, got a map"},
        {"closed by the wrong bracket", with("- {name: x, op: [relu}"),
         "w.yaml:4:22: expected valid YAML: illegal flow end"},
        {"key twice", with("- {name: x, op: relu, op: relu}"),
         "w.yaml:4:23: op: expected each key once, got it again (first at line 4)"},
        {"operator is text", with("- relu"), "w.yaml:4:3: operators[0]: expected a map with name and op, got 'relu'"},
        {"no operator name", with("- {op: relu}"), "w.yaml:4:3: operators[0].name: expected a value, got nothing"},
        {"no op", with("- {name: x}"), "w.yaml:4:3: x.op: expected a value, got nothing"},
        {"unknown op", with("- {name: x, op: cnov, kernel: 3}"),
         "w.yaml:4:17: x.op: expected one of conv, dwconv, conv_transpose, fc, matmul, embedding, bn, layer_norm, lrn, "
         "relu, relu6, leaky_relu, sigmoid, tanh, silu, gelu, hard_sigmoid, hard_swish, add, sub, mul, div, pow, "
         "maxpool, avgpool, gap, reduce_mean, reduce_sum, resize_nearest, resize_bilinear, concat, flatten, reshape, "
         "identity, transpose, slice, pad, softmax, dropout, softmax_ce, got 'cnov' (did you mean 'conv'?)"},
        {"name used twice", with("- {name: x, op: relu}\n- {name: x, op: bn}"),
         "w.yaml:5:10: operators[1].name: expected a name that is not used before, got 'x' again"},
        {"name of the image", with("- {name: input, op: relu}"),
         "w.yaml:4:10: operators[0].name: expected a name that is not used before, got 'input' again"},
        {"control character in a name", with("- {name: \"a\\nb\", op: relu}"),
         "w.yaml:4:10: operators[0].name: expected a name without control characters, got 'a?b'"},
        {"key of another op", with("- {name: x, op: relu, kernel: 3}"),
         "w.yaml:4:23: x.kernel: expected a known key, got 'kernel'"},
        {"kernel missing", with("- {name: x, op: conv, out_channels: 8}"),
         "w.yaml:4:3: x.kernel: expected a value, got nothing"},
        {"kernel of three", with("- {name: x, op: maxpool, kernel: [1, 2, 3]}"),
         "w.yaml:4:34: x.kernel: expected a number or [height, width], got a list of 3"},
        {"second number bad", with("- {name: x, op: maxpool, kernel: [1, two]}"),
         "w.yaml:4:38: x.kernel[1]: " + kNumber + "'two'"},
        {"leading zero", with("- {name: x, op: fc, out_channels: 010}"),
         "w.yaml:4:35: x.out_channels: " + kNumber + "'010'"},
        {"negative pad", with("- {name: x, op: conv, out_channels: 1, kernel: 3, pad: -1}"),
         "w.yaml:4:56: x.pad: expected a whole number from 0 to 2147483648, got '-1'"},
        {"bias not a flag", with("- {name: x, op: fc, out_channels: 1, bias: yes}"),
         "w.yaml:4:44: x.bias: expected true or false, got 'yes'"},
        {"unknown input", with("- {name: x, op: relu, inputs: y}"),
         "w.yaml:4:31: x.inputs: expected the name of an earlier operator, got 'y'"},
        {"its own input", with("- {name: conv, op: relu, inputs: conv}"),
         "w.yaml:4:34: conv.inputs: expected the name of an earlier operator, got 'conv'"},
        {"later input", with("- {name: x1, op: add, inputs: [input, x2]}\n- {name: x2, op: relu, inputs: input}"),
         "w.yaml:4:39: x1.inputs[1]: expected the name of an earlier operator, got 'x2'"},
        {"input is a map", with("- {name: x, op: relu, inputs: {a: 1}}"),
         "w.yaml:4:31: x.inputs: expected text, got a map"},
        {"add of one", with("- {name: x, op: add, inputs: [input]}"),
         "w.yaml:4:30: x.inputs: expected two or more inputs, got 1"},
        {"relu of two", with("- {name: x, op: relu, inputs: [input, input]}"),
         "w.yaml:4:31: x.inputs: expected one input, got 2"},
        {"add of unlike shapes", with("- {name: p, op: maxpool, kernel: 2}\n- {name: x, op: add, inputs: [input, p]}"),
         "w.yaml:5:38: x.inputs[1]: expected the shape of the first input, 1 x 6 x 8 x 8 (or 1 where it is stretched), "
         "got 1 x 6 x 4 x 4"},
        {"learned operand of another shape", with("- {name: x, op: mul, operand: [5, 1, 1]}"),
         "w.yaml:4:31: x.operand: expected the shape of the first input, 1 x 6 x 8 x 8 (or 1 where it is stretched), "
         "got 1 x 5 x 1 x 1"},
        {"value and operand", with("- {name: x, op: mul, operand: [6, 1, 1], value: 2}"),
         "w.yaml:4:31: x.operand: expected a value or an operand, got both"},
        {"value beside two inputs", with("- {name: x, op: mul, inputs: [input, input], value: 2}"),
         "w.yaml:4:30: x.inputs: expected one input beside the value, got 2"},
        {"value not a number", with("- {name: x, op: mul, value: two}"),
         "w.yaml:4:29: x.value: expected a number from -1e+30 to 1e+30, got 'two'"},
        {"sub of one", with("- {name: x, op: sub}"), "w.yaml:4:3: x.inputs: expected a value, got nothing"},
        {"sub of three", with("- {name: x, op: sub, inputs: [input, input, input]}"),
         "w.yaml:4:30: x.inputs: expected two inputs, got 3"},
        {"product that does not fit",
         with("- {name: x, op: reshape, channels: 6, height: 64}\n"
              "- {name: y, op: matmul, inputs: [x, input]}"),
         "w.yaml:5:37: y.inputs[1]: expected 6 channels of 1 rows (after transposition) like the columns of the first "
         "input, got 1 x 6 x 8 x 8"},
        {"reshape to fewer", with("- {name: x, op: reshape, channels: 6, height: 8}"),
         "w.yaml:4:36: x.channels: expected channels x height x width = 384 elements, got 48"},
        {"order names an axis twice", with("- {name: x, op: transpose, axes: [width, width, height]}"),
         "w.yaml:4:34: x.axes: expected channels, height and width once each, in their new order"},
        {"unknown axis", with("- {name: x, op: softmax, axis: depth}"),
         "w.yaml:4:32: x.axis: expected one of channels, height, width, got 'depth'"},
        {"list for one axis", with("- {name: x, op: softmax, axis: [width]}"),
         "w.yaml:4:32: x.axis: expected one of channels, height, width, got a list"},
        {"no axes", with("- {name: x, op: reduce_sum, axes: []}"),
         "w.yaml:4:35: x.axes: expected channels, height or width, got an empty list"},
        {"slice beyond the end", with("- {name: x, op: slice, start: 4, length: 3}"),
         "w.yaml:4:42: x.length: expected a part of the 6 channels, got 3 from 4"},
        {"indices of several channels", with("- {name: x, op: embedding, out_channels: 8, size: 10}"),
         "w.yaml:4:3: x: expected one index a position, got 6 channels"},
        {"padding larger than a transposed convolution",
         with("- {name: x, op: conv_transpose, out_channels: 4, kernel: 2, pad: 5}"),
         "w.yaml:4:66: x.pad: expected less than the 9 positions of the result, got 10"},
        {"output padding without a stride",
         with("- {name: x, op: conv_transpose, out_channels: 4, kernel: 2, output_pad: 1}"),
         "w.yaml:4:73: x.output_pad: expected less than the stride or the dilation, got 1"},
        {"concat of unlike images", with("- {name: p, op: gap}\n- {name: x, op: concat, inputs: [input, p]}"),
         "w.yaml:5:41: x.inputs[1]: expected 8 x 8 pixels like the first input, got 1 x 6 x 1 x 1"},
        {"groups do not divide", with("- {name: x, op: conv, out_channels: 8, kernel: 1, groups: 4}"),
         "w.yaml:4:59: x.groups: expected a divisor of the 6 input channels, got 4"},
        {"outputs not in groups", with("- {name: x, op: conv, out_channels: 8, kernel: 1, groups: 3}"),
         "w.yaml:4:37: x.out_channels: expected a multiple of the 3 groups, got 8"},
        {"kernel too large", with("- {name: x, op: conv, out_channels: 8, kernel: 11, pad: 1}"),
         "w.yaml:4:48: x.kernel: expected at most 10 x 10 (the input with its padding), got 11 x 11"},
        {"dilated kernel too large", with("- {name: x, op: dwconv, kernel: 3, dilation: 4}"),
         "w.yaml:4:33: x.kernel: expected at most 8 x 8 (the input with its padding), got 9 x 9"},
        {"padding as large as a pool", with("- {name: x, op: maxpool, kernel: 2, pad: 2}"),
         "w.yaml:4:42: x.pad: expected less than the kernel's 2, got 2"},
        {"too many weights",
         with("- {name: x, op: fc, out_channels: 2147483648}\n"
              "- {name: y, op: gap}\n"
              "- {name: z, op: fc, out_channels: 2147483648}"),
         "w.yaml:6:35: z.out_channels: expected at most 2^48 weights, got more"},
    };
    for (const Malformed& bad : cases) {
        expect_line(bad, true);
    }
}

const std::string kConv = "name,ifmap h,ifmap w,filter h,filter w,channels,filters,stride\n";
const std::string kGemm = "Layer, M, N, K,\n";

TEST(MalformedWorkload, TopologyGivesOneLineAtItsPlace) {
    const std::vector<Malformed> cases{
        {"empty", "", "w.csv: expected a header line and rows, got an empty file"},
        {"binary", std::string("\0\1", 2), "w.csv: expected CSV text, got a binary file"},
        {"blank", "\n , ,\n", "w.csv: expected a header line and rows, got an empty file"},
        {"header only", kGemm, "w.csv:1:1: expected at least one row below the header, got none"},
        {"no header", "a,1,2,3\n", "w.csv:1:1: expected a header line that names the columns, got a row of numbers"},
        {"column missing", "Layer, M, N,\na, 1, 2,\n", "w.csv:1:1: expected a column 'K', got none"},
        {"strides missing", "name,ifmap h,ifmap w,filter h,filter w,channels,filters\na,1,1,1,1,1,1\n",
         "w.csv:1:1: expected a column 'Strides', got none"},
        {"one stride of two", "name,ifmap h,ifmap w,filter h,filter w,channels,filters,stride_w\na,1,1,1,1,1,1,1\n",
         "w.csv:1:1: expected a column 'Stride Height', got none"},
        {"misspelt column", "Layer,M,N,K,Strids\na,1,2,3,4\n",
         "w.csv:1:13: expected a column of a topology table, got 'Strids' (did you mean 'Strides'?)"},
        {"column without a name", "Layer,M,,N,K\na,1,2,3,4\n",
         "w.csv:1:9: expected a column of a topology table, got ''"},
        {"numbered column", "Layer,M,N,K2\na,1,2,3\n", "w.csv:1:11: expected a column of a topology table, got 'K2'"},
        {"column twice", "Layer,M,N,M\na,1,2,3\n", "w.csv:1:11: expected each column once, got 'M' again"},
        {"both forms", "Layer,M,N,K,Channels\na,1,2,3,4\n",
         "w.csv:1:13: expected a GEMM table (M, N, K) or a convolution table, got both: 'Channels'"},
        {"too few values", kConv + "a,8,8,3,3,4\n", "w.csv:2:11: a: expected 8 values, got 6"},
        {"too many values", kConv + "a,8,8,3,3,4,5,1, 7\n", "w.csv:2:18: a: expected 8 values, got 9"},
        {"value missing", kGemm + "a, 1,, 3,\n", "w.csv:2:6: a.N: " + kNumber + "nothing"},
        {"not a number", kGemm + "a, 1, x, 3,\n", "w.csv:2:7: a.N: " + kNumber + "'x'"},
        {"a fraction", kGemm + "a, 1, 2.0, 3,\n", "w.csv:2:7: a.N: " + kNumber + "'2.0'"},
        {"zero", kConv + "a,8,8,3,3,4,5,0\n", "w.csv:2:15: a.stride: " + kNumber + "'0'"},
        {"negative", kConv + "ok,8,8,3,3,4,5,1\na,8,-8,3,3,4,5,1\n", "w.csv:3:5: a.ifmap w: " + kNumber + "'-8'"},
        {"huge", kGemm + "a, 1, 2, 2147483649,\n", "w.csv:2:10: a.K: " + kNumber + "'2147483649'"},
        {"beyond 64 bits", kGemm + "a, 99999999999999999999, 2, 3,\n",
         "w.csv:2:4: a.M: " + kNumber + "'99999999999999999999'"},
        {"no name", kGemm + ", 1, 2, 3,\n", "w.csv:2:1: Layer: expected a name, got nothing"},
        {"filter too large", kConv + "a,8,6,3,7,4,5,1\n",
         "w.csv:2:9: a.filter w: expected at most the 6 of the ifmap, got '7'"},
        {"tensor too large", kGemm + "a, 2147483648, 2, 2147483648,\n",
         "w.csv:2:1: a.input: expected a tensor of at most 2^48 elements, got 1 x 2147483648 x 2147483648 x 1"},
        {"too many weights", kGemm + "a, 1, 2147483648, 2147483648,\n",
         "w.csv:2:7: a.N: expected at most 2^48 weights, got more"},
        {"too much work", kGemm + "a, 16777216, 16777216, 16777216,\n",
         "w.csv:2:1: a: expected at most 2^60 MACs, got more"},
        {"too much work together", kGemm + "a, 1048576, 1048576, 1048576,\nb, 2, 2, 2,\n",
         "w.csv:3:1: b: expected at most 2^60 MACs in a network, got more"},
        {"open quote", kGemm + "\"a, 1, 2, 3,\n", "w.csv:2:1: expected a closing quote, got the end of the line"},
        {"text behind a quote", kGemm + "\"a\"b, 1, 2, 3,\n",
         "w.csv:2:1: expected a comma after the closing quote, got more text"},
        {"control character in a name", kGemm + "a\tb, 1, 2, 3,\n",
         "w.csv:2:1: expected text without control characters, got 'a?b'"},
    };
    for (const Malformed& bad : cases) {
        expect_line(bad, false);
    }
}

TEST(MalformedWorkload, AllRowsOfATopologyAreReported) {
    try {
        read_topology(kGemm + "a, 0, 2, x,\nb, 1, 2, 3,\nc, 1\n", "w.csv", "w", 1);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_EQ(error.what(), "w.csv:2:4: a.M: " + kNumber + "'0'\nw.csv:2:10: a.K: " + kNumber +
                                    "'x'\nw.csv:4:4: c: expected 4 values, got 2");
    }
}

class WorkloadFile : public testing::Test {
protected:
    std::string write(const std::string& name, const std::string& text) {
        folder_ = std::filesystem::path(testing::TempDir()) /
                  (std::string("systolica_workload_") + testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder_);
        const std::string path = (folder_ / name).string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string message(const std::string& path, std::uint64_t batch = 1) {
        try {
            read_workload(path, batch);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }

private:
    std::filesystem::path folder_;
};

TEST_F(WorkloadFile, UnknownExtensionIsRefusedInOneLine) {
    const std::string path = write("model.txt", "anything");
    EXPECT_EQ(message(path),
              path + ": expected native YAML (.yaml), a SCALE-Sim topology (.csv) or an ONNX model (.onnx), got the "
                     "extension '.txt'");
}

TEST_F(WorkloadFile, ExtensionDecidesTheFormatAndTheFileNamesTheTopology) {
    const Graph graph = read_workload(write("my_layers.CSV", kGemm + "a, 1, 2, 3,\n"), 1);
    EXPECT_EQ(graph.name, "my_layers");
    EXPECT_EQ(graph.operators.size(), 1u);
    EXPECT_EQ(read_workload(write("net.yml", with("- {name: x, op: relu}")), 1).name, "w");
}

TEST_F(WorkloadFile, MistakesNameTheFile) {
    const std::string path = write("bad.csv", kGemm + "a, 1, 2, 0,\n");
    EXPECT_EQ(message(path), path + ":2:10: a.K: " + kNumber + "'0'");
}

TEST_F(WorkloadFile, UnknownNameSuggestsTheNearest) {
    EXPECT_EQ(message("resnet51"), "resnet51: expected a workload file or a bundled workload name, got 'resnet51' (did "
                                   "you mean 'resnet50'?)");
}

TEST_F(WorkloadFile, BatchIsCheckedFirst) {
    EXPECT_EQ(message("resnet50", 0), "--batch: " + kNumber + "'0'");
    EXPECT_EQ(message("resnet50", (std::uint64_t{1} << 31) + 1), "--batch: " + kNumber + "'2147483649'");
}

TEST_F(WorkloadFile, BatchTooLargeForTheNetworkIsOneLine) {
    // 2^31 images of 3 * 224 * 224 elements.
    const std::string text = message("resnet50", std::uint64_t{1} << 31);
    EXPECT_NE(text.find(":7:8: input: expected a tensor of at most 2^48 elements, got 2147483648 x 3 x 224 x 224"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

} // namespace
} // namespace systolica
