// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How requests wait and become commands: queue limits, groups of reads and writes, masked writes, check bytes, bank
// groups.
#include <map>

#include <gtest/gtest.h>

#include "tests/machine/dram/controller_driver.h"
#include "tests/machine/dram/example_parts.h"

namespace systolica {
namespace {

using test::ControllerDriver;
using test::lpddr5_6400;

constexpr std::uint64_t kSameBank = 16384; // LPDDR4: distance of two rows of one bank

TEST(Queues, PerBankLimitHoldsBackOnlyItsBank) {
    DramConfig config;
    config.per_bank_queue = 4;
    ChannelController controller(config);
    for (unsigned i = 0; i < 4; ++i) {
        EXPECT_TRUE(controller.has_room(false, i * kSameBank));
        controller.accept({nullptr, i % 2 == 0, i * kSameBank, 32}, 0, 0);
    }
    EXPECT_FALSE(controller.has_room(false, 9 * kSameBank));
    EXPECT_FALSE(controller.has_room(true, 9 * kSameBank));
    EXPECT_TRUE(controller.has_room(false, 2048));
}

TEST(Queues, UnifiedQueueIsSharedByBothKinds) {
    DramConfig config;
    config.unified_queue = 3;
    ChannelController controller(config);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_TRUE(controller.has_room(i % 2 == 0, 0));
        controller.accept({nullptr, i % 2 == 0, i * 4096, 32}, 0, 0);
    }
    EXPECT_FALSE(controller.has_room(false, 0));
    EXPECT_FALSE(controller.has_room(true, 0));
}

// A stream of writes that keeps its queue full: with bounded groups a read waits for the writes that were there before
// it, without for the age limit or a gap in the stream.
TEST(Grouping, BoundedGroupsLetReadsThroughAFullWriteQueue) {
    Ck longest[2] = {0, 0};
    for (const bool bounded : {false, true}) {
        DramConfig config;
        config.bounded_groups = bounded;
        config.refresh = DramRefresh::none;
        ControllerDriver driver(config);
        std::map<std::uint64_t, Ck> accepted; // of the reads
        for (std::uint64_t i = 0; i < 4000; ++i) {
            const Ck at = driver.offer(i % 50 != 0, (i % 50 != 0 ? 1 << 24 : 0) + i * 32, 32, driver.now() + 1);
            if (i % 50 == 0) {
                accepted[i] = at;
            }
        }
        driver.finish();
        for (const ControllerDriver::Answer& answer : driver.answers) {
            const auto read = accepted.find(answer.number);
            longest[bounded] =
                read == accepted.end() ? longest[bounded] : std::max(longest[bounded], answer.data_end - read->second);
        }
    }
    EXPECT_LE(longest[1], 2 * 32U * 8 + 200); // two groups of at most 32 writes, the turns of the bus, a row conflict
    EXPECT_GT(longest[0], 4 * longest[1]);
}

// Reads wait for a drain from more than 16 writes to 8, so the data bus turns at least every 8 writes.
TEST(Grouping, WatermarksBoundTheGroups) {
    DramConfig config;
    config.bounded_groups = false;
    config.scheduler = DramScheduler::fr_fcfs_grouped;
    config.refresh = DramRefresh::none;
    config.write_high = 0.5;
    config.write_low = 0.25;
    ControllerDriver driver(config);
    for (std::uint64_t i = 0; i < 2000; ++i) {
        driver.offer(i % 2 == 0, (i % 2 == 0 ? 1 << 24 : 0) + i / 2 * 32, 32, driver.now() + 1);
    }
    driver.finish();
    unsigned group = 0, smallest = ~0U, groups = 0;
    bool write = false;
    for (const IssuedCommand& c : driver.checker.commands()) {
        if (!is_read(c.command) && !is_write(c.command)) {
            continue;
        }
        if (is_write(c.command) == write) {
            group += c.count;
            continue;
        }
        if (write) {
            smallest = std::min(smallest, group);
            ++groups;
        }
        write = !write;
        group = c.count;
    }
    EXPECT_GT(groups, 20U);
    EXPECT_GE(smallest, 8U);
}

TEST(MaskedWrites, PartlyWrittenBurstsUseThem) {
    DramConfig config;
    ControllerDriver driver(config);
    driver.offer(true, 16, 96, 0); // half a burst, two whole ones, half a burst
    driver.finish();
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.write_commands, 4U);
    EXPECT_EQ(counters.masked_writes, 2U);
    EXPECT_EQ(driver.checker.violation(), "");
}

// 256 data bytes and their 32 check bytes: 9 bursts; 32 data bytes alone still take the whole check burst.
TEST(InlineEcc, CostsACheckBurstForEachBlockTouched) {
    DramConfig config;
    config.ecc = DramEcc::in_line;
    ControllerDriver driver(config);
    EXPECT_EQ((driver.offer(false, 0, 256, 0), driver.finish()), 65U + 8 * 8);
    const Ck accepted = driver.offer(false, 64, 32, 1000);
    EXPECT_EQ(driver.finish() - accepted, 36U + 8);
    driver.offer(true, 512, 512, 2000);
    driver.finish();
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.check_commands, 1U + 1 + 2);
    EXPECT_EQ(counters.bus_bytes, 32U * (9 + 2 + 18));
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(InlineEcc, PartialWriteReadsFirst) {
    DramConfig config;
    config.ecc = DramEcc::in_line;
    ControllerDriver driver(config);
    driver.offer(true, 4, 8, 0);
    driver.finish();
    const DramCounters counters = driver.controller.counters(driver.now());
    EXPECT_EQ(counters.read_commands, 2U);
    EXPECT_EQ(counters.write_commands, 2U);
    EXPECT_EQ(counters.reads, 0U);
    EXPECT_EQ(driver.answers.size(), 1U);
    EXPECT_EQ(driver.checker.violation(), "");
}

TEST(BankGroups, StreamOverTwoGroupsRunsAtTheShortGap) {
    DramConfig config;
    config.part = lpddr5_6400();
    config.refresh = DramRefresh::none;
    ControllerDriver driver(config);
    // Groups lie next to each other above the column: 2 KiB apart. Alternate pieces of 256 bytes of both.
    for (std::uint64_t i = 0; i < 16; ++i) {
        driver.offer(false, (i % 2) * 2048 + i / 2 * 256, 256, 0);
    }
    const Ck end = driver.finish();
    // 128 columns at tCCD_S = 2; ACT (2 clocks on the CA bus), tRCD 15, CAS 1, RL 17 and a burst around them.
    EXPECT_GE(end, 127U * 2 + 15 + 17 + 2);
    EXPECT_LE(end, 127U * 2 + 15 + 17 + 2 + 8);
}

} // namespace
} // namespace systolica
