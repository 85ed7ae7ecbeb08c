// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `systolica noc` against the zero-load law, closed forms, and rows of BookSim2's tables (tests/golden/noc).

#include "program.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::map<std::string, std::string>;

class NocCommand : public ::testing::Test {
protected:
    Json noc(const std::string& arguments) {
        const Outcome outcome = program.run("noc " + arguments + " --json");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_EQ(outcome.err, "");
        return outcome.code == 0 ? Json::parse(outcome.out) : Json();
    }

    Program program;
};

std::vector<Row> table(const std::string& name) {
    std::ifstream file(std::string(SYSTOLICA_SOURCE_DIR) + "/tests/golden/noc/" + name);
    std::vector<std::string> titles;
    std::vector<Row> rows;
    for (std::string line; std::getline(file, line);) {
        std::vector<std::string> cells;
        std::istringstream text(line);
        for (std::string cell; std::getline(text, cell, ',');) {
            cells.push_back(cell);
        }
        if (titles.empty()) {
            titles = cells;
            continue;
        }
        Row row;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            row[titles[i]] = cells[i];
        }
        rows.push_back(row);
    }
    return rows;
}

// Platform and settings of a row; the bundled platforms hold configuration C (tests/golden/noc/README.md).
std::string arguments_of(const Row& row) {
    static const std::map<std::string, std::string> settings{
        {"B", "--packet-flits 4 --set chip.noc.virtual_channels=2 --set chip.noc.buffer_flits=4"},
        {"C", "--packet-flits 4"},
        {"D", "--packet-flits 16 --set chip.noc.virtual_channels=2"},
        {"F", "--packet-flits 4 --set chip.noc.router_cycles=3"}};
    static const std::map<std::string, std::string> patterns{{"bitcomp", "bit_complement"}, {"neighbor", "neighbour"}};
    const auto renamed = patterns.find(row.at("traffic"));
    const std::string k = row.at("k");
    return "noc_" + row.at("topology") + "_" + k + "x" + k + " --traffic " +
           (renamed == patterns.end() ? row.at("traffic") : renamed->second) + " " + settings.at(row.at("cfg"));
}

Row find(const std::string& file, const Row& wanted) {
    for (const Row& row : table(file)) {
        const auto same = [&](const auto& field) { return row.at(field.first) == field.second; };
        if (std::all_of(wanted.begin(), wanted.end(), same)) {
            return row;
        }
    }
    ADD_FAILURE() << "no such row in " << file;
    return {};
}

double value(const Row& row, const std::string& key) {
    return std::stod(row.at(key));
}

constexpr const char* kLevels[] = {"packet", "flit"};

// 2 + router_cycles * routers + flits - 1: corner to corner of 4 x 4 passes seven routers.
TEST_F(NocCommand, ALonePacketTakesTheZeroLoadLawAtBothLevels) {
    program.folder().write("one.txt", "5 0 15 9\n");
    for (const char* level : kLevels) {
        for (const unsigned router_cycles : {3U, 4U, 5U}) {
            const Json out = noc("noc_mesh_4x4 --traffic one.txt --set chip.noc.level=" + std::string(level) +
                                 " --set chip.noc.router_cycles=" + std::to_string(router_cycles));
            const unsigned latency = 2 + router_cycles * 7 + 8;
            EXPECT_EQ(out["packets"], 1);
            EXPECT_EQ(out["avg_packet_latency_cycles"], latency);
            EXPECT_EQ(out["min_packet_latency_cycles"], latency);
            EXPECT_EQ(out["avg_routers"], 7.0);
            EXPECT_EQ(out["makespan_cycles"], 5 + latency);
            EXPECT_EQ(out["stable"], true);
            EXPECT_EQ(out["level"], level);
        }
    }
}

// Corner to all others of 4 x 4: the opposite corner is seven routers away. As single packets all flits pass the
// source's only link, and the last packet goes to that corner.
TEST_F(NocCommand, AMulticastIsSentOnceUnlessThatIsOff) {
    program.folder().write("all.txt", "0 0 all 1024\n");
    for (const std::string level : kLevels) {
        const std::string arguments = "noc_mesh_4x4 --traffic all.txt --set chip.noc.level=" + level;
        const Json on = noc(arguments + " --multicast on");
        EXPECT_EQ(on["packets"], 15);
        EXPECT_EQ(on["delivered_flits"], 15 * 1024);
        EXPECT_EQ(on["makespan_cycles"], 2 + 4 * 7 + 1023) << level;
        EXPECT_EQ(on["busiest_link_flits"], 1024);
        const Json off = noc(arguments + " --multicast off");
        EXPECT_EQ(off["packets"], 15);
        EXPECT_EQ(off["makespan_cycles"], 14 * 1024 + 2 + 4 * 7 + 1023) << level;
        EXPECT_EQ(off["busiest_link_flits"], 12 * 1024) << "three columns lie behind the first link of the row";
    }
}

// Added in two routers. As single packets 3 * 64 flits leave the column over one link.
TEST_F(NocCommand, AReductionIsAddedOnItsWayUnlessThatIsOff) {
    program.folder().write("column.txt", "0 4,8,12 0 64 reduce\n");
    for (const std::string level : kLevels) {
        const std::string arguments = "noc_mesh_4x4 --traffic column.txt --set chip.noc.level=" + level;
        EXPECT_EQ(noc(arguments)["makespan_cycles"], 2 + 4 * 4 + 63 + 2 * 1) << level;
        EXPECT_EQ(noc(arguments)["packets"], 1);
        EXPECT_EQ(noc(arguments + " --set chip.noc.combine_cycles=3")["makespan_cycles"], 2 + 4 * 4 + 63 + 2 * 3);
        const Json off = noc(arguments + " --multicast off");
        EXPECT_EQ(off["packets"], 3);
        EXPECT_EQ(off["busiest_link_flits"], 3 * 64);
        EXPECT_GE(off["makespan_cycles"].get<double>(), 2.2 * (2 + 4 * 4 + 63 + 2));
    }
}

// Second pass: one cycle after the first, whose only packet was created in cycle 5.
TEST_F(NocCommand, RepeatOffersAFileAgainAndCountsAllPasses) {
    program.folder().write("one.txt", "5 0 15 1 # corner to corner\n");
    const Json out = noc("noc_mesh_4x4 --traffic one.txt --repeat 3");
    EXPECT_EQ(out["packets"], 3);
    EXPECT_EQ(out["makespan_cycles"], 5 + 2 * 6 + 2 + 4 * 7);
    EXPECT_EQ(out["packet_hops"], 3 * 6);
    const Json batch = noc("noc_mesh_4x4 --flits-per-node 8 --repeat 5");
    EXPECT_EQ(batch["packets"], 16 * 2 * 5);
}

TEST_F(NocCommand, AShortAndALongPathOfEveryTopology) {
    const struct {
        const char* sets;
        unsigned to, routers;
    } cases[] = {{"topology=torus", 3, 2},
                 {"topology=ring", 8, 9}, // 16 routers in a circle
                 {"topology=crossbar", 15, 1},
                 {"topology=concentrated_mesh", 15, 4}, // on the first row of four routers
                 {"topology=tree --set chip.noc.arity=4", 15, 3},
                 {"routing=west_first", 15, 7},
                 {"routing=o1turn", 12, 4},
                 {"routing=table", 15, 7}};
    for (const char* level : kLevels) {
        for (const auto& c : cases) {
            program.folder().write("one.txt", "0 0 " + std::to_string(c.to) + " 3\n");
            const Json out = noc("noc_mesh_4x4 --traffic one.txt --set chip.noc." + std::string(c.sets) +
                                 " --set chip.noc.level=" + level);
            EXPECT_EQ(out["avg_routers"], c.routers) << c.sets;
            EXPECT_EQ(out["makespan_cycles"], 2 + 4 * c.routers + 2) << c.sets;
        }
    }
}

// Two cycles a flit and three more on the way: the head comes 1 + 3 cycles later, the tail ten cycles behind it.
// (Routers of three cycles, because one that allocates channels first gains a cycle on flits that come with gaps.)
TEST_F(NocCommand, NarrowAndLongLinksTakeLonger) {
    program.folder().write("one.txt", "0 0 1 6\n");
    for (const char* level : kLevels) {
        const Json out = noc(
            "noc_mesh_4x4 --traffic one.txt --set chip.noc.router_cycles=3 --set chip.noc.level=" + std::string(level) +
            " --set 'chip.noc.links=[{from: 0, to: 1, width_bytes: 16, latency_cycles: 4}]'");
        EXPECT_EQ(out["makespan_cycles"], 2 + 2 * 3 + (1 + 3) + 5 * 2) << level;
    }
}

struct Case {
    Row row;
    double flit, packet; // tolerance
};

TEST_F(NocCommand, OpenLoopFollowsRowsOfBookSim) {
    const auto row = [](const char* topology, const char* k, const char* cfg, const char* traffic, const char* rate) {
        return Row{{"topology", topology},
                   {"k", k},
                   {"cfg", cfg},
                   {"traffic", traffic},
                   {"offered_flits_per_node_cycle", rate}};
    };
    const Case cases[] = {{row("mesh", "4", "C", "uniform", "0.3"), 0.03, 0.08},
                          {row("mesh", "4", "F", "hotspot", "0.1"), 0.03, 0.08},
                          {row("torus", "4", "B", "tornado", "0.1"), 0.03, 0.08},
                          {row("mesh", "8", "B", "bitcomp", "0.1"), 0.05, 0.08},
                          {row("mesh", "4", "D", "hotspot", "0.1"), 0.05, 0.08}};
    for (const Case& c : cases) {
        const Row found = find("booksim_latency.csv", c.row);
        ASSERT_FALSE(found.empty());
        for (const std::string level : kLevels) {
            const Json out = noc(arguments_of(found) + " --rate " + found.at("offered_flits_per_node_cycle") +
                                 " --set chip.noc.level=" + level);
            const double expected = value(found, "avg_packet_latency");
            EXPECT_EQ(out["stable"], true);
            EXPECT_NEAR(out["avg_packet_latency_cycles"].get<double>(), expected,
                        (level == "flit" ? c.flit : c.packet) * expected)
                << arguments_of(found) << " " << level;
            EXPECT_EQ(out["min_packet_latency_cycles"].get<double>(), value(found, "min_packet_latency"));
        }
    }
}

TEST_F(NocCommand, OverloadAndBatchFollowRowsOfBookSim) {
    const Row overload = find("booksim_overload.csv", {{"topology", "mesh"}, {"cfg", "C"}, {"traffic", "uniform"}});
    const Row batch =
        find("booksim_batch.csv", {{"topology", "mesh"}, {"k", "4"}, {"cfg", "C"}, {"traffic", "transpose"}});
    ASSERT_FALSE(overload.empty() || batch.empty());
    for (const std::string level : kLevels) {
        const std::string set = " --set chip.noc.level=" + level;
        const Json full = noc(arguments_of(overload) + " --rate 1" + set);
        const double accepted = value(overload, "accepted_flits_per_node_cycle");
        EXPECT_EQ(full["stable"], false);
        EXPECT_NEAR(full["accepted_flits_per_node_cycle"].get<double>(), accepted,
                    (level == "flit" ? 0.10 : 0.15) * accepted);
        const Json done = noc(arguments_of(batch) + " --flits-per-node " + batch.at("flits_per_node") + set);
        const double makespan = value(batch, "batch_makespan_cycles");
        EXPECT_NEAR(done["makespan_cycles"].get<double>(), makespan, (level == "flit" ? 0.05 : 0.10) * makespan);
        EXPECT_GE(done["makespan_cycles"].get<double>(), value(batch, "xy_max_link_load_bound"));
    }
}

TEST_F(NocCommand, SameSeedSameResultAnotherSeedAnother) {
    const auto without_host = [&](const std::string& seed) {
        Json out = noc("noc_torus_4x4 --rate 0.2 --seed " + seed);
        out.erase("host");
        return out.dump();
    };
    EXPECT_EQ(without_host("7"), without_host("7"));
    EXPECT_NE(without_host("7"), without_host("8"));
}

TEST_F(NocCommand, PrintsAHeadlineWithoutJson) {
    const Outcome outcome = program.run("noc edge_npu");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out.rfind(
                  "uniform on edge_npu, 4-flit packets, 0.1 flits per node and cycle, packet level: stable\n", 0),
              0u)
        << outcome.out;
}

TEST_F(NocCommand, EveryMistakeIsOneLine) {
    program.folder().write("bad.txt", "0 0 1 4\n3 0 16 1\n2 0 1 1\n4 0 1\n");
    program.folder().write("empty.txt", "# nothing\n");
    program.folder().write("several.txt", "0 1,2 3 4\n");
    const struct {
        const char* arguments;
        int code;
        const char* expected;
    } cases[] = {
        {"noc_mesh_4x4 --traffic unifom", 2,
         "systolica: noc: --traffic: expected uniform, transpose, tornado, bit_complement, neighbour, hotspot, or a "
         "file, got 'unifom' (did you mean 'uniform'?)\n"},
        {"noc_mesh_4x4 --traffic none.txt", 3,
         "none.txt: traffic: expected a traffic file that can be read, got: No such file or directory\n"},
        {"noc_mesh_4x4 --traffic empty.txt", 3, "empty.txt: traffic: expected at least one packet, got none\n"},
        {"noc_mesh_4x4 --traffic bad.txt", 3,
         "bad.txt:2:5: traffic: expected destination from 0 to 15, got '16'\n"
         "bad.txt:4:6: traffic: expected number of flits from 1 to 65536, got the end of the line\n"},
        {"noc_mesh_4x4 --rate 1.01", 2, "systolica: noc: --rate: expected a number above 0 and up to 1, got '1.01'\n"},
        {"noc_mesh_4x4 --rate 0", 2, "systolica: noc: --rate: expected a number above 0 and up to 1, got '0'\n"},
        {"noc_mesh_4x4 --rate 0.1 --flits-per-node 4", 2,
         "systolica: noc: --rate: expected without --flits-per-node, got both\n"},
        {"noc_mesh_4x4 --traffic bad.txt --packet-flits 4", 2,
         "systolica: noc: --packet-flits: expected without a traffic file, got both\n"},
        {"noc_mesh_4x4 --multicast off", 2, "systolica: noc: --multicast: expected without a pattern, got both\n"},
        {"noc_mesh_4x4 --traffic several.txt", 3,
         "several.txt:1:3: traffic: expected one source, or reduce at the end of the line, got several\n"},
        {"noc_mesh_4x4 --traffic bad.txt --multicast maybe", 2,
         "systolica: noc: --multicast: expected on or off, got 'maybe'\n"},
        {"noc_mesh_4x4 --packet-flits 0", 2,
         "systolica: noc: --packet-flits: expected a whole number from 1 to 65536, got '0'\n"},
        {"noc_mesh_4x4 --traffic transpose --set chip.tiles=8", 2,
         "systolica: noc: --traffic transpose: expected a power of four nodes, got 8\n"},
        {"noc_mesh_4x4 --flits-per-node 1000000000", 2,
         "systolica: noc: --repeat, --flits-per-node: expected at most 50000000 packets in all, got 4000000000\n"},
        {"noc_mesh_4x4 --set chip.noc.level=flits", 3,
         "--set chip.noc.level=flits: chip.noc.level: expected one of packet, flit, got 'flits' (did you mean "
         "'flit'?)\n"},
        {"noc_torus_4x4 --set chip.noc.virtual_channels=1", 3,
         "--set chip.noc.virtual_channels=1: chip.noc.virtual_channels: expected at least 2 against deadlock, got 1, "
         "which deadlocks by r0->r1 vc 0, r1->r2 vc 0, r2->r3 vc 0, r3->r0 vc 0, r0->r1 vc 0\n"},
        {"noc_mesh_4x4 extra", 2,
         "systolica: noc: expected PLATFORM, got 'noc_mesh_4x4' 'extra'; 'systolica noc --help' explains\n"},
    };
    for (const auto& c : cases) {
        const Outcome outcome = program.run(std::string("noc ") + c.arguments);
        EXPECT_EQ(outcome.code, c.code) << c.arguments;
        EXPECT_EQ(outcome.err, c.expected) << c.arguments;
        EXPECT_EQ(outcome.out, "") << c.arguments;
    }
}

} // namespace
} // namespace systolica
