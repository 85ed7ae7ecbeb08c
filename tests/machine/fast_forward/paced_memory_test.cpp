// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/fast_forward/paced_memory.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

DramCounters busy_channel() {
    DramCounters c;
    c.reads = 10;
    c.writes = 4;
    c.read_bytes = 5000;
    c.write_bytes = 2000;
    c.bus_bytes = 8000;
    c.read_commands = 160;
    c.write_commands = 64;
    c.activates = 12;
    c.row_hits = 212;
    c.refreshes = 3;
    c.read_latency_ck = 700;
    c.active_ck = 600;
    c.precharged_ck = 400;
    return c;
}

TEST(PacedMemory, NothingPacedChangesNothing) {
    PacedMemory memory;
    const DramCounters counted = busy_channel();
    const DramCounters seen = memory.estimate({counted}, {}).front();
    EXPECT_EQ(seen.activates, counted.activates);
    EXPECT_EQ(seen.read_bytes, counted.read_bytes);
    EXPECT_EQ(seen.active_ck, counted.active_ck);
    EXPECT_EQ(seen.precharged_ck, counted.precharged_ck);
}

TEST(PacedMemory, TrafficGrowsWithItsBytesAndTimeByStateFillsWhatWasPaced) {
    PacedMemory memory;
    const DramCounters before = busy_channel();
    DramCounters after = before; // 1000 clocks paced, all of them in power-down, and one refresh
    after.power_down_ck += 1000;
    after.power_downs += 1;
    after.refreshes += 1;
    memory.begin({before});
    memory.end({after});
    const DramCounters seen = memory.estimate({after}, {5000, 6000, 16000}).front();
    EXPECT_EQ(seen.read_bytes, 10000u);
    EXPECT_EQ(seen.write_bytes, 8000u);
    EXPECT_EQ(seen.bus_bytes, 24000u);
    EXPECT_EQ(seen.reads, 20u); // twice the bytes read
    EXPECT_EQ(seen.read_commands, 320u);
    EXPECT_EQ(seen.read_latency_ck, 1400u);
    EXPECT_EQ(seen.write_commands, 256u); // four times the bytes written
    EXPECT_EQ(seen.activates, 36u);       // three times the bytes on the pins
    EXPECT_EQ(seen.row_hits, 636u);
    EXPECT_EQ(seen.refreshes, 4u);    // counted
    EXPECT_EQ(seen.active_ck, 1200u); // 600 of 1000 clocks that were simulated, of 2000 in all
    EXPECT_EQ(seen.precharged_ck, 800u);
    EXPECT_EQ(seen.power_down_ck, 0u);
    EXPECT_EQ(seen.power_downs, 0u);
}

TEST(PacedMemory, AnOpenStretchOfPacingCountsUntilNow) {
    PacedMemory memory;
    const DramCounters before = busy_channel();
    memory.begin({before});
    DramCounters now = before;
    now.power_down_ck += 500;
    const DramCounters seen = memory.estimate({now}, {}).front();
    EXPECT_EQ(seen.active_ck, 900u);
    EXPECT_EQ(seen.precharged_ck, 600u);
}

TEST(PacedMemory, BytesOfAllChannelsAddUp) {
    PacedMemory memory;
    std::vector<DramCounters> channels(3, busy_channel());
    channels[1].read_bytes = 1;
    channels[2].bus_bytes = 77;
    const std::vector<DramCounters> seen = memory.estimate(channels, {1001, 997, 3331});
    std::uint64_t read = 0, written = 0, pins = 0;
    for (const DramCounters& channel : seen) {
        read += channel.read_bytes;
        written += channel.write_bytes;
        pins += channel.bus_bytes;
    }
    EXPECT_EQ(read, 5000u + 1 + 5000 + 1001);
    EXPECT_EQ(written, 3 * 2000u + 997);
    EXPECT_EQ(pins, 2 * 8000u + 77 + 3331);
}

} // namespace
} // namespace systolica
