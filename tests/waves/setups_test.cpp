// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The GTKWave set-ups of the bundled platforms against fresh dumps.
#include "../sc_main/program.h"
#include "save_file.h"
#include "vcd_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace systolica {
namespace {

const std::string kWaves = SYSTOLICA_SOURCE_DIR "/waves/";

std::vector<std::string> names_in(const std::string& folder, const std::string& extension) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == extension) {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool is_memory(const std::string& platform) { // for `systolica dram`
    return platform.rfind("dram_", 0) == 0;
}

bool is_part(const std::string& platform) { // a network, a machine of fixed widths, a system of several chips
    for (const char* prefix : {"noc_", "simdit_", "quad_", "pod_"}) {
        if (platform.rfind(prefix, 0) == 0) {
            return true;
        }
    }
    return false;
}

// Platforms on which networks are run or traces replayed; the others have no waves of their own (docs/reference.md).
std::vector<std::string> platforms_with_waves() {
    std::vector<std::string> names;
    for (const std::string& name : names_in(SYSTOLICA_SOURCE_DIR "/platforms", ".yaml")) {
        if (!is_part(name)) {
            names.push_back(name);
        }
    }
    return names;
}

// Reads and writes of whole rows (2 KiB), five in each of 16 banks, in turn; then pauses long enough for refresh,
// power-down and self-refresh.
std::string memory_trace() {
    std::ostringstream trace;
    for (unsigned i = 0; i < 240; ++i) {
        trace << (i % 3 == 0 ? "W 0x" : "R 0x") << std::hex << i % 5 * 0x40000 + i / 5 % 16 * 2048 << std::dec
              << " 2048\n";
    }
    trace << "R 0x0 @300000\nR 0x0 @400000\n";
    return trace.str();
}

VcdFile fresh_replay(const std::string& platform) {
    const Program program;
    program.folder().write("t.trace", memory_trace());
    const Outcome outcome = program.run("dram " + platform +
                                        " t.trace --vcd w.vcd -q --set chip.dram.power_down_ck=100 "
                                        "--set chip.dram.self_refresh_ck=50000");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return read_vcd(program.folder().file("w.vcd"));
}

// A run in which every kind of work occurs on every tile, short enough for a test.
VcdFile fresh_dump(const std::string& platform) {
    if (is_memory(platform)) {
        return fresh_replay(platform);
    }
    const Program program;
    const bool many_tiles = platform == "edge_npu" || platform == "server_npu";
    const std::string run = many_tiles ? "resnet18 --trace-to 120us" : "lenet";
    const Outcome outcome = program.run("run " + platform + " " + run + " --vcd w.vcd -q");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return read_vcd(program.folder().file("w.vcd"));
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

constexpr std::uint64_t kReading = 3, kWriting = 4; // waves/states/dram_bank.txt

bool is_bank_state(const std::string& path) {
    return path.find(".bank") != std::string::npos && ends_with(path, ".state");
}

// chip0.tile3 of chip0.tile3.spad.ifmap.level
std::string block_of(const std::string& path) {
    return path.substr(0, path.find('.', path.find('.') + 1));
}

// Signals that may keep one value in a short run of a network whose operations fit the platform.
bool may_be_flat(const std::string& path) {
    for (const char* end : {"pe_array.operation", "load.operation", "matrix.operation", "_ports", ".row", ".refresh",
                            "ideal_memory.outstanding"}) {
        if (ends_with(path, end)) {
            return true;
        }
    }
    return path.find(".noc.memory") != std::string::npos && ends_with(path, ".waiting");
}

TEST(Setups, EveryBundledPlatformWithWavesHasOne) {
    EXPECT_EQ(names_in(kWaves, ".gtkw"), platforms_with_waves());
}

class Setup : public testing::TestWithParam<std::string> {
protected:
    const SaveFile save_ = read_save_file(kWaves + GetParam() + ".gtkw");
};

TEST_P(Setup, EveryNameIsInAFreshDump) {
    EXPECT_EQ(save_.problems, std::vector<std::string>());
    const VcdFile vcd = fresh_dump(GetParam());
    ASSERT_FALSE(save_.signals.empty());
    for (const ShownSignal& shown : save_.signals) {
        const auto found = vcd.signals.find(shown.path);
        ASSERT_NE(found, vcd.signals.end()) << shown.path;
        EXPECT_EQ(shown.width_bits, found->second.width_bits) << shown.path;
    }
}

TEST_P(Setup, WhatItShowsIsNoFlatLine) {
    const VcdFile vcd = fresh_dump(GetParam());
    std::set<std::string> channels, with_columns;
    for (const ShownSignal& shown : save_.signals) {
        const VcdSignal& signal = vcd.of(shown.path);
        if (!may_be_flat(shown.path)) {
            EXPECT_FALSE(signal.flat()) << shown.path;
        }
        if (is_bank_state(shown.path)) {
            channels.insert(block_of(shown.path));
            for (const VcdSignal::Change& change : signal.changes) {
                if (change.value == kReading || change.value == kWriting) {
                    with_columns.insert(block_of(shown.path));
                }
            }
        }
    }
    EXPECT_EQ(with_columns, channels);
}

TEST_P(Setup, EveryValueOfATranslatedSignalHasAName) {
    const VcdFile vcd = fresh_dump(GetParam());
    for (const ShownSignal& shown : save_.signals) {
        if (shown.table.empty()) {
            for (const char* end : {"state", "data_busy", "power"}) {
                EXPECT_FALSE(ends_with(shown.path, end)) << shown.path;
            }
            continue;
        }
        const auto names = read_value_table(kWaves + shown.table);
        EXPECT_LE(names.rbegin()->first, (1u << shown.width_bits) - 1) << shown.table;
        for (const VcdSignal::Change& change : vcd.of(shown.path).changes) {
            EXPECT_EQ(names.count(change.value), 1u) << shown.path << " = " << change.value << ", " << shown.table;
        }
    }
}

// Of a tile or channel that is shown in detail nothing an architect asks for is left out; on small platforms that is
// every tile and every channel.
TEST_P(Setup, ShowsWholeTilesAndChannels) {
    const VcdFile vcd = fresh_dump(GetParam());
    std::set<std::string> detailed, all;
    for (const ShownSignal& shown : save_.signals) {
        if (shown.path.find(".sequencer.") != std::string::npos || ends_with(shown.path, ".read_queue")) {
            detailed.insert(block_of(shown.path));
        }
    }
    for (const auto& entry : vcd.signals) {
        const std::string& path = entry.first;
        const std::string block = block_of(path);
        const bool tile = block.rfind("chip0.tile", 0) == 0;
        if (tile || block.rfind("chip0.dram", 0) == 0) {
            all.insert(block);
        }
        const std::vector<std::string> wanted =
            tile ? std::vector<std::string>{".state", "load.in_flight", "store.in_flight", ".level"}
                 : std::vector<std::string>{".data_busy", "_queue", ".state", ".refresh"};
        if (detailed.count(block) != 0 && path.find("sequencer.load.in") == std::string::npos &&
            path.find("sequencer.store.in") == std::string::npos &&
            std::any_of(wanted.begin(), wanted.end(), [&](const std::string& end) { return ends_with(path, end); })) {
            EXPECT_TRUE(save_.shows(path)) << path;
        }
    }
    EXPECT_EQ(save_.shows("chip0.operation"), !is_memory(GetParam()));
    EXPECT_EQ(save_.shows("chip0.dram0.power"), is_memory(GetParam())); // no platform for networks powers down
    if (GetParam() == "server_npu") {
        EXPECT_GE(detailed.size(), 6u);
    } else {
        EXPECT_EQ(detailed, all);
    }
}

INSTANTIATE_TEST_SUITE_P(Platforms, Setup, testing::ValuesIn(platforms_with_waves()),
                         [](const auto& platform) { return platform.param; });

} // namespace
} // namespace systolica
