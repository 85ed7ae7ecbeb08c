// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The same run again gives the same bytes; looking at it changes nothing; loose timing moves the same bytes.

#include "acceptance_run.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

void expect_same(const RunFiles& a, const RunFiles& b) {
    EXPECT_EQ(a.summary.dump(), b.summary.dump());
    EXPECT_TRUE(a.layers_text == b.layers_text);
    EXPECT_TRUE(a.stats_text == b.stats_text);
    EXPECT_GT(a.stats_text.size(), 100u);
}

class AcceptanceDeterminism : public testing::TestWithParam<std::string> {};

TEST_P(AcceptanceDeterminism, ARunGivesTheSameBytesAgainAndWithWaveforms) {
    const RunFiles first = run_files(GetParam());
    expect_same(first, run_files(GetParam()));
    const TemporaryFolder folder;
    const std::string file = folder.file("a.vcd");
    expect_same(first, run_files(GetParam() + " --vcd '" + file + "' --trace-to 100us"));
    EXPECT_EQ(folder.read("a.vcd").rfind("$", 0), 0u);
}

// `lt` lets every burst through without the queues of the network and the memory, whose times it approximates: it may
// be off by a factor of two either way, but not in what it moves or computes.
TEST_P(AcceptanceDeterminism, LooseTimingMovesTheSameBytesInSimilarTime) {
    const RunFiles at = run_files(GetParam());
    const RunFiles lt = run_files(GetParam() + " --timing lt");
    for (const char* column : {"macs", "sram_ifmap_reads", "sram_filter_reads", "sram_ofmap_writes", "dram_read_bytes",
                               "dram_write_bytes"}) {
        for (std::size_t i = 0; i < at.layers.rows(); ++i) {
            EXPECT_EQ(at.layers.text(i, column), lt.layers.text(i, column)) << at.layers.text(i, "name");
        }
    }
    EXPECT_EQ(at.dram_bytes(), lt.dram_bytes());
    EXPECT_EQ(at.summary["noc"]["bytes"], lt.summary["noc"]["bytes"]);
    EXPECT_GE(2 * lt.cycles(), at.cycles());
    EXPECT_LE(lt.cycles(), 2 * at.cycles());
    expect_same(lt, run_files(GetParam() + " --timing lt"));
}

std::string case_name(const testing::TestParamInfo<std::string>& entry) {
    std::string name = entry.param;
    for (char& c : name) {
        if (c == ' ' || c == '-') {
            c = '_';
        }
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Runs, AcceptanceDeterminism,
                         testing::Values("edge_npu resnet18", "edge_npu mobilenetv2", "single_tile alexnet",
                                         "server_npu resnet18", "scalesim resnet18"),
                         case_name);

} // namespace
} // namespace systolica
