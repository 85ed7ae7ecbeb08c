// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "program.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace systolica {
namespace {

TEST(Show, APlatformsPeakIsTwoOperationsAMac) {
    const Program program;
    // 4 tiles of 32 x 32 PEs at 800 MHz; two channels of 16 bits at 3200 MT/s.
    const Outcome outcome = program.run("show edge_npu");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("6.554 TOPS"), std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("12.80 GB/s peak"), std::string::npos) << outcome.out;
    // A quarter of the tiles, twice the rows: half the peak.
    EXPECT_NE(program.run("show edge_npu --set chip.tiles=1 --set tile.pe_array.rows=64").out.find("3.277 TOPS"),
              std::string::npos);
}

// The reference tables: layer by layer, whatever the batch.
TEST(Show, TheCsvOfEveryReferenceNetworkIsItsTable) {
    const Program program;
    for (const char* name : {"resnet18", "resnet50", "vgg16", "alexnet", "mobilenetv1", "mobilenetv2"}) {
        std::ifstream reference(std::string(SYSTOLICA_TEST_DIR "/golden/workloads/") + name + "_forward.csv");
        ASSERT_TRUE(reference) << name;
        std::istringstream shown(program.run("show " + std::string(name) + " --csv --batch 4").out);
        std::string expected;
        std::string line;
        while (std::getline(reference, expected)) {
            expected.erase(expected.find_last_not_of('\r') + 1); // the tables come with CR LF
            ASSERT_TRUE(std::getline(shown, line)) << name << " ends before " << expected;
            EXPECT_EQ(line, expected) << name;
        }
        EXPECT_FALSE(std::getline(shown, line)) << name << " goes on with " << line;
    }
}

TEST(Show, AFileIsTakenForWhatItHolds) {
    const Program program;
    program.folder().write("p.yaml", "base: edge_npu\nname: mine\n");
    program.folder().write("w.csv", "name,M,N,K\nfirst,8,16,32\n");
    EXPECT_NE(program.run("show p.yaml").out.find("platform    mine"), std::string::npos);
    const Outcome workload = program.run("show w.csv");
    EXPECT_NE(workload.out.find("workload    w"), std::string::npos) << workload.out << workload.err;
    EXPECT_NE(workload.out.find("4,096"), std::string::npos); // 8 * 16 * 32 MACs
    const Outcome neither = program.run("show resnet5");
    EXPECT_EQ(neither.code, 3);
    EXPECT_NE(neither.err.find("did you mean 'resnet50'?"), std::string::npos);
}

TEST(List, NamesWhatIsBundledAndEveryKey) {
    const Program program;
    EXPECT_NE(program.run("list platforms").out.find("edge_npu\n"), std::string::npos);
    EXPECT_NE(program.run("list workloads").out.find("resnet50\n"), std::string::npos);
    EXPECT_NE(program.run("list params").out.find("tile.pe_array.rows"), std::string::npos);
    const auto schema = nlohmann::json::parse(program.run("list params --schema").out);
    EXPECT_EQ(schema.at("type"), "object");
    EXPECT_EQ(schema.at("additionalProperties"), false);
}

} // namespace
} // namespace systolica
