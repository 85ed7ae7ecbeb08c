// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/trace_player.h"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "tests/models/dram/counting_target.h"

namespace systolica {
namespace {

using test::clocks;
using test::kClockPs;
using Target = test::CountingTarget;

class TracePlayer : public ::testing::Test {
protected:
    TracePlayer() { targets.emplace_back("target0"); }

    void use_two_channels() {
        params.config.channels = 2;
        params.config.interleave_bytes = 256;
        targets.emplace_back("target1");
    }
    // Reads of 32 bytes, one after another.
    static DramTrace reads(std::size_t count, std::vector<Ck> clocks = {}) {
        DramTrace trace;
        for (std::size_t i = 0; i < count; ++i) {
            trace.requests.push_back({i * 32, 32, false});
        }
        trace.clocks = std::move(clocks);
        trace.largest_bytes = 32;
        return trace;
    }

    const DramTrafficTotals& play(DramTrace offered) {
        trace = std::move(offered);
        params.trace = &trace;
        player = std::make_unique<DramTracePlayer>("player", params);
        for (unsigned c = 0; c < params.config.channels; ++c) {
            player->mem_out[c].bind(targets[c].mem_in);
        }
        sc_core::sc_start();
        EXPECT_TRUE(player->done());
        return player->totals();
    }

    DramTracePlayer::Params params;
    DramTrace trace;
    std::deque<Target> targets;
    std::unique_ptr<DramTracePlayer> player;
};

// Room for 2, 10 clocks each. Clock by clock: 0 and 1 go in at 0 and 1; 2 stands before a full memory from 2 to 10, 3
// from 11 to 20. Answers at 10, 20, 30, 40.
TEST_F(TracePlayer, OffersAsSoonAsTheOneBeforeWasAccepted) {
    const DramTrafficTotals& totals = play(reads(4));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 10, 20}));
    EXPECT_EQ(totals.end, 40u);
    EXPECT_DOUBLE_EQ(totals.read_latency.mean() * 4, 10 + 19 + 20 + 20);
    EXPECT_EQ(totals.blocked, 8u + 9u);
    EXPECT_EQ(totals.requests, 4u);
    EXPECT_EQ(totals.transactions, 4u);
    EXPECT_EQ(totals.read_bytes, 128u);
}

// Due at 0, 5, 10, 15: 3 finds the memory full until 20.
TEST_F(TracePlayer, AnIntervalDelaysTheOfferAndAFullQueueDelaysItFurther) {
    params.arrival = 5;
    const DramTrafficTotals& totals = play(reads(4));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 5, 10, 20}));
    EXPECT_DOUBLE_EQ(totals.read_latency.mean() * 4, 10 + 15 + 20 + 20);
    EXPECT_EQ(totals.read_from_due, 10u + 15 + 20 + 25);
    EXPECT_EQ(totals.blocked, 5u);
}

// What is late goes out one a clock once there is room: due at 0, 1, 2, ... and room for 2 that is slow at first only.
TEST_F(TracePlayer, NeverMoreThanOneRequestInAClock) {
    targets[0].room = 100;
    play(reads(5, {0, 0, 0, 2, 20}));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 2, 3, 20}));
}

// The second pass: due at 54, 54 and 101; room for the second of these when the one from 50 is answered, at 60.
TEST_F(TracePlayer, FollowsTheClocksOfTheTraceAndGoesOnFromPassToPass) {
    params.repeat = 2;
    const DramTrafficTotals& totals = play(reads(3, {3, 3, 50}));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{3, 4, 50, 51 + 3, 60, 51 + 50}));
    EXPECT_EQ(totals.requests, 6u);
    EXPECT_EQ(totals.end, 111u);
}

TEST_F(TracePlayer, AnIntervalOverridesTheClocksOfTheTraceInAllPasses) {
    params.repeat = 2;
    params.arrival = 15;
    play(reads(2, {3, 1000}));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 15, 30, 45}));
}

TEST_F(TracePlayer, PassesBackToBackAreOneLongTrace) {
    params.repeat = 3;
    const DramTrafficTotals& totals = play(reads(2));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 10, 20, 30, 40}));
    EXPECT_EQ(totals.requests, 6u);
    EXPECT_EQ(totals.read_bytes, 192u);
}

TEST_F(TracePlayer, WritesAndReadsAreCountedApart) {
    DramTrace mixed = reads(3);
    mixed.requests[1].write = true;
    const DramTrafficTotals& totals = play(mixed);
    EXPECT_EQ(targets[0].writes, (std::vector<bool>{false, true, false}));
    EXPECT_EQ(totals.read_latency.count(), 2u);
    EXPECT_EQ(totals.write_latency.count(), 1u);
    EXPECT_EQ(totals.write_latency.most(), 19u); // accepted at 1, answered at 20
    EXPECT_EQ(totals.write_bytes, 32u);
}

// 512 bytes from 0x80 over blocks of 256: 128 in channel 0, 256 in channel 1, 128 in channel 0 again.
TEST_F(TracePlayer, ARequestOverSeveralBlocksIsSplitAndCompletesWithItsLastPart) {
    use_two_channels();
    DramTrace wide;
    wide.requests = {{0x80, 512, false}, {0x100, 32, false}};
    wide.largest_bytes = 512;
    const DramTrafficTotals& totals = play(wide);
    EXPECT_EQ(targets[0].addresses, (std::vector<std::uint64_t>{0x80, 0x200}));
    EXPECT_EQ(targets[0].bytes, (std::vector<unsigned>{128, 128}));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 0}));
    EXPECT_EQ(targets[1].addresses, (std::vector<std::uint64_t>{0x100, 0x100}));
    EXPECT_EQ(targets[1].bytes, (std::vector<unsigned>{256, 32}));
    EXPECT_EQ(targets[1].accepted, (std::vector<Ck>{0, 1}));
    EXPECT_EQ(totals.requests, 2u);
    EXPECT_EQ(totals.transactions, 4u);
    EXPECT_EQ(totals.read_bytes, 544u);
    EXPECT_DOUBLE_EQ(totals.read_latency.mean() * 2, 20 + 19); // parts at 10, 10, 20; the other 1 to 20
}

// The last part waits for the first one, 0 to 10: accepted at 10, and nothing overtakes it.
TEST_F(TracePlayer, ASplitRequestIsAcceptedWithItsLastPart) {
    use_two_channels();
    targets[0].room = 1;
    DramTrace wide;
    wide.requests = {{0x80, 512, false}, {0x100, 32, false}};
    wide.largest_bytes = 512;
    const DramTrafficTotals& totals = play(wide);
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 10}));
    EXPECT_EQ(targets[1].accepted, (std::vector<Ck>{0, 11}));
    EXPECT_EQ(totals.blocked, 10u);
    EXPECT_EQ(totals.read_latency.most(), 10u); // 10 to 20, and 11 to 21
    EXPECT_EQ(totals.end, 21u);
}

TEST_F(TracePlayer, TakesAResponseThatImpliesAcceptance) {
    targets[0].form = Target::Form::response_implies_acceptance;
    const DramTrafficTotals& totals = play(reads(3));
    EXPECT_EQ(totals.requests, 3u);
    EXPECT_EQ(totals.end, 10u + 11 + 11); // the next one a clock after
    EXPECT_EQ(totals.read_latency.most(), 0u);
}

TEST_F(TracePlayer, TakesACompletionAtOnce) {
    targets[0].form = Target::Form::completed;
    const DramTrafficTotals& totals = play(reads(3));
    EXPECT_EQ(totals.requests, 3u);
    EXPECT_EQ(targets[0].ended, 0);
}

TEST_F(TracePlayer, EndsAResponseThatIsReturned) {
    targets[0].form = Target::Form::response_returned;
    EXPECT_EQ(play(reads(3)).requests, 3u);
    EXPECT_EQ(targets[0].ended, 3);
}

TEST_F(TracePlayer, CountsRequestsThatAreAnsweredWithAnError) {
    targets[0].status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    EXPECT_EQ(play(reads(3)).errors, 3u);
}

TEST_F(TracePlayer, TellsTheHistoryOfEveryRequest) {
    DramTrafficHistory history(params.config, 20);
    params.history = &history;
    play(reads(4)); // answers at 10, 20, 30, 40
    ASSERT_EQ(history.windows().size(), 2u);
    EXPECT_EQ(history.windows().at(0).reads, 2u);
    EXPECT_EQ(history.windows().at(0).read_latency, 10u + 19);
    EXPECT_EQ(history.windows().at(1).most_read_latency, 20u);
}

// Two places, the column command of each 10 clocks after that of the one before: they begin at 0, 10, 20, 30, 40 and
// the place of request i is free for request i + 2 when i begins.
TEST_F(TracePlayer, BlockingCallsWaitForAPlaceInTheQueue) {
    params.lt = true;
    params.config.read_queue = 2;
    const DramTrafficTotals& totals = play(reads(5));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 2, 10, 20}));
    EXPECT_DOUBLE_EQ(totals.read_latency.mean() * 5, 36 + 45 + 54 + 56 + 56);
    EXPECT_EQ(totals.end, 76u);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time::from_value(76 * kClockPs));
}

// Two places for a bank (and 32 in the queue): requests 0 to 4 lie in bank 0 and wait as above; request 5, in bank 1,
// waits for none of them, but is offered after them.
TEST_F(TracePlayer, BlockingCallsWaitForAPlaceOfTheirBank) {
    params.lt = true;
    params.config.per_bank_queue = 2;
    DramTrace requests = reads(6);
    requests.requests[5].address = params.config.part.page_bytes; // row-bank-column
    play(requests);
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 2, 10, 20, 21}));
}

// One place for a bank, for reads and writes together: a write waits for the read before it, 10 clocks.
TEST_F(TracePlayer, ReadsAndWritesShareThePlacesOfABank) {
    params.lt = true;
    params.config.per_bank_queue = 1;
    targets[0].service = 60;
    DramTrace requests = reads(3);
    requests.requests[1].write = true;
    play(requests);
    // Column commands at 0 and 60; the target's 36 clocks count as WL + BL/2 = 22 of a write: free 14 later.
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 1, 74}));
}

TEST_F(TracePlayer, BlockingCallsComeAtTheirClocks) {
    params.lt = true;
    params.arrival = 4000; // further apart than calls run ahead
    play(reads(3));
    EXPECT_EQ(targets[0].accepted, (std::vector<Ck>{0, 4000, 8000}));
}

TEST(TracePlayerClocks, MustFitIntoWhatTheSimulationCanHold) {
    DramTrace trace;
    trace.requests.resize(1000);
    DramTracePlayer::Params params;
    params.trace = &trace;
    EXPECT_TRUE(DramTracePlayer::clocks_fit(params));
    params.arrival = 1'000'000'000'000; // 1e15 clocks of 625 ps: 6.25e17 ps
    EXPECT_TRUE(DramTracePlayer::clocks_fit(params));
    params.repeat = 10; // 6.25e18 ps, above 2^62
    EXPECT_FALSE(DramTracePlayer::clocks_fit(params));
    params.arrival.reset();
    EXPECT_TRUE(DramTracePlayer::clocks_fit(params));
    trace.clocks.assign(1000, DramTrace::kLastClock);
    params.repeat = 10'000;
    EXPECT_FALSE(DramTracePlayer::clocks_fit(params));
}

} // namespace
} // namespace systolica
