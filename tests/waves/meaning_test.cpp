// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The waves of a run against its statistics and its layer table: what a viewer shows is what the reports say.
#include "../sc_main/program.h"
#include "vcd_file.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace systolica {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kClockPs = 1250;    // edge_npu: 800 MHz
constexpr std::uint64_t kDramClockPs = 625; // LPDDR4-3200: 1600 MHz, two beats of 2 bytes each
constexpr unsigned kBanks = 8;              // of a channel

struct Traced {
    Program program;
    VcdFile vcd;
    Json statistics;

    explicit Traced(const std::string& run) {
        const Outcome outcome = program.run("run " + run + " --vcd w.vcd --out o -q");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        vcd = read_vcd(program.folder().file("w.vcd"));
        statistics = Json::parse(program.folder().read("o/stats.json")).at("chip0");
    }

    // statistics: /tile0/cycles/matrix
    std::uint64_t counted(const std::string& pointer) const {
        return statistics.at(Json::json_pointer(pointer + "/value")).get<std::uint64_t>();
    }
    std::uint64_t cycles_at(const std::string& signal, std::uint64_t value) const {
        const auto times = vcd.time_of_values(signal);
        const auto found = times.find(value);
        const std::uint64_t ps = found == times.end() ? 0 : found->second;
        EXPECT_EQ(ps % kClockPs, 0u) << signal;
        return ps / kClockPs;
    }
    std::vector<std::string> blocks(const std::string& kind) const { // tile0, tile1, ...
        std::vector<std::string> names;
        for (const auto& [name, node] : statistics.items()) {
            if (name.rfind(kind, 0) == 0) {
                names.push_back(name);
            }
        }
        EXPECT_FALSE(names.empty()) << kind;
        return names;
    }
    std::uint64_t rises(const std::string& signal) const {
        std::uint64_t count = 0, last = 0;
        for (const VcdSignal::Change& change : vcd.of(signal).changes) {
            count += change.value != 0 && last == 0 ? 1 : 0;
            last = change.value;
        }
        return count;
    }
};

class Meaning : public testing::TestWithParam<const char*> {
protected:
    const Traced run_{GetParam()};
};

// State 0 is a tile whose program has ended; the accounting counts that as waiting for others.
TEST_P(Meaning, TileStatesLastAsLongAsTheStatisticsSay) {
    for (const std::string& tile : run_.blocks("tile")) {
        SCOPED_TRACE(tile);
        const std::string state = "chip0." + tile + ".state", cycles = "/" + tile + "/cycles/";
        EXPECT_EQ(run_.cycles_at(state, 1), run_.counted(cycles + "matrix"));
        EXPECT_EQ(run_.cycles_at(state, 2), run_.counted(cycles + "vector"));
        EXPECT_EQ(run_.cycles_at(state, 3) + run_.cycles_at(state, 0), run_.counted(cycles + "dependency"));
        EXPECT_EQ(run_.cycles_at(state, 4), run_.counted(cycles + "scratchpad"));
        EXPECT_EQ(run_.cycles_at(state, 5), run_.counted(cycles + "load"));
        EXPECT_EQ(run_.cycles_at(state, 6), run_.counted(cycles + "store"));
    }
}

TEST_P(Meaning, UnitsWorkAndStallAsLongAsTheStatisticsSay) {
    for (const std::string& tile : run_.blocks("tile")) {
        for (const std::string unit : {"pe_array", "vector_unit"}) {
            const std::string wave = "chip0." + tile + "." + unit, node = "/" + tile + "/" + unit;
            SCOPED_TRACE(wave);
            EXPECT_EQ(run_.cycles_at(wave + ".state", 1), run_.counted(node + "/working_cycles"));
            EXPECT_EQ(run_.cycles_at(wave + ".state", 2), run_.counted(node + "/stall_cycles"));
            EXPECT_EQ(run_.cycles_at(wave + ".busy", 1),
                      run_.counted(node + "/working_cycles") + run_.counted(node + "/stall_cycles"));
        }
    }
}

TEST_P(Meaning, LinksAreBusyAsLongAsTheStatisticsSay) {
    std::uint64_t links = 0;
    for (const auto& [link, node] : run_.statistics.at("noc").at("links").items()) {
        EXPECT_EQ(run_.cycles_at("chip0.noc.link." + link + ".busy", 1),
                  run_.counted("/noc/links/" + link + "/busy_cycles"))
            << link;
        ++links;
    }
    EXPECT_GE(links, 4u);
}

// Value k stands from the end of the k-th row of the layer table on; rows of no length show in their sum.
TEST_P(Meaning, OperationsRetireWhenTheirRowsEnd) {
    std::istringstream table(run_.program.folder().read("o/layers.csv"));
    std::vector<VcdSignal::Change> expected{{0, 0}};
    std::string row;
    std::getline(table, row);
    ASSERT_EQ(row.rfind("index,name,op,pass,m,n,k,macs,start_cycle,end_cycle,cycles,", 0), 0u);
    for (std::uint64_t retired = 1, cycles = 0; std::getline(table, row); ++retired) {
        std::istringstream cells(row);
        std::string cell;
        for (int column = 0; column <= 10; ++column) {
            std::getline(cells, cell, ',');
        }
        cycles += std::stoull(cell);
        if (expected.back().time_ps == cycles * kClockPs) {
            expected.back().value = retired;
        } else {
            expected.push_back({cycles * kClockPs, retired});
        }
    }
    EXPECT_EQ(run_.vcd.of("chip0.operation").changes, expected);
    EXPECT_EQ(run_.vcd.end_ps, expected.back().time_ps);
}

TEST_P(Meaning, DramPinsCarryTheBusBytes) {
    for (const std::string& channel : run_.blocks("dram")) {
        auto times = run_.vcd.time_of_values("chip0." + channel + ".data_busy");
        EXPECT_EQ((times[1] + times[2]) * 4, run_.counted("/" + channel + "/bus_bytes") * kDramClockPs) << channel;
        EXPECT_EQ(times[2] * 4 / kDramClockPs, run_.counted("/" + channel + "/write_commands") * 32) << channel;
    }
}

// Refreshes made up after idle time do not show, nor that they closed the rows: each may hide an opening of every bank.
TEST_P(Meaning, DramRowsOpenOnceForEachActivate) {
    for (const std::string& channel : run_.blocks("dram")) {
        SCOPED_TRACE(channel);
        const std::uint64_t refreshes = run_.rises("chip0." + channel + ".refresh");
        EXPECT_GT(refreshes, 0u);
        ASSERT_LE(refreshes, run_.counted("/" + channel + "/refreshes"));
        const std::uint64_t may_hide = kBanks * (run_.counted("/" + channel + "/refreshes") - refreshes);
        std::uint64_t opened = 0, changed_open = 0;
        for (unsigned bank = 0; bank < kBanks; ++bank) {
            const std::string name = "chip0." + channel + ".bank" + std::to_string(bank);
            const VcdSignal& open = run_.vcd.of(name + ".row_open");
            opened += run_.rises(name + ".row_open");
            for (const VcdSignal::Change& row : run_.vcd.of(name + ".row").changes) {
                EXPECT_LT(row.value, 65536u) << name; // rows of the part
                if (row.time_ps > 0) {
                    EXPECT_EQ(open.at(row.time_ps), 1u) << name << " at " << row.time_ps << " ps";
                    changed_open += open.at(row.time_ps - 1);
                }
            }
        }
        EXPECT_LE(opened, run_.counted("/" + channel + "/activates"));
        EXPECT_GE(opened + may_hide, run_.counted("/" + channel + "/activates"));
        EXPECT_LE(changed_open, may_hide);
    }
}

// edge_npu: pads of 256, 256, 256 and 128 KiB with 8, 8, 8 and 4 banks, 16 bursts in flight, DRAM queues of 32.
TEST_P(Meaning, LevelsStayWithinTheHardware) {
    const std::vector<std::pair<std::string, std::uint64_t>> limits = {
        {".spad.ifmap.level", 262144},
        {".spad.filter.level", 262144},
        {".spad.ofmap.level", 262144},
        {".spad.vector.level", 131072},
        {".ifmap.stream_ports", 8},
        {".filter.stream_ports", 8},
        {".ofmap.stream_ports", 8},
        {".vector.stream_ports", 4},
        {".ifmap.burst_ports", 8},
        {".filter.burst_ports", 8},
        {".ofmap.burst_ports", 8},
        {".vector.burst_ports", 4},
        {".dma.load.in_flight", 16},
        {".dma.store.in_flight", 16},
        {".read_queue", 32},
        {".write_queue", 32},
        {".sequencer.load.state", 4},
        {".sequencer.matrix.state", 4},
        {".sequencer.vector.state", 4},
        {".sequencer.store.state", 4},
        {".pe_array.state", 2},
        {".vector_unit.state", 2},
        {".dma.load.state", 2},
        {".dma.store.state", 2},
        {".data_busy", 2},
    };
    std::size_t checked = 0;
    for (const auto& [path, signal] : run_.vcd.signals) {
        for (const auto& [end, limit] : limits) {
            if (path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0) {
                ++checked;
                for (const VcdSignal::Change& change : signal.changes) {
                    EXPECT_LE(change.value, limit) << path << " at " << change.time_ps << " ps";
                }
            }
        }
    }
    EXPECT_GE(checked, limits.size());
}

TEST_P(Meaning, NothingIsLeftAtTheEnd) {
    for (const auto& [path, signal] : run_.vcd.signals) {
        const std::size_t dot = path.rfind('.');
        const std::string name = path.substr(dot + 1);
        if (path.find(".bank") != std::string::npos) {
            continue; // a row may stay open
        }
        if (name == "in_flight" || name == "busy" || name == "state" || name == "stream_ports" ||
            name == "burst_ports" || name == "read_queue" || name == "write_queue" || name == "backlog" ||
            name == "waiting" || name == "level") {
            EXPECT_EQ(signal.changes.back().value, 0u) << path;
        }
    }
}

// Tiles decide on edges of the chip clock, DRAM channels on those of theirs.
TEST_P(Meaning, ChangesFallOnClockEdges) {
    for (const auto& [path, signal] : run_.vcd.signals) {
        const bool dram = path.rfind("chip0.dram", 0) == 0;
        for (const VcdSignal::Change& change : signal.changes) {
            ASSERT_EQ(change.time_ps % (dram ? kDramClockPs : kClockPs), 0u) << path << " at " << change.time_ps;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Runs, Meaning,
                         testing::Values("edge_npu lenet", "single_tile lenet", "edge_npu lenet --batch 12"),
                         [](const auto& run) {
                             std::string name = run.param;
                             const auto joins = [](char c) { return c == ' ' || c == '-'; };
                             std::replace_if(name.begin(), name.end(), joins, '_');
                             return name;
                         });

} // namespace
} // namespace systolica
