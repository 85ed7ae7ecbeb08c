// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole runs over networks with finite buffers: levels agree, every shape carries the traffic, and what a run cannot
// do with a network is refused before it begins. Bytes are reconciled by every run itself.

#include "acceptance_run.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

class NocRun : public ::testing::Test {
protected:
    Json run(const std::string& arguments) {
        const Outcome outcome = program.run("run " + arguments + " --no-progress --json");
        EXPECT_EQ(outcome.code, 0) << arguments << ": " << outcome.err;
        return outcome.code == 0 ? Json::parse(outcome.out) : Json();
    }

    Program program;
};

constexpr const char* kSixteen = " --set chip.tiles=16 --set chip.noc.columns=4 --set chip.noc.rows=4";

TEST_F(NocRun, LevelsAgreeWithinThreePercentOnResnet50OverSixteenTiles) {
    const std::string resnet = std::string("edge_npu resnet50") + kSixteen;
    const Json flit = run(resnet + " --set chip.noc.level=flit");
    const auto cycles = flit["cycles"].get<double>();
    for (const char* buffers : {"", " --set chip.noc.buffer_flits=8"}) {
        const Json packet = run(resnet + buffers);
        EXPECT_NEAR(packet["cycles"].get<double>(), cycles, 0.03 * cycles) << buffers;
        for (const char* count : {"bytes", "packets", "packet_hops"}) {
            EXPECT_EQ(packet["noc"][count], flit["noc"][count]) << "the same packets over the same links";
        }
    }
}

TEST_F(NocRun, EveryShapeCarriesTheSameTraffic) {
    const std::string lenet = std::string("edge_npu lenet") + kSixteen;
    const Json plain = run(lenet);
    for (const char* noc : {"topology=torus", "topology=ring", "topology=crossbar", "topology=concentrated_mesh",
                            "topology=tree --set chip.noc.arity=4", "routing=west_first", "routing=o1turn",
                            "routing=table", "link.latency_cycles=3", "link.width_bytes=8"}) {
        for (const char* level : {"packet", "flit"}) {
            const Json out = run(lenet + " --set chip.noc." + noc + " --set chip.noc.level=" + level);
            EXPECT_EQ(out["noc"]["bytes"], plain["noc"]["bytes"]) << noc;
            EXPECT_EQ(out["noc"]["packets"], plain["noc"]["packets"]) << noc;
        }
    }
    EXPECT_GT(run(lenet + " --set chip.noc.link.latency_cycles=30")["cycles"], plain["cycles"]);
}

TEST_F(NocRun, LooselyTimedRunsWorkOnEveryShape) {
    for (const char* noc : {"topology=torus", "topology=tree --set chip.noc.arity=4", "buffer_flits=4"}) {
        const std::string lenet = std::string("edge_npu lenet") + kSixteen + " --set chip.noc." + noc;
        const auto at = run(lenet)["cycles"].get<double>();
        EXPECT_NEAR(run(lenet + " --timing lt")["cycles"].get<double>(), at, 0.10 * at) << noc;
    }
}

TEST_F(NocRun, ShowTellsShapeAndBuffers) {
    const auto line = [&](const std::string& sets) {
        const std::string out = program.run("show edge_npu" + sets).out;
        const std::size_t begin = out.find("noc  ");
        return out.substr(begin, out.find('\n', begin) - begin);
    };
    EXPECT_EQ(
        line(""),
        "noc         mesh of 2 x 2 routers, xy, 4 virtual channels of 8 flits, packet level, 32-byte flits, 3 cycles "
        "a router, 25.60 GB/s a link and direction");
    EXPECT_EQ(line(" --set chip.noc.topology=ring --set chip.noc.level=flit"),
              "noc         ring of 4 routers, xy, 4 virtual channels of 8 flits, flit level, 32-byte flits, 3 cycles a "
              "router, 25.60 GB/s a link and direction");
}

TEST_F(NocRun, RequestsAndResponsesNeedVirtualChannelsOfTheirOwn) {
    const Outcome outcome = program.run("run noc_torus_4x4 lenet --set chip.noc.virtual_channels=3");
    EXPECT_EQ(outcome.code, 3);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.rfind("--set chip.noc.virtual_channels=3: chip.noc.virtual_channels: expected at least 4 "
                                "against deadlock, got 3, which deadlocks by r",
                                0),
              0u)
        << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

TEST(NocRunFiles, ClassesAddUpToTheTraffic) {
    for (const char* network : {"", " --set chip.noc.multicast=false", " --timing lt"}) {
        const RunFiles files = run_files(std::string("edge_npu lenet") + network);
        const auto chip = nlohmann::json::parse(files.stats_text)["chip0"];
        const auto& noc = chip["noc"];
        const auto of_dmas = [&](const char* direction, const char* what) {
            std::uint64_t sum = 0;
            for (const char* tile : {"tile0", "tile1", "tile2", "tile3"}) {
                sum += chip[tile]["dma"][direction][what]["value"].get<std::uint64_t>();
            }
            return sum;
        };
        const auto of = [&](const char* traffic, const char* what) {
            return noc["classes"][traffic][what]["value"].get<std::uint64_t>();
        };
        std::uint64_t packets = 0;
        for (const char* traffic : {"read_requests", "read_responses", "write_requests", "write_responses"}) {
            packets += of(traffic, "packets");
            // Injection and ejection alone take a cycle each, and every flit behind the head one more.
            EXPECT_GT(of(traffic, "latency"), of(traffic, "packets") + of(traffic, "flits")) << traffic << network;
        }
        EXPECT_EQ(packets, files.summary["noc"]["packets"].get<std::uint64_t>()) << network;
        // A multicast carries its bytes once, whoever gets them; loosely timed each tile has an answer of its own.
        const std::uint64_t least =
            std::string(network) == " --timing lt" ? of_dmas("load", "bytes") : of_dmas("load", "memory_bytes");
        EXPECT_GE(of("read_responses", "bytes"), least) << network;
        EXPECT_LE(of("read_responses", "bytes"), of_dmas("load", "bytes")) << network;
        EXPECT_EQ(files.summary["noc"]["bytes"].get<std::uint64_t>(),
                  of_dmas("load", "bytes") + of_dmas("store", "bytes"))
            << network;
        EXPECT_EQ(of("write_requests", "bytes"), of_dmas("store", "bytes")) << network;
        EXPECT_EQ(of("read_requests", "bytes") + of("write_responses", "bytes"), 0u) << network;
        EXPECT_EQ(of("read_requests", "flits"), of("read_requests", "packets")) << network;
    }
}

TEST(NocRunFiles, TheHottestLinksAreNamedWhereTheNetworkIsTheLimit) {
    const std::string narrow = "server_npu lenet --set chip.noc.flit_bytes=8";
    const RunFiles files = run_files(narrow);
    ASSERT_EQ(files.summary["limited_by"].get<std::string>(), "noc");
    const auto noc = nlohmann::json::parse(files.stats_text)["chip0"]["noc"];
    const auto& hottest = files.summary["noc"]["hottest_links"];
    ASSERT_EQ(hottest.size(), 3u);
    EXPECT_EQ(hottest[0]["link"].get<std::string>(), noc["busiest_link"]["value"].get<std::string>());
    double before = 1;
    for (const auto& link : hottest) {
        const double share = link["utilization"].get<double>();
        EXPECT_LE(share, before);
        before = share;
        const double busy = noc["links"][link["link"].get<std::string>()]["busy_cycles"]["value"].get<double>();
        EXPECT_DOUBLE_EQ(share, busy / static_cast<double>(files.cycles()));
    }
    const Outcome shown = Program().run("run " + narrow);
    EXPECT_NE(shown.out.find("busiest links: " + hottest[0]["link"].get<std::string>() + " "), std::string::npos)
        << shown.out;
}

} // namespace
} // namespace systolica
