// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `collective` against closed forms (docs/scale_out.md): the golden rows, and other sizes and numbers of chips.
#include "acceptance_run.h"
#include "golden_scale_out.h"

#include <gtest/gtest.h>

#include <cmath>

namespace systolica {
namespace {

struct Link {
    double alpha_ns = 500, bytes_per_ns = 50;
};

nlohmann::json collective(const std::string& topology, unsigned chips, const std::string& options,
                          const Link& link = {}) {
    std::ostringstream arguments;
    arguments << "collective edge_npu --json --set system.topology=" << topology << " --set system.chips=" << chips
              << " --set system.link.latency_ns=" << link.alpha_ns
              << " --set system.link.bandwidth_gb_per_s=" << link.bytes_per_ns << " " << options;
    const Program program;
    const Outcome outcome = program.run(arguments.str());
    EXPECT_EQ(outcome.code, 0) << outcome.err << arguments.str();
    return outcome.code == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json();
}

void expect_time(const nlohmann::json& json, double closed_form_ns, double tolerance = 0.001) {
    const double ns = json.at("time_ns").get<double>();
    EXPECT_GE(ns, closed_form_ns * (1 - 1e-12)); // never faster
    EXPECT_LE(ns, closed_form_ns * (1 + tolerance));
}

double golden(const std::string& name) {
    const CsvTable table(golden_text("collective_checks.csv"));
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.text(row, "case") == name) {
            return std::stod(table.text(row, "time_ns"));
        }
    }
    ADD_FAILURE() << "no row " << name;
    return 0;
}

TEST(CollectiveCommand, EveryGoldenRow) {
    const std::string mib = " --bytes 1048576", mib64 = " --bytes 67108864";
    EXPECT_EQ(CsvTable(golden_text("collective_checks.csv")).rows(), 8u);
    for (const char* topology : {"ring", "full", "switch"}) {
        expect_time(collective(topology, 4, "--algorithm ring" + mib), golden("ring p=4 S=1MiB a=500 B=50"));
        expect_time(collective(topology, 16, "--algorithm ring" + mib64), golden("ring p=16 S=64MiB a=500 B=50"));
        expect_time(collective(topology, 8, "--op reduce_scatter --algorithm ring" + mib),
                    golden("reduce-scatter p=8 S=1MiB"));
    }
    for (const char* topology : {"full", "switch"}) {
        expect_time(collective(topology, 8, "--algorithm halving_doubling" + mib),
                    golden("halving-doubling p=8 S=1MiB a=500 B=50"));
        expect_time(collective(topology, 8, "--algorithm binomial" + mib),
                    golden("binomial tree reduce+bcast p=8 S=1MiB"));
    }
    expect_time(collective("switch", 8, "--algorithm direct" + mib), golden("direct one shared port of 50 p=8 S=1MiB"));
    expect_time(collective("full", 8, "--op all_to_all --algorithm direct" + mib),
                golden("all-to-all direct p=8 per-node 1MiB fully conn (a + S/p/B)"));
    for (const char* sides : {"--set system.columns=4", "--set system.columns=8"}) {
        expect_time(collective("torus", 32, std::string(sides) + " --algorithm hierarchical_2d" + mib64, {1000, 80}),
                    golden("2D torus 4x8 ring/ring S=64MiB a=1000 B=80"));
    }
}

TEST(CollectiveCommand, RingsAtOtherSizes) {
    for (const unsigned p : {2U, 3U, 6U, 11U}) {
        for (const double bytes : {1e5, 7654321.0}) {
            const Link link{130, 12.5};
            const std::string size = " --bytes " + std::to_string(static_cast<std::uint64_t>(bytes));
            const double step = link.alpha_ns + bytes / p / link.bytes_per_ns;
            const double half_step = link.alpha_ns + bytes / 2 / p / link.bytes_per_ns;
            const auto all_reduce = collective("ring", p, "--algorithm ring" + size, link);
            expect_time(all_reduce, 2 * (p - 1) * step);
            EXPECT_EQ(all_reduce["messages"], 2 * p * (p - 1));
            EXPECT_NEAR(all_reduce["bytes_per_link"].get<double>(), 2 * (p - 1) * bytes / p, 2.0 * p);
            expect_time(collective("ring", p, "--op all_gather --algorithm ring" + size, link), (p - 1) * step);
            expect_time(collective("ring", p, "--algorithm ring_bidir" + size, link), 2 * (p - 1) * half_step);
            expect_time(collective("ring", p, "--op reduce_scatter --algorithm ring_bidir" + size, link),
                        (p - 1) * half_step);
        }
    }
}

TEST(CollectiveCommand, ExchangesAndTreesAtOtherSizes) {
    const double bytes = 3e6;
    const Link link{700, 25};
    for (const unsigned p : {2U, 4U, 16U, 32U}) {
        const double log2p = std::log2(p), a = link.alpha_ns, b = link.bytes_per_ns;
        for (const char* topology : {"full", "switch"}) {
            expect_time(collective(topology, p, "--bytes 3000000 --algorithm halving_doubling", link),
                        2 * log2p * a + 2 * (p - 1) * bytes / p / b);
            expect_time(collective(topology, p, "--bytes 3000000 --op all_gather --algorithm halving_doubling", link),
                        log2p * a + (p - 1) * bytes / p / b);
            expect_time(collective(topology, p, "--bytes 3000000 --algorithm binomial", link),
                        2 * log2p * (a + bytes / b));
            expect_time(collective(topology, p, "--bytes 3000000 --op broadcast --algorithm binomial", link),
                        log2p * (a + bytes / b));
        }
    }
}

TEST(CollectiveCommand, DirectExchangesAtOtherSizes) {
    const Link link{40, 100};
    for (const unsigned p : {2U, 5U, 9U}) {
        const double share_ns = 2e6 / p / link.bytes_per_ns;
        expect_time(collective("full", p, "--bytes 2000000 --algorithm direct", link), 2 * (40 + share_ns));
        expect_time(collective("switch", p, "--bytes 2000000 --algorithm direct", link), 2 * (40 + (p - 1) * share_ns));
        expect_time(collective("full", p, "--bytes 2000000 --op all_to_all --algorithm direct", link), 40 + share_ns);
        expect_time(collective("full", p, "--bytes 2000000 --op broadcast --algorithm direct", link),
                    40 + 2e6 / link.bytes_per_ns);
    }
}

TEST(CollectiveCommand, ToriAtOtherSizes) {
    const Link link{250, 20};
    for (const auto& [columns, rows] : {std::pair{2, 2}, {3, 5}, {6, 2}}) {
        const double p = columns * rows, bytes = 4e6;
        const double phase = (columns - 1) * (250 + bytes / columns / 20) + (rows - 1) * (250 + bytes / p / 20);
        const std::string options =
            "--bytes 4000000 --algorithm hierarchical_2d --set system.columns=" + std::to_string(columns);
        const auto chips = static_cast<unsigned>(columns * rows);
        expect_time(collective("torus", chips, options, link), 2 * phase);
        expect_time(collective("torus", chips, options + " --op reduce_scatter", link), phase);
    }
}

// 2 log2 p (alpha + c) + (K - 1) c with c = S / (2 K B).
TEST(CollectiveCommand, TwoTreesWithChunks) {
    const double bytes = 8e6;
    for (const unsigned p : {4U, 8U, 16U, 32U}) {
        for (const unsigned chunks : {1U, 4U, 16U, 64U}) {
            const double c = bytes / (2 * chunks * 50.0);
            expect_time(
                collective("full", p, "--bytes 8000000 --algorithm double_binary --chunks " + std::to_string(chunks)),
                2 * std::log2(p) * (500 + c) + (chunks - 1) * c, 0.1);
        }
    }
}

// A broadcast along a ring: the first chunk pays all steps, each other one its time on a link.
TEST(CollectiveCommand, ChunksFollowEachOther) {
    for (const unsigned chunks : {1U, 10U, 100U}) {
        const double c = 1e6 / chunks / 50;
        expect_time(
            collective("ring", 5, "--bytes 1000000 --op broadcast --algorithm ring --chunks " + std::to_string(chunks)),
            4 * (500 + c) + (chunks - 1) * c);
    }
}

// A message for the other end of a line is stored by every chip on its way.
TEST(CollectiveCommand, LongWaysAreStoredAndForwarded) {
    const auto json = collective("custom", 4,
                                 "--set 'system.links=[[0, 1], [1, 2], [2, 3]]' --bytes 1000000 "
                                 "--op broadcast --algorithm direct");
    // Chip 0 sends to 1, 2 and 3 in turn; the last leaves after 3 c and goes over three links.
    const double c = 1e6 / 50;
    expect_time(json, 3 * c + 3 * 500 + 2 * c);
    EXPECT_EQ(json["messages"], 3);
    EXPECT_EQ(json["bytes_per_link"], 3'000'000);
}

// Four tiles of 32 lanes at 800 MHz add 4-byte numbers: 128 a cycle, 5 cycles to start.
TEST(CollectiveCommand, AddingTakesVectorUnits) {
    const double share = 4'096'000 / 4, cycle_ns = 1.25;
    const double add_ns = (5 + share / 4 / 128) * cycle_ns;
    expect_time(collective("ring", 4, "--bytes 4096000 --algorithm ring --reduction on"),
                6 * (500 + share / 50) + 3 * add_ns);
    expect_time(collective("ring", 4, "--bytes 4096000 --op all_gather --algorithm ring --reduction on"),
                3 * (500 + share / 50));
}

TEST(CollectiveCommand, FewCreditsSlowALinkDown) {
    // 4 flits of 256 bytes in 2 x 500 ns and one flit's 5.12 ns, 3906.25 flits; broadcast to one chip.
    const auto json = collective("full", 2,
                                 "--bytes 1000000 --op broadcast --algorithm direct "
                                 "--set system.link.credits=4");
    const double round = 1000 + 5.12;
    EXPECT_NEAR(json["time_ns"].get<double>(), 500 + 976 * round + 2 * 5.12 + 0.25 * 5.12, 0.01);
    expect_time(collective("full", 2, "--bytes 1000000 --op broadcast --algorithm direct"), 500 + 20000);
}

TEST(CollectiveCommand, AutoIsTheFastestOfAll) {
    for (const char* topology : {"ring", "torus", "full", "switch"}) {
        for (const char* bytes : {"1000", "10000000"}) {
            double least = 1e300;
            for (const char* algorithm :
                 {"ring", "ring_bidir", "halving_doubling", "binomial", "double_binary", "direct", "hierarchical_2d"}) {
                const auto json =
                    collective(topology, 16, std::string("--bytes ") + bytes + " --algorithm " + algorithm);
                least = std::min(least, json["time_ns"].get<double>());
            }
            const auto chosen = collective(topology, 16, std::string("--bytes ") + bytes);
            EXPECT_NEAR(chosen["time_ns"].get<double>(), least, 0.01 * least) << topology << ", " << bytes;
        }
    }
}

TEST(CollectiveCommand, RepeatsItselfAndPrintsATable) {
    const Program program;
    const std::string arguments = "collective pod_16 --bytes 1000000";
    const Outcome first = program.run(arguments), second = program.run(arguments);
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_EQ(first.out, second.out);
    EXPECT_NE(first.out.find("all_reduce of 1,000,000 bytes over 16 chips of pod_16"), std::string::npos);
}

TEST(CollectiveCommand, MistakesAreOneLine) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"quad_edge", "--bytes: expected a whole number, got nothing"},
        {"quad_edge --bytes 0", "--bytes: expected a whole number from 1 to 4398046511104, got '0'"},
        {"quad_edge --bytes 1000 --op all_sum",
         "--op: expected all_reduce or reduce_scatter or all_gather or all_to_all or broadcast, got 'all_sum'"},
        {"quad_edge --bytes 1000 --set system.chips=6 --algorithm halving_doubling",
         "expected a number of chips that is a power of two for halving_doubling, got 6"},
        {"quad_edge --bytes 100000000000 --algorithm ring",
         "--bytes: expected messages of less than 4 GiB (--chunks makes more of them), got one of 25000000000 bytes"},
    };
    const Program program;
    for (const auto& [arguments, expected] : cases) {
        const Outcome outcome = program.run("collective " + arguments);
        EXPECT_EQ(outcome.code, 2) << arguments;
        EXPECT_EQ(outcome.err, "systolica: collective: " + expected + "\n");
        EXPECT_EQ(outcome.out, "");
    }
    const Outcome alone = program.run("collective edge_npu --bytes 1000");
    EXPECT_EQ(alone.code, 3);
    EXPECT_NE(alone.err.find(": system.chips: expected at least 2 chips for a collective, got 1\n"), std::string::npos);
}

// 24 messages of a mebibyte's quarter: 1024 flits each, p = 1 - (1 - 1e-5)^2048 = 2.03 %.
TEST(CollectiveCommand, ErrorsSendFlitsAgainAndTakeTime) {
    const Program program;
    const std::string line = "collective quad_edge --algorithm ring --bytes 1048576 --json";
    const auto json = [&](const std::string& options) {
        const Outcome outcome = program.run(line + options);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        auto parsed = nlohmann::json::parse(outcome.out);
        parsed.erase("host");
        return parsed;
    };
    const auto clean = json("");
    const auto wrong = json(" --set system.link.bit_error_rate=1e-5");
    EXPECT_EQ(clean["resent_flits"], 0);
    const double p = 1 - std::pow(1 - 1e-5, 2048), flits = 24 * 1024;
    EXPECT_NEAR(wrong["resent_flits"].get<double>(), flits * p / (1 - p), 4 * std::sqrt(flits * p) / (1 - p));
    EXPECT_GT(wrong["time_ns"].get<double>(), clean["time_ns"].get<double>() + 6 * 1000); // a round trip a step
    EXPECT_EQ(wrong, json(" --set system.link.bit_error_rate=1e-5"));
    EXPECT_NE(wrong, json(" --set system.link.bit_error_rate=1e-5 --seed 2"));
    const Outcome refused = program.run(line + " --set system.link.bit_error_rate=0.001");
    EXPECT_EQ(refused.code, 3);
    EXPECT_NE(refused.err.find("system.link.bit_error_rate: expected errors in at most half of all flits, got 0.001 a "
                               "bit with flits of 256 bytes\n"),
              std::string::npos)
        << refused.err;
}

} // namespace
} // namespace systolica
