// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Both levels against BookSim2 (tests/golden/noc), and against each other.

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "machine/noc/fabric/traffic_run.h"
#include "tests/machine/noc_fabric/levels.h"
#include "tests/machine/noc_fabric/shapes.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SYSTOLICA_TEST_SLOW
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
#define SYSTOLICA_TEST_SLOW
#endif

namespace systolica {
namespace {

using noc_test::Level;

#ifdef SYSTOLICA_TEST_SLOW
constexpr std::size_t kEvery = 5; // rows of a table that is run in full otherwise
#else
constexpr std::size_t kEvery = 1;
#endif

using Row = std::map<std::string, std::string>;

std::vector<Row> table(const std::string& name) {
    std::ifstream file(std::string(SYSTOLICA_TEST_DIR "/golden/noc/") + name);
    EXPECT_TRUE(file) << name;
    const auto split = [](const std::string& line) {
        std::vector<std::string> fields;
        std::stringstream stream(line);
        for (std::string field; std::getline(stream, field, ',');) {
            fields.push_back(field);
        }
        return fields;
    };
    std::string line;
    std::getline(file, line);
    const std::vector<std::string> keys = split(line);
    std::vector<Row> rows;
    while (std::getline(file, line)) {
        const std::vector<std::string> fields = split(line);
        Row row;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            row[keys[i]] = fields[i];
        }
        rows.push_back(row);
    }
    return rows;
}

double number(const Row& row, const std::string& key) {
    return std::stod(row.at(key));
}

struct Setting { // columns of the table in tests/golden/noc/README.md
    unsigned virtual_channels, buffer_flits, packet_flits, router_cycles;
};

Setting setting(const Row& row) {
    static const std::map<std::string, Setting> settings{{"A", {1, 4, 1, 4}}, {"B", {2, 4, 4, 4}},
                                                         {"C", {4, 8, 4, 4}}, {"D", {2, 8, 16, 4}},
                                                         {"E", {4, 8, 4, 5}}, {"F", {4, 8, 4, 3}}};
    return settings.at(row.at("cfg"));
}

FabricConfig config_of(const Row& row) {
    const auto k = static_cast<unsigned>(number(row, "k"));
    FabricConfig config = noc_test::grid(row.at("topology") == "mesh" ? FabricKind::mesh : FabricKind::torus, k, k);
    config.virtual_channels = setting(row).virtual_channels;
    config.buffer_flits = setting(row).buffer_flits;
    config.router_cycles = setting(row).router_cycles;
    return config;
}

TrafficDestinations destinations_of(const Row& row) {
    static const std::map<std::string, TrafficPattern> patterns{
        {"uniform", TrafficPattern::uniform},        {"transpose", TrafficPattern::transpose},
        {"bitcomp", TrafficPattern::bit_complement}, {"neighbor", TrafficPattern::neighbour},
        {"tornado", TrafficPattern::tornado},        {"hotspot", TrafficPattern::hotspot}};
    const auto k = static_cast<unsigned>(number(row, "k"));
    return TrafficDestinations(patterns.at(row.at("traffic")), k, k);
}

OpenLoop open_loop_of(const Row& row) {
    OpenLoop options;
    options.packet_flits = setting(row).packet_flits;
    options.flits_per_node_cycle = number(row, "offered_flits_per_node_cycle");
    if (row.at("k") == "8") {
        options.sample_cycles = 2000;
        options.most_samples = 10;
    }
    return options;
}

std::string network_name(const Row& row) {
    return row.at("topology") + row.at("k") + row.at("cfg");
}
std::string name(const Row& row) {
    return network_name(row) + " " + row.at("traffic");
}

// Shares of saturation, the highest rate of its network, configuration and traffic that the table calls stable.
std::map<std::string, double> saturations() {
    std::map<std::string, double> rates;
    for (const Row& row : table("booksim_latency.csv")) {
        if (row.at("stable") == "1") {
            double& rate = rates[name(row)];
            rate = std::max(rate, number(row, "offered_flits_per_node_cycle"));
        }
    }
    return rates;
}

double tolerance(Level level, const Row& row, double share) {
    if (level == Level::packet) {
        return share <= 0.5 ? 0.08 : 0.20;
    }
    const bool noisy = row.at("cfg") == "D" || row.at("k") == "8";
    return share <= 0.5 ? (noisy ? 0.05 : 0.03) : 0.08;
}

struct Case {
    Level level;
    std::string network;
};

class BookSim : public ::testing::TestWithParam<Case> {
protected:
    static TrafficResult run(const Row& row) {
        const auto network = noc_test::network(GetParam().level, config_of(row));
        return run_open_loop(*network, destinations_of(row), open_loop_of(row));
    }
    static std::vector<Row> rows(const std::string& file) {
        std::vector<Row> wanted;
        std::size_t index = 0;
        for (const Row& row : table(file)) {
            if (network_name(row) == GetParam().network && index++ % kEvery == 0) {
                wanted.push_back(row);
            }
        }
        return wanted;
    }
};

TEST_P(BookSim, OpenLoopLatency) {
    const std::map<std::string, double> saturation = saturations();
    for (const Row& row : rows("booksim_latency.csv")) {
        const TrafficResult result = run(row);
        const double rate = number(row, "offered_flits_per_node_cycle");
        SCOPED_TRACE(name(row) + " " + row.at("offered_flits_per_node_cycle"));
        EXPECT_EQ(result.stable, row.at("stable") == "1");
        if (row.at("stable") != "1") {
            continue;
        }
        EXPECT_EQ(static_cast<double>(result.min_packet_latency_cycles), number(row, "min_packet_latency"));
        EXPECT_NEAR(result.avg_routers, number(row, "avg_routers_traversed"), 0.05 * result.avg_routers);
        const double share = rate / saturation.at(name(row));
        if (share <= 0.8) {
            const double expected = number(row, "avg_packet_latency");
            EXPECT_NEAR(result.avg_packet_latency_cycles, expected, tolerance(GetParam().level, row, share) * expected);
        }
    }
}

TEST_P(BookSim, OverloadThroughput) {
    for (const Row& row : rows("booksim_overload.csv")) {
        const double expected = number(row, "accepted_flits_per_node_cycle");
        const double share = GetParam().level == Level::flit ? 0.10 : 0.15;
        EXPECT_NEAR(run(row).accepted_flits_per_node_cycle, expected, share * expected) << name(row);
    }
}

TEST_P(BookSim, BatchMakespan) {
    for (const Row& row : rows("booksim_batch.csv")) {
        const auto network = noc_test::network(GetParam().level, config_of(row));
        const TrafficResult result =
            run_batch(*network, destinations_of(row), static_cast<unsigned>(number(row, "flits_per_node")),
                      setting(row).packet_flits, 1);
        const double expected = number(row, "batch_makespan_cycles");
        const double makespan = static_cast<double>(result.makespan_cycles);
        EXPECT_NEAR(makespan, expected, (GetParam().level == Level::flit ? 0.05 : 0.10) * expected) << name(row);
        EXPECT_GE(makespan, number(row, "xy_max_link_load_bound")) << name(row);
    }
}

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const Level level : {Level::flit, Level::packet}) {
        for (const char* network : {"mesh4A", "mesh4B", "mesh4C", "mesh4D", "mesh4E", "mesh4F", "mesh8B", "mesh8C",
                                    "mesh8D", "torus4B", "torus4C", "torus4D", "torus4F"}) {
            all.push_back({level, network});
        }
    }
    return all;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
    return (info.param.level == Level::flit ? "flit_" : "packet_") + info.param.network;
}

INSTANTIATE_TEST_SUITE_P(Networks, BookSim, ::testing::ValuesIn(cases()), case_name);

// Shapes and routings that the tables do not hold: the levels check each other. Half load, four flits.
TEST(NocLevels, AgreeOnShapesThatNoTableHolds) {
    for (const auto& [shape, config] : noc_test::one_of_each()) {
        const unsigned nodes = FabricTopology(config.shape).endpoints();
        const TrafficDestinations destinations(TrafficPattern::uniform, nodes, 1);
        OpenLoop options;
        options.packet_flits = 4;
        options.flits_per_node_cycle = 0.08;
        options.sample_cycles = 3000;
        const auto flits = noc_test::network(Level::flit, config);
        const auto packets = noc_test::network(Level::packet, config);
        const TrafficResult exact = run_open_loop(*flits, destinations, options);
        const TrafficResult fast = run_open_loop(*packets, destinations, options);
        EXPECT_TRUE(exact.stable) << shape;
        EXPECT_TRUE(fast.stable) << shape;
        EXPECT_NEAR(fast.avg_packet_latency_cycles, exact.avg_packet_latency_cycles,
                    0.05 * exact.avg_packet_latency_cycles)
            << shape;
    }
}

// Nor are there batches of every pattern; where nodes are served unfairly, the last one decides.
TEST(NocLevels, AgreeOnBatchesThatNoTableHolds) {
    for (const char* configuration : {"B", "C", "D", "F"}) {
        const Row row{{"topology", "mesh"}, {"k", "4"}, {"cfg", configuration}};
        const FabricConfig config = config_of(row);
        for (const TrafficPattern pattern :
             {TrafficPattern::uniform, TrafficPattern::bit_complement, TrafficPattern::hotspot}) {
            std::uint64_t makespan[2] = {};
            for (const Level level : {Level::flit, Level::packet}) {
                const auto network = noc_test::network(level, config);
                const TrafficDestinations destinations(pattern, 4, 4);
                makespan[level == Level::packet ? 1 : 0] =
                    run_batch(*network, destinations, 1024, setting(row).packet_flits, 1).makespan_cycles;
            }
            const auto exact = static_cast<double>(makespan[0]);
            EXPECT_NEAR(static_cast<double>(makespan[1]), exact, 0.10 * exact)
                << configuration << " pattern " << static_cast<int>(pattern);
        }
    }
}

} // namespace
} // namespace systolica
