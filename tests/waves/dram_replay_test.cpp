// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The waves of `systolica dram` against its results: LPDDR4-3200 moves 4 bytes in a clock of 625 ps on each channel.
#include "../sc_main/program.h"
#include "vcd_file.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace systolica {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kClockPs = 625;
constexpr const char* kPowerDown = "--set chip.dram.power_down_ck=100 --set chip.dram.self_refresh_ck=20000 ";

// Hits, conflicts, reads, writes, and pauses from a refresh interval to several times that of self-refresh.
std::string mixed_trace() {
    std::mt19937_64 random(5);
    std::ostringstream text;
    std::uint64_t clock = 0;
    for (int i = 0; i < 1500; ++i) {
        clock += i % 300 == 299 ? 10'000 * static_cast<std::uint64_t>(i) / 100 : random() % 40;
        const std::uint64_t address = random() % 2 == 0 ? random() % (1 << 28) : random() % (1 << 15);
        text << (random() % 3 == 0 ? "W 0x" : "R 0x") << std::hex << address << std::dec << " " << 1 + random() % 256
             << " @" << clock << "\n";
    }
    return text.str();
}

class DramReplay : public testing::Test {
protected:
    DramReplay() { program_.folder().write("t.trace", mixed_trace()); }

    Outcome replay(const std::string& options, const std::string& platform = "edge_npu") {
        Outcome outcome = program_.run("dram " + platform + " t.trace -q --json " + options);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return outcome;
    }
    VcdFile dump() const { return read_vcd(program_.folder().file("w.vcd")); }
    static Json without_host(const std::string& text) {
        Json out = Json::parse(text);
        out.erase("host");
        return out;
    }

    // Lines by channel: how those of different channels are mixed is not said.
    std::map<std::string, std::vector<std::string>> commands(const std::string& folder) const {
        std::map<std::string, std::vector<std::string>> lines;
        std::istringstream text(program_.folder().read(folder + "/commands.csv"));
        for (std::string line; std::getline(text, line);) { // clock,time_ps,channel,...
            const std::size_t begin = line.find(',', line.find(',') + 1) + 1;
            lines[line.substr(begin, line.find(',', begin) - begin)].push_back(line);
        }
        return lines;
    }

    Program program_;
};

TEST_F(DramReplay, DataPinsAreBusyForTheBusBytes) {
    for (const char* timing : {"at", "lt"}) {
        const Json out = Json::parse(replay(std::string("--vcd w.vcd --timing ") + timing).out);
        const VcdFile vcd = dump();
        std::uint64_t busy_ps = 0;
        for (const char* channel : {"chip0.dram0", "chip0.dram1"}) {
            auto times = vcd.time_of_values(std::string(channel) + ".data_busy");
            EXPECT_GT(times[1], times[2]) << channel; // two reads for a write
            busy_ps += times[1] + times[2];
        }
        EXPECT_EQ(busy_ps * 4, out.at("bus_bytes").get<std::uint64_t>() * kClockPs) << timing;
        EXPECT_EQ(vcd.end_ps, out.at("total_cycles").get<std::uint64_t>() * kClockPs) << timing;
    }
}

TEST_F(DramReplay, PowerStatesLastAsLongAsTheStatisticsSay) {
    replay(std::string("--vcd w.vcd --out r ") + kPowerDown);
    const Json stats = Json::parse(program_.folder().read("r/stats.json"));
    const VcdFile vcd = dump();
    for (const std::string channel : {"dram0", "dram1"}) {
        const auto clocks = [&](const char* state) {
            return stats.at(channel).at("rank_time").at(state).at("value").get<std::uint64_t>();
        };
        auto times = vcd.time_of_values("chip0." + channel + ".power");
        EXPECT_EQ(times[1], (clocks("power_down") + clocks("active_power_down")) * kClockPs) << channel;
        EXPECT_EQ(times[2], clocks("self_refresh") * kClockPs) << channel;
        EXPECT_GT(times[1], 0u);
        EXPECT_GT(times[2], 0u);
    }
}

// Waves, command trace, history and checker all listen to the same commands.
TEST_F(DramReplay, ATracedReplayIsTheUntracedOne) {
    for (const char* timing : {"", "--timing lt "}) {
        const std::string options = std::string("--commands --window 500 ") + timing + kPowerDown;
        const Json plain = without_host(replay("--out a " + options).out);
        const Json traced = without_host(replay("--out b --vcd w.vcd " + options).out);
        EXPECT_EQ(plain.dump(), traced.dump());
        EXPECT_EQ(traced.at("timing_violations"), 0);
        EXPECT_EQ(commands("a"), commands("b"));
        EXPECT_GT(commands("b").at("0").size(), 1000u);
        for (const std::string name : {"windows.csv", "stats.json"}) {
            EXPECT_TRUE(program_.folder().read("a/" + name) == program_.folder().read("b/" + name)) << name;
        }
    }
}

TEST_F(DramReplay, ShowsTheWindowAndTheSignalsThatWereAskedFor) {
    replay("--vcd w.vcd");
    const VcdFile whole = dump();
    const Outcome outcome = replay("--vcd w.vcd --trace-scope 'chip0.dram1' --trace-scope 'chip0.tile*' "
                                   "--trace-from 2us --trace-to 5us");
    EXPECT_EQ(outcome.err, "systolica: warning: --trace-scope 'chip0.tile*' matches no signal\n");
    const VcdFile part = dump();
    EXPECT_EQ(part.begin_ps, 2'000'000u);
    EXPECT_EQ(part.end_ps, 5'000'000u);
    ASSERT_FALSE(part.signals.empty());
    EXPECT_EQ(part.signals.size() * 2, whole.signals.size()); // of two channels
    for (const auto& [path, signal] : part.signals) {
        for (std::uint64_t ps = part.begin_ps; ps <= part.end_ps; ps += kClockPs) {
            ASSERT_EQ(signal.at(ps), whole.of(path).at(ps)) << path << " at " << ps;
        }
    }
}

} // namespace
} // namespace systolica
