// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/traffic_history.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace systolica {
namespace {

// Against the sorted values themselves: nearest rank, within one bin.
TEST(LatencyHistogram, PercentilesAreThoseOfTheSortedValues) {
    std::mt19937_64 random(11);
    for (const unsigned bits : {4U, 7U, 8U, 9U, 14U, 40U, 63U}) {
        LatencyHistogram histogram;
        std::vector<Ck> values;
        double sum = 0;
        for (int i = 0; i < 3000; ++i) {
            values.push_back(random() % (Ck{1} << bits));
            sum += static_cast<double>(values.back());
            histogram.add(values.back());
        }
        std::sort(values.begin(), values.end());
        for (const double share : {0.001, 0.5, 0.9, 0.99, 1.0}) {
            const Ck exact = values[static_cast<std::size_t>(std::ceil(share * 3000)) - 1];
            EXPECT_GE(histogram.percentile(share), exact);
            EXPECT_LE(histogram.percentile(share), exact + exact / LatencyHistogram::kSteps) << bits << " bits";
        }
        EXPECT_EQ(histogram.most(), values.back());
        EXPECT_EQ(histogram.count(), 3000u);
        if (bits < 50) { // the sum of 3000 larger ones leaves 64 bits
            EXPECT_NEAR(histogram.mean(), sum / 3000, sum / 3000 * 1e-12);
        }
    }
}

TEST(LatencyHistogram, BinsHoldEveryValueOnceAndDoNotOverlap) {
    LatencyHistogram histogram;
    std::vector<Ck> values{0, 1, 255, 256, 257, 258, 511, 512, 515, 516, 1 << 20, ~Ck{0}};
    for (const Ck value : values) {
        histogram.add(value);
    }
    std::uint64_t total = 0;
    Ck after = 0;
    for (const LatencyHistogram::Bin& bin : histogram.bins()) {
        EXPECT_GE(bin.from, after);
        EXPECT_GE(bin.to, bin.from);
        EXPECT_LE(bin.to - bin.from, bin.from / LatencyHistogram::kSteps);
        const auto inside =
            std::count_if(values.begin(), values.end(), [&](Ck value) { return value >= bin.from && value <= bin.to; });
        EXPECT_EQ(bin.count, static_cast<std::uint64_t>(inside)) << bin.from;
        total += bin.count;
        after = bin.to + 1;
    }
    EXPECT_EQ(total, values.size());
}

TEST(LatencyHistogram, OfNothingIsZero) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.percentile(0.5), 0u);
    EXPECT_EQ(histogram.mean(), 0);
    EXPECT_TRUE(histogram.bins().empty());
}

DramConfig one_channel() {
    DramConfig config;
    config.part.rl = 28;
    config.part.wl = 14;
    config.part.burst_length = 16;
    config.part.beats_per_clock = 2; // 8 clocks of data
    return config;
}

TEST(DramTrafficHistory, ACompletedRequestCountsInTheWindowOfItsLastDataClock) {
    DramTrafficHistory history(one_channel(), 100);
    history.completed(false, 32, 36, 100); // data in clocks 92..99
    history.completed(false, 64, 50, 101);
    history.completed(true, 32, 40, 150);
    const auto& windows = history.windows();
    ASSERT_EQ(windows.size(), 2u);
    EXPECT_EQ(windows.at(0).reads, 1u);
    EXPECT_EQ(windows.at(0).read_bytes, 32u);
    EXPECT_EQ(windows.at(0).most_read_latency, 36u);
    EXPECT_EQ(windows.at(1).reads, 1u);
    EXPECT_EQ(windows.at(1).read_latency, 50u);
    EXPECT_EQ(windows.at(1).writes, 1u);
    EXPECT_EQ(windows.at(1).write_bytes, 32u);
}

// RD at 50: data 78..85. A train of 4 at 60: RD at 60, 68, 76, 84, data 88..119, of which 100..119 in the next window.
TEST(DramTrafficHistory, DataClocksAreSplitWhereTheyCrossAWindow) {
    DramTrafficHistory history(one_channel(), 100);
    DramCommandListener& channel = history.listener(0);
    channel.command({10, DramCommand::activate, 0, 3, 7, 0});
    channel.command({50, DramCommand::read, 0, 3, 7, 0});
    channel.command({60, DramCommand::read, 0, 3, 7, 1, 4, 8});
    EXPECT_EQ(history.windows().at(0).data_clocks, 8u + 12u);
    EXPECT_EQ(history.windows().at(1).data_clocks, 20u);
    EXPECT_EQ(history.windows().at(0).columns, 5u);
    EXPECT_EQ(history.windows().at(0).row_hits, 4u); // all but the first after the ACT
    EXPECT_EQ(history.banks(0)[3].reads, 5u);
    EXPECT_EQ(history.banks(0)[3].row_hits, 4u);
    channel.command({200, DramCommand::write_precharge, 0, 3, 7, 5}); // WL 14: data 214..221
    EXPECT_EQ(history.windows().at(2).data_clocks, 8u);
    EXPECT_EQ(history.banks(0)[3].writes, 1u);
}

TEST(DramTrafficHistory, CommandsCountForTheirBankAndChannel) {
    DramConfig config = one_channel();
    config.channels = 2;
    DramTrafficHistory history(config, 1000);
    history.listener(0).command({1, DramCommand::activate, 0, 1, 5, 0});
    history.listener(1).command({2, DramCommand::activate, 0, 1, 5, 0});
    history.listener(1).command({90, DramCommand::precharge, 0, 1, 0, 0});
    history.listener(1).command({2500, DramCommand::refresh_bank, 0, 1, 0, 0});
    history.listener(0).command({2600, DramCommand::refresh_all, 0, 0, 0, 0});
    EXPECT_EQ(history.banks(0)[1].activates, 1u);
    EXPECT_EQ(history.banks(1)[1].activates, 1u);
    EXPECT_EQ(history.banks(0)[1].precharges, 0u);
    EXPECT_EQ(history.banks(1)[1].precharges, 1u);
    EXPECT_EQ(history.banks(1)[1].refreshes, 1u);
    EXPECT_EQ(history.windows().at(0).activates, 2u);
    EXPECT_EQ(history.windows().count(1), 0u); // nothing happened
    EXPECT_EQ(history.windows().at(2).refreshes, 2u);
}

} // namespace
} // namespace systolica
