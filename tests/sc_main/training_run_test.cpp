// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole iterations of training through the program: rows as the operations of the training graph, books that close.

#include <gtest/gtest.h>

#include "acceptance_run.h"

namespace systolica {
namespace {

constexpr std::uint64_t kBatch = 2;

std::string lines(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& line : list) {
        text += line + "\n";
    }
    return text;
}

bool ends(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// As the contract names passes: gradients of weights and biases, of inputs of products, all others.
std::string pass_of(const std::string& phase, const std::string& op, const std::string& name) {
    if (phase != "bwd") {
        return phase == "fwd" ? "forward" : "update";
    }
    const bool of_weights = ends(op, "_bwd_weight") || op == "bias_grad" || ends(name, ".dW") || ends(name, ".db");
    return of_weights ? "backward_weight" : ends(op, "_bwd_data") ? "backward_data" : "backward";
}

void check_rows(const RunFiles& files, const CsvTable& shown) {
    const CsvTable& rows = files.layers;
    ASSERT_EQ(rows.rows(), shown.rows());
    std::uint64_t macs = 0;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::string& name = shown.text(row, "name");
        EXPECT_EQ(rows.text(row, "name"), name);
        EXPECT_EQ(rows.text(row, "op"), shown.text(row, "op")) << name;
        EXPECT_EQ(rows.text(row, "pass"), pass_of(shown.text(row, "phase"), shown.text(row, "op"), name)) << name;
        const std::uint64_t expected =
            shown.number(row, "macs_per_image") * kBatch + shown.number(row, "macs_per_iter");
        EXPECT_EQ(rows.number(row, "macs"), expected) << name;
        macs += expected;
    }
    EXPECT_EQ(files.summary["macs"].get<std::uint64_t>(), macs);
    EXPECT_EQ(files.summary["mode"].get<std::string>(), "training");
    EXPECT_EQ(files.summary["batch"].get<std::uint64_t>(), kBatch);
}

void check_books(const RunFiles& files) {
    const CsvTable& rows = files.layers;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        std::uint64_t buckets = rows.number(row, "compute_cycles");
        for (const char* stall : {"stall_load", "stall_store", "stall_scratchpad", "stall_dependency"}) {
            buckets += rows.number(row, stall);
        }
        EXPECT_EQ(buckets, rows.number(row, "cycles")) << rows.text(row, "name");
    }
    EXPECT_EQ(rows.sum("cycles"), files.cycles());
    EXPECT_EQ(rows.sum("dram_read_bytes"), files.summary["dram"]["read_bytes"].get<std::uint64_t>());
    EXPECT_EQ(rows.sum("dram_write_bytes"), files.summary["dram"]["write_bytes"].get<std::uint64_t>());
}

// A part of what the forward pass writes and of what the backward pass reads.
void check_kept_traffic(const RunFiles& files) {
    std::uint64_t forward_writes = 0, backward_reads = 0;
    for (std::size_t row = 0; row < files.layers.rows(); ++row) {
        const std::string& pass = files.layers.text(row, "pass");
        forward_writes += pass == "forward" ? files.layers.number(row, "dram_write_bytes") : 0;
        backward_reads += pass.rfind("backward", 0) == 0 ? files.layers.number(row, "dram_read_bytes") : 0;
    }
    const auto written = files.summary["training"]["kept_write_bytes"].get<std::uint64_t>();
    const auto read = files.summary["training"]["kept_read_bytes"].get<std::uint64_t>();
    EXPECT_GT(written, 0u);
    EXPECT_LE(written, forward_writes);
    EXPECT_GT(read, 0u);
    EXPECT_LE(read, backward_reads);
}

class TrainingRuns : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(TrainingRuns, HaveARowForEachOperationWithItsPassAndMacsAndCloseTheirBooks) {
    const std::string network = std::get<0>(GetParam());
    const std::string training = network + " --mode training --batch " + std::to_string(kBatch);
    const RunFiles files = run_files(std::string(std::get<1>(GetParam())) + " " + training);
    check_rows(files, CsvTable(lines(output_lines("show " + training + " --csv"))));
    check_books(files);
    check_kept_traffic(files);
}

INSTANTIATE_TEST_SUITE_P(Bundled, TrainingRuns,
                         testing::Combine(testing::Values("lenet", "mobilenetv3_small", "transformer_block"),
                                          testing::Values("single_tile", "edge_npu")),
                         [](const auto& entry) {
                             return std::string(std::get<0>(entry.param)) + "_" + std::get<1>(entry.param);
                         });

} // namespace
} // namespace systolica
