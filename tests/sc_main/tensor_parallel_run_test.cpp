// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Inference on several chips that share the channels of every product.

#include <gtest/gtest.h>

#include "acceptance_run.h"
#include "workloads/channel_shares.h"
#include "workloads/inference.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

double number(const Json& json) {
    return json.get<double>();
}

Json without_note(Json summary) {
    summary.erase("symmetry");
    return summary;
}

TEST(TensorParallelRun, ChipsDoTogetherTheProductsOfOneAndExchangeEachTensorOnce) {
    const Graph whole = inference_graph(read_workload("resnet18", 1), {true});
    const RunFiles one = run_files("edge_npu resnet18");
    for (const unsigned chips : {2U, 4U}) {
        const RunFiles files = run_files("quad_edge resnet18 --set system.chips=" + std::to_string(chips) +
                                         " --parallel tensor=" + std::to_string(chips));
        EXPECT_EQ(files.summary["macs"], one.summary["macs"]);
        EXPECT_EQ(files.summary["batch"], one.summary["batch"]);
        const ChannelShares share = share_channels(whole, chips);
        double bytes = 0; // of the tensors, a byte an element
        for (const ChannelShares::Gathered& it : share.gathered) {
            bytes += static_cast<double>(share.graph.tensors[static_cast<std::size_t>(it.whole)].shape.elements());
        }
        const Json& talk = files.summary["communication"];
        EXPECT_EQ(number(talk["vector_bytes"]), bytes);
        EXPECT_EQ(number(talk["memory_read_bytes"]), bytes / chips);
        EXPECT_EQ(number(talk["memory_write_bytes"]), bytes / chips * (chips - 1));
        // Whole elements and halves of them for every chip: at most 2 p elements a chunk.
        EXPECT_GE(number(talk["exchanged_bytes"]), bytes / chips * (chips - 1));
        EXPECT_LE(number(talk["exchanged_bytes"]), bytes / chips * (chips - 1) + number(talk["chunks"]) * 2 * chips);
        EXPECT_EQ(talk["links"][0]["bytes"], talk["exchanged_bytes"]);
        const std::uint64_t rows = files.layers.sum("dram_read_bytes") + files.layers.sum("dram_write_bytes");
        EXPECT_EQ(static_cast<double>(files.dram_bytes()), chips * (static_cast<double>(rows) + bytes));
    }
}

// Weights are read by one chip each: what a chip reads of a fully connected layer at batch 1 is its share of the
// weights and biases, and the whole input.
TEST(TensorParallelRun, EveryChipReadsItsShareOfTheWeights) {
    const RunFiles files = run_files("quad_edge resnet18 --parallel tensor=4");
    for (std::size_t row = 0; row < files.layers.rows(); ++row) {
        if (files.layers.text(row, "name") == "fc") {
            EXPECT_EQ(files.layers.number(row, "n"), 1000U / 4);
            EXPECT_EQ(files.layers.number(row, "macs"), 512U * 1000 / 4);
            EXPECT_GE(files.layers.number(row, "dram_read_bytes"), 512U * 1000 / 4 + 4 * 1000 / 4 + 512);
            EXPECT_LE(files.layers.number(row, "dram_read_bytes"), 512U * 1000 / 4 + 4 * 1000 / 4 + 4 * 512); // 4 tiles
            EXPECT_EQ(files.layers.number(row, "dram_write_bytes"), 1000U / 4);
            return;
        }
    }
    FAIL() << "no layer fc";
}

TEST(TensorParallelRun, OneChipStandsForAllExactly) {
    for (const char* what : {"resnet18 --parallel tensor=4", "mobilenetv2 --batch 2 --parallel tensor=4",
                             "resnet18 --parallel tensor=4 --set system.topology=full --algorithm direct"}) {
        const std::string run = std::string("quad_edge ") + what;
        const RunFiles folded = run_files(run);
        const RunFiles all = run_files(run + " --no-symmetry");
        EXPECT_EQ(number(folded.summary["symmetry"]["chips_simulated"]), 1) << what;
        EXPECT_EQ(number(all.summary["symmetry"]["chips_simulated"]), 4) << what;
        EXPECT_EQ(without_note(folded.summary).dump(1), without_note(all.summary).dump(1)) << what;
        EXPECT_EQ(folded.layers_text, all.layers_text) << what;
    }
}

TEST(TensorParallelRun, MistakesAreOneLineEach) {
    const Program program;
    for (const auto& [arguments, message] : std::vector<std::pair<std::string, std::string>>{
             {"--parallel tensor=2", "expected shares that make the 4 chips of the system, got 'tensor=2'"},
             {"--batch 2 --parallel data=2,tensor=2", "expected either data or tensor above 1, got 'data=2,tensor=2'"},
             {"--parallel tensor=4 --mode training", "expected tensor=1 with --mode training, got 'tensor=4'"},
             {"--parallel pipeline=4", "expected data=N or tensor=N, got 'pipeline=4'"}}) {
        const Outcome outcome = program.run("run quad_edge resnet18 " + arguments);
        EXPECT_EQ(outcome.code, 2) << arguments;
        EXPECT_EQ(outcome.err, "systolica: run: --parallel: " + message + "\n");
    }
    const Outcome channels = program.run("run quad_edge lenet --parallel tensor=4");
    EXPECT_EQ(channels.code, 3);
    EXPECT_NE(channels.err.find(": conv1: expected output channels that divide among 4 chips, got 6\n"),
              std::string::npos)
        << channels.err;
}

} // namespace
} // namespace systolica
