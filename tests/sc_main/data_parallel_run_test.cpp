// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Runs on several chips that share the batch: bytes of the gradients, what overlap hides, one chip for all.

#include <gtest/gtest.h>

#include <cmath>

#include "acceptance_run.h"

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

const Json& communication(const RunFiles& files) {
    return files.summary["communication"];
}

double number(const Json& json) {
    return json.get<double>();
}

// The summary but for what says how it was simulated.
Json without_note(Json summary) {
    summary.erase("symmetry");
    return summary;
}

// 61,706 parameters of 32 bits; every chip sends 2 (p - 1) shares.
TEST(DataParallelRun, ARingSendsEveryGradientTwiceButForAShare) {
    constexpr double kBytes = 61'706 * 4;
    for (const unsigned chips : {2U, 4U, 16U, 64U}) {
        const RunFiles files = run_files("quad_edge lenet --mode training --set system.chips=" + std::to_string(chips) +
                                         " --batch " + std::to_string(chips));
        const double expected = kBytes * 2 * (chips - 1) / chips;
        // Shares are whole elements of one size: at most two for each chip are added to a bucket.
        EXPECT_GE(number(communication(files)["gradient_bytes"]), expected) << chips;
        EXPECT_LE(number(communication(files)["gradient_bytes"]), expected + 2 * 2 * chips * 4) << chips;
        EXPECT_EQ(number(communication(files)["vector_bytes"]), kBytes);
        EXPECT_EQ(number(communication(files)["memory_read_bytes"]), kBytes);
        EXPECT_EQ(number(communication(files)["memory_write_bytes"]), kBytes);
        EXPECT_EQ(number(files.summary["chips"]), chips);
        EXPECT_EQ(communication(files)["links"].size(), 1U);
        EXPECT_EQ(communication(files)["links"][0]["bytes"], communication(files)["gradient_bytes"]);
    }
}

// MACs of the whole batch on all chips; an iteration of a share, and the gradients' way out and back, on each.
TEST(DataParallelRun, ChipsDoTogetherWhatOneDoes) {
    const RunFiles one = run_files("edge_npu lenet --mode training --batch 4");
    const RunFiles four = run_files("quad_edge lenet --mode training --batch 4");
    EXPECT_EQ(four.summary["macs"], one.summary["macs"]);
    EXPECT_EQ(four.summary["batch"], one.summary["batch"]);
    EXPECT_EQ(number(four.summary["pes"]), 4 * number(one.summary["pes"]));
    EXPECT_EQ(number(four.summary["dram"]["peak_gb_per_s"]), 4 * number(one.summary["dram"]["peak_gb_per_s"]));
    std::uint64_t rows = four.layers.sum("dram_read_bytes") + four.layers.sum("dram_write_bytes");
    rows += 2 * 61'706 * 4;
    EXPECT_EQ(four.dram_bytes(), 4 * rows);
    EXPECT_EQ(four.layers.sum("cycles"), four.cycles());
    EXPECT_EQ(4 * four.layers.sum("macs"), four.summary["macs"].get<std::uint64_t>());
}

TEST(DataParallelRun, OneChipStandsForAllExactly) {
    for (const char* what : {"lenet --batch 4 --mode training", "resnet18 --batch 4",
                             "resnet18 --batch 4 --mode training --set system.bucket_kib=1024",
                             "lenet --batch 4 --mode training --set system.topology=full --algorithm direct "
                             "--set system.port.chunk_kib=16 --set system.port.buffer_kib=32",
                             "lenet --batch 4 --mode training --set system.topology=torus --algorithm ring_bidir",
                             "lenet --batch 4 --mode training --timing lt"}) {
        const std::string run = std::string("quad_edge ") + what;
        const RunFiles folded = run_files(run);
        const RunFiles all = run_files(run + " --no-symmetry");
        EXPECT_EQ(number(folded.summary["symmetry"]["chips_simulated"]), 1) << what;
        EXPECT_EQ(number(all.summary["symmetry"]["chips_simulated"]), 4) << what;
        EXPECT_EQ(without_note(folded.summary).dump(1), without_note(all.summary).dump(1)) << what;
        EXPECT_EQ(folded.layers_text, all.layers_text) << what;
    }
}

TEST(DataParallelRun, ChipsThatDoNotDoTheSameAreAllSimulated) {
    for (const char* system : {"--algorithm binomial --set system.topology=switch",
                               "--algorithm ring --set system.topology=switch", "--set system.link.bit_error_rate=1e-6",
                               "--algorithm ring --set system.topology=mesh --set system.chips=3"}) {
        const std::string batch = std::string(system).find("chips=3") != std::string::npos ? "3" : "4";
        const RunFiles files = run_files("quad_edge lenet --mode training --batch " + batch + " " + system);
        EXPECT_EQ(files.summary["symmetry"]["chips_simulated"], files.summary["chips"]) << system;
        EXPECT_NE(files.summary["symmetry"]["note"].get<std::string>().find("not exact"), std::string::npos);
    }
}

// With all gradients stored before the first bucket starts, all of them are waited for.
TEST(DataParallelRun, OverlapHidesCommunication) {
    const std::string run = "quad_edge resnet18 --mode training --batch 4 --set system.link.bandwidth_gb_per_s=2"
                            " --set system.bucket_kib=2048";
    const RunFiles with = run_files(run);
    const RunFiles without = run_files(run + " --comm-overlap off");
    EXPECT_LT(number(communication(with)["exposed_cycles"]), number(communication(without)["exposed_cycles"]));
    EXPECT_GT(number(communication(with)["hidden_cycles"]), 0);
    EXPECT_LT(with.cycles(), without.cycles());
    EXPECT_EQ(communication(with)["gradient_bytes"], communication(without)["gradient_bytes"]);
    EXPECT_EQ(with.summary["dram"]["read_bytes"], without.summary["dram"]["read_bytes"]);
}

// One chunk, everything one after the other: the vector is read, goes around, is written. At most one burst a cycle
// and channel goes to and from memory; the ring takes 2 (p - 1) (a + S / (p B)), and adds p - 1 shares with four tiles
// of 32 lanes, a cycle for as many elements.
TEST(DataParallelRun, ABucketTakesNoLessThanItsParts) {
    const RunFiles files = run_files("quad_edge lenet --mode training --batch 4 --comm-overlap off");
    constexpr double kBytes = 61'706 * 4, kMhz = 800;
    const double ring = 2 * 3 * (500e-9 + kBytes / 4 / 16e9) * kMhz * 1e6;
    const double adds = 3 * kBytes / 4 / 4 / (4 * 32);
    const double memory = 2 * kBytes / (number(files.summary["dram"]["peak_gb_per_s"]) / 4 * 1e9) * kMhz * 1e6;
    const double busy = number(communication(files)["exposed_cycles"]) + number(communication(files)["hidden_cycles"]);
    EXPECT_GE(busy, ring + adds + memory);
    EXPECT_LE(busy, 1.25 * (ring + adds + memory)); // rows, refresh and latencies of the memory
}

TEST(DataParallelRun, MistakesAreOneLineEach) {
    const Program program;
    for (const auto& [arguments, message] : std::vector<std::pair<std::string, std::string>>{
             {"quad_edge lenet --batch 6",
              "--batch: expected a multiple of 4, the shares of the batch (--parallel), got 6"},
             {"quad_edge lenet --batch 4 --parallel data=2",
              "--parallel: expected shares that make the 4 chips of the system, got 'data=2'"},
             {"quad_edge lenet --batch 4 --parallel 4", "--parallel: expected data=N or tensor=N, got '4'"},
             {"edge_npu lenet --no-symmetry", "--no-symmetry: expected on several chips, got a system of one"},
             {"quad_edge lenet --batch 4 --algorithm ring",
              "--algorithm: expected with training or tensor shares on several chips, got without"},
             {"quad_edge lenet --batch 3 --mode training --set system.chips=3 --algorithm halving_doubling",
              "--algorithm: expected a number of chips that is a power of two for halving_doubling, got 3"}}) {
        const Outcome outcome = program.run("run " + arguments);
        EXPECT_EQ(outcome.code, 2) << arguments;
        EXPECT_NE(outcome.err.find(message + "\n"), std::string::npos) << outcome.err;
    }
    const Outcome port = program.run("run quad_edge lenet --batch 4 --set system.port.router=4");
    EXPECT_EQ(port.code, 3);
    EXPECT_NE(port.err.find("system.port.router: expected one of the 4 routers, got 4\n"), std::string::npos)
        << port.err;
    const Outcome chunk = program.run("run quad_edge lenet --batch 4 --set system.port.chunk_kib=5000");
    EXPECT_EQ(chunk.code, 3);
    EXPECT_NE(
        chunk.err.find("system.port.chunk_kib: expected chunks of at most the 4096 KiB of the buffer, got 5000\n"),
        std::string::npos)
        << chunk.err;
}

} // namespace
} // namespace systolica
