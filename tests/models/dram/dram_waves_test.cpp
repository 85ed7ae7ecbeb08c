// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_waves.h"

#include <algorithm>

#include "models/dram/dram_channel.h"
#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

constexpr std::uint64_t kCk = 625; // ps, LPDDR4-3200
enum State : std::uint64_t { kClosed, kActivating, kOpen, kReading, kWriting, kPrecharging, kRefreshing, kPoweredDown };

void wait_until_ck(std::uint64_t ck) {
    sc_core::wait(sc_core::sc_time::from_value(ck * kCk) - sc_core::sc_time_stamp());
}

class WaveRecorder : public WaveSink {
public:
    struct Change {
        std::uint64_t at_ps, value;
        bool operator==(const Change& other) const { return at_ps == other.at_ps && value == other.value; }
    };

    bool add(const std::string& path, unsigned /*width_bits*/, std::uint32_t& id) override {
        id = static_cast<std::uint32_t>(paths.size());
        paths.push_back(path);
        changes.emplace_back();
        return true;
    }
    void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
        EXPECT_GE(time_ps, last_ps);
        EXPECT_LE(time_ps, limit_ps);
        last_ps = time_ps;
        changes[id].push_back({time_ps, value});
    }
    const std::vector<Change>& of(const std::string& path) const {
        const auto found = std::find(paths.begin(), paths.end(), path);
        EXPECT_NE(found, paths.end()) << path;
        return changes[static_cast<std::size_t>(found - paths.begin())];
    }

    std::vector<std::string> paths;
    std::vector<std::vector<Change>> changes;
    std::uint64_t last_ps = 0;
    std::uint64_t limit_ps = 20'000 * kCk; // nothing happens later in this test
};

TEST(DramWaves, RowsAndDataShowWhenTheyAreOnThePins) {
    WaveRecorder recorder;
    DramChannel memory("memory", DramChannel::Params());
    memory.add_waves(WaveScope(&recorder, "dram0"));
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        wait_until_ck(100);
        initiator.send(false, 2048, 256); // bank 1: ACT at 100, RD from 129 on, data from 157 to 221
        wait_until_ck(6240);
        initiator.send(false, 2048, 256); // row open: RD from 6240 to 6296, before and over the refresh due at 6246
        initiator.send(true, 2048 + 1024, 32); // after it
    });
    sc_core::sc_start();
    recorder.catch_up(recorder.limit_ps);
    using Changes = std::vector<WaveRecorder::Change>;
    EXPECT_EQ(recorder.of("dram0.read_queue"),
              (Changes{{100 * kCk, 1}, {129 * kCk, 0}, {6240 * kCk, 1}, {6240 * kCk, 0}}));
    const std::uint64_t prea = 6296 + 12, ref = prea + 34, act = ref + 448;
    EXPECT_EQ(recorder.of("dram0.bank1.row_open"), (Changes{{100 * kCk, 1}, {prea * kCk, 0}, {act * kCk, 1}}));
    EXPECT_EQ(recorder.of("dram0.refresh"), (Changes{{ref * kCk, 1}, {act * kCk, 0}}));
    const std::uint64_t wr = act + 29;
    EXPECT_EQ(recorder.of("dram0.bank1.state"), (Changes{{100 * kCk, kActivating},
                                                         {129 * kCk, kReading},
                                                         {193 * kCk, kOpen},
                                                         {6240 * kCk, kReading},
                                                         {6304 * kCk, kOpen},
                                                         {prea * kCk, kPrecharging},
                                                         {ref * kCk, kRefreshing},
                                                         {act * kCk, kActivating},
                                                         {wr * kCk, kWriting},
                                                         {(wr + 8) * kCk, kOpen}}));
    EXPECT_EQ(recorder.of("dram0.data_busy"), (Changes{{157 * kCk, 1},
                                                       {221 * kCk, 0},
                                                       {6268 * kCk, 1},
                                                       {6332 * kCk, 0},
                                                       {(wr + 14) * kCk, 2},
                                                       {(wr + 22) * kCk, 0}}));
}

// Idle time is worked off late, but shows at its time: with each later request, and when the run ends.
TEST(DramWaves, PowerDownShowsForAsLongAsItIsCounted) {
    WaveRecorder recorder;
    DramChannel::Params params;
    params.config.power_down_ck = 100;
    DramChannel memory("memory", params);
    memory.add_waves(WaveScope(&recorder, "dram0"));
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        for (const std::uint64_t ck : {10U, 3000U, 9000U, 19000U}) {
            wait_until_ck(ck);
            initiator.send(false, 2048 * ck, 64);
        }
    });
    sc_core::sc_start(sc_core::sc_time::from_value(19500 * kCk));
    recorder.end_sources(19500 * kCk);
    std::uint64_t down_ps = 0, since_ps = 0;
    bool down = false;
    std::size_t entries = 0;
    for (const WaveRecorder::Change& change : recorder.of("dram0.power")) {
        EXPECT_EQ(change.value, down ? 0U : 1U);
        down_ps += down ? change.at_ps - since_ps : 0;
        entries += down ? 0U : 1U;
        since_ps = change.at_ps;
        down = !down;
    }
    down_ps += down ? 19500 * kCk - since_ps : 0;
    const DramCounters counters = memory.counters();
    EXPECT_EQ(entries, counters.power_downs);
    EXPECT_GE(entries, 4U) << "once after each request at least";
    EXPECT_EQ(down_ps / kCk, counters.active_power_down_ck + counters.power_down_ck);
}

// Commands as the controller announces them, to one bank of each of two ranks. LPDDR4-3200: tRCD 29, tRPpb 29, tRPab
// 34, RL 28, WL 14, burst 8, tRFCab 448, tRFCpb 224, tRAS 68, RD to its own precharge 12, WR to its own 14 + 1 + 8
// + 29.
class DramWavesTest : public testing::Test {
protected:
    using Changes = std::vector<std::pair<std::uint64_t, std::uint64_t>>; // clock, value

    DramWavesTest() {
        config_.ranks = 2;
        waves_ = std::make_unique<DramWaves>(WaveScope(&recorder_, ""), config_, Clock(1600000));
    }
    Changes of(const std::string& path) {
        while (waves_->next_change_ps() != WaveSource::kNever) {
            waves_->show_next();
        }
        Changes changes;
        for (const WaveRecorder::Change& change : recorder_.of(path)) {
            changes.emplace_back(change.at_ps / kCk, change.value);
        }
        return changes;
    }
    void issue(Ck at, DramCommand command, unsigned bank, unsigned count = 1, Ck gap = 0) {
        waves_->command({at, command, bank / 8, bank, 7, 0, count, gap});
    }

    WaveRecorder recorder_;
    DramConfig config_;
    std::unique_ptr<DramWaves> waves_;
};

TEST_F(DramWavesTest, ABankGoesThroughItsStates) {
    issue(100, DramCommand::activate, 3);
    issue(140, DramCommand::read, 3, 4, 8);
    issue(220, DramCommand::masked_write, 3);
    issue(300, DramCommand::precharge, 3);
    issue(400, DramCommand::refresh_bank, 3);
    EXPECT_EQ(of("bank3.state"), (Changes{{100, kActivating},
                                          {129, kOpen},
                                          {140, kReading},
                                          {140 + 3 * 8 + 8, kOpen},
                                          {220, kWriting},
                                          {228, kOpen},
                                          {300, kPrecharging},
                                          {329, kClosed},
                                          {400, kRefreshing},
                                          {624, kClosed}}));
    EXPECT_EQ(of("bank3.row_open"), (Changes{{100, 1}, {300, 0}}));
    EXPECT_EQ(of("bank3.row"), (Changes{{100, 7}}));
    EXPECT_EQ(of("data_busy"), (Changes{{168, 1}, {200, 0}, {234, 2}, {242, 0}}));
    EXPECT_EQ(of("bank2.state"), (Changes{}));
    EXPECT_EQ(of("bank11.state"), (Changes{}));
}

TEST_F(DramWavesTest, TrainsWithoutAGapBetweenThemAreOneReading) {
    issue(0, DramCommand::activate, 0);
    issue(29, DramCommand::read, 0, 2, 8);
    issue(45, DramCommand::read, 0, 2, 8);
    EXPECT_EQ(of("bank0.state"), (Changes{{0, kActivating}, {29, kReading}, {61, kOpen}}));
    EXPECT_EQ(of("data_busy"), (Changes{{57, 1}, {89, 0}}));
}

TEST_F(DramWavesTest, AutomaticPrechargeFollowsItsColumnButNotBeforeRas) {
    issue(0, DramCommand::activate, 0);
    issue(29, DramCommand::read_precharge, 0); // RD + 12 is before tRAS
    issue(200, DramCommand::activate, 0);
    issue(300, DramCommand::write, 0, 2, 8);
    issue(316, DramCommand::write_precharge, 0);
    const std::uint64_t closes = 316 + 14 + 1 + 8 + 29;
    EXPECT_EQ(of("bank0.state"), (Changes{{0, kActivating},
                                          {29, kReading},
                                          {37, kOpen},
                                          {68, kPrecharging},
                                          {97, kClosed},
                                          {200, kActivating},
                                          {229, kOpen},
                                          {300, kWriting},
                                          {324, kOpen},
                                          {closes, kPrecharging},
                                          {closes + 29, kClosed}}));
    EXPECT_EQ(of("bank0.row_open"), (Changes{{0, 1}, {68, 0}, {200, 1}, {closes, 0}}));
}

TEST_F(DramWavesTest, CommandsOfARankReachItsBanksOnly) {
    issue(0, DramCommand::activate, 8); // bank 0 of rank 1
    issue(0, DramCommand::activate, 0);
    issue(100, DramCommand::precharge_all, 8);
    issue(134, DramCommand::refresh_all, 8);
    issue(200, DramCommand::refresh_all, 0);
    EXPECT_EQ(of("bank8.row_open"), (Changes{{0, 1}, {100, 0}}));
    EXPECT_EQ(of("bank0.row_open"), (Changes{{0, 1}}));
    EXPECT_EQ(of("bank15.state"), (Changes{{100, kPrecharging}, {134, kRefreshing}, {582, kClosed}}));
    EXPECT_EQ(of("refresh"), (Changes{{134, 2}, {200, 3}, {582, 1}, {648, 0}})) << "a bit a rank";
}

// Power-down covers a precharge that runs on and gives back a row that stays open.
TEST_F(DramWavesTest, PowerDownCoversTheStatesOfItsRank) {
    issue(0, DramCommand::activate, 0);
    issue(0, DramCommand::activate, 1);
    issue(90, DramCommand::precharge, 1);
    issue(100, DramCommand::power_down_entry, 0);
    issue(500, DramCommand::power_down_exit, 0);
    issue(600, DramCommand::self_refresh_entry, 0);
    issue(900, DramCommand::self_refresh_exit, 0);
    EXPECT_EQ(
        of("bank0.state"),
        (Changes{{0, kActivating}, {29, kOpen}, {100, kPoweredDown}, {500, kOpen}, {600, kPoweredDown}, {900, kOpen}}));
    EXPECT_EQ(of("bank1.state"), (Changes{{0, kActivating},
                                          {29, kOpen},
                                          {90, kPrecharging},
                                          {100, kPoweredDown},
                                          {500, kClosed},
                                          {600, kPoweredDown},
                                          {900, kClosed}}));
    EXPECT_EQ(of("rank0.power"), (Changes{{100, 1}, {500, 0}, {600, 2}, {900, 0}}));
    EXPECT_EQ(of("rank1.power"), (Changes{}));
    EXPECT_EQ(of("bank8.state"), (Changes{}));
}

// Columns of one bank group leave room between their bursts, in which those of another come.
TEST_F(DramWavesTest, TrainsOfTwoBankGroupsShareThePins) {
    issue(0, DramCommand::activate, 0);
    issue(0, DramCommand::activate, 4);
    issue(100, DramCommand::read, 0, 3, 16);
    issue(108, DramCommand::read, 4, 2, 16);
    EXPECT_EQ(of("data_busy"), (Changes{{128, 1}, {168, 0}})) << "five bursts of 8";
    EXPECT_EQ(of("bank0.state").back(), (Changes::value_type{140, kOpen}));
    EXPECT_EQ(of("bank4.state").back(), (Changes::value_type{132, kOpen}));
}

} // namespace
} // namespace systolica
