// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Requests answered when they are asked (loosely timed): how near the promises come to the times of the scheduler, and
// that they give nothing away.
#include <algorithm>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/machine/dram/controller_driver.h"

namespace systolica {
namespace {

using test::ControllerDriver;

constexpr Ck kReadEnd = 28 + 8, kWriteEnd = 14 + 8; // RL + BL/2, WL + BL/2 of LPDDR4-3200
constexpr std::uint64_t kRow = 16384;               // from a row to the next of the same bank

// Sequential streams of 256-byte requests, each with its own window, the next one sent `think` clocks after an answer.
struct Streams {
    struct Stream {
        bool write;
        std::uint64_t from;
        unsigned window;
    };
    std::vector<Stream> streams;
    unsigned requests = 4000; // of all streams
    Ck think = 30;

    struct Send {
        Ck at;
        unsigned stream;
        bool operator<(const Send& other) const { return at != other.at ? at > other.at : stream > other.stream; }
    };
    std::priority_queue<Send> first_sends() const {
        std::priority_queue<Send> sends;
        for (unsigned s = 0; s < streams.size(); ++s) {
            for (unsigned i = 0; i < streams[s].window; ++i) {
                sends.push({i, s});
            }
        }
        return sends;
    }

    // The end of the last data beat.
    Ck queued(const DramConfig& config) const {
        ControllerDriver driver(config);
        std::vector<std::uint64_t> next;
        for (const Stream& stream : streams) {
            next.push_back(stream.from);
        }
        std::priority_queue<Send> sends = first_sends();
        std::vector<unsigned> stream_of; // by number of the request
        std::size_t answered = 0;
        while (stream_of.size() < requests) {
            for (; answered < driver.answers.size(); ++answered) {
                const ControllerDriver::Answer& answer = driver.answers[answered];
                sends.push({answer.data_end + think, stream_of[answer.number]});
            }
            if (sends.empty() || driver.controller.next() < sends.top().at) {
                driver.step();
                continue;
            }
            const Send send = sends.top();
            sends.pop();
            stream_of.push_back(send.stream);
            driver.offer(streams[send.stream].write, next[send.stream], 256, std::max(send.at, driver.now()));
            next[send.stream] += 256;
        }
        driver.finish();
        EXPECT_EQ(driver.answers.size(), requests);
        return std::max_element(driver.answers.begin(), driver.answers.end(),
                                [](const auto& a, const auto& b) { return a.data_end < b.data_end; })
            ->data_end;
    }

    Ck promised(const DramConfig& config) const {
        ControllerDriver driver(config);
        std::vector<std::uint64_t> next;
        for (const Stream& stream : streams) {
            next.push_back(stream.from);
        }
        std::priority_queue<Send> sends = first_sends();
        Ck last = 0;
        for (unsigned sent = 0; sent < requests; ++sent) {
            const Send send = sends.top();
            sends.pop();
            driver.controller.catch_up(send.at);
            const ChannelController::Request request{nullptr, streams[send.stream].write, next[send.stream], 256};
            const Ck end = driver.controller.serve_now(request, send.at);
            next[send.stream] += 256;
            sends.push({end + think, send.stream});
            last = std::max(last, end);
        }
        driver.controller.catch_up(last + 100'000);
        EXPECT_EQ(driver.controller.promised(), 0U);
        EXPECT_EQ(driver.checker.violation(), "");
        return last;
    }
};

void expect_near(const Streams& load, double share, const DramConfig& config = DramConfig()) {
    const auto queued = static_cast<double>(load.queued(config));
    EXPECT_NEAR(static_cast<double>(load.promised(config)), queued, share * queued);
}

TEST(Promises, ReadStreamsInRowsOfOneBankTakeTheTimeOfTheQueue) {
    // Served in order of arrival, every request would exchange the row: 97 clocks (tRC) each, not 64.
    for (const unsigned window : {4U, 8U, 16U}) {
        expect_near({{{false, 0, window}, {false, 64 * kRow, window}}}, 0.10);
    }
}

TEST(Promises, MixedStreamsTakeTheTimeOfTheQueue) {
    expect_near({{{false, 0, 32}}}, 0.03);
    expect_near({{{true, 0, 16}}}, 0.03);
    for (const unsigned writes : {2U, 8U, 16U}) {
        expect_near({{{false, 0, 16}, {true, 512 * kRow, writes}}}, 0.05);
        expect_near(
            {{{false, 0, 8}, {false, 128 * kRow, 8}, {false, 256 * kRow + 4096, 8}, {true, 512 * kRow, writes}}}, 0.05);
    }
}

TEST(Promises, ALightLoadHasItsLatency) {
    for (const Ck think : {100U, 400U, 1600U}) {
        Streams load{{{false, 0, 1}, {false, 64 * kRow + 2048, 2}, {true, 512 * kRow + 4096, 1}}};
        load.think = think;
        expect_near(load, 0.05);
    }
}

TEST(Promises, PromisedDataNeverExceedThePeakRate) {
    ChannelController controller((DramConfig()));
    std::mt19937_64 random(5);
    std::vector<std::pair<Ck, Ck>> columns; // eight clocks a column command, by the promise
    Ck now = 0;
    for (unsigned i = 0; i < 20000; ++i, now += random() % 60) {
        controller.catch_up(now);
        const bool write = random() % 3 == 0;
        const std::uint64_t first = random() % (1 << 16);
        const std::uint64_t bursts = 1 + random() % 16;
        const Ck at = now + random() % 300;
        const Ck end = controller.serve_now({nullptr, write, 32 * first, static_cast<std::uint32_t>(32 * bursts)}, at);
        const Ck column_end = end - (write ? kWriteEnd : kReadEnd) + 8;
        ASSERT_GE(column_end, at + 8 * bursts);
        columns.emplace_back(column_end - 8 * bursts, column_end);
    }
    std::sort(columns.begin(), columns.end());
    for (std::size_t i = 1; i < columns.size(); ++i) {
        ASSERT_GE(columns[i].first, columns[i - 1].second);
    }
}

TEST(Promises, CountersHoldAPromisedRequestAtOnceAndOnlyOnce) {
    ChannelController controller((DramConfig()));
    std::uint64_t bytes = 0;
    for (unsigned i = 0; i < 20; ++i) {
        const std::uint32_t length = 32 * (1 + i % 4);
        controller.serve_now({nullptr, false, 4096 * i, length}, 10 * i);
        bytes += length;
    }
    for (const Ck now : {Ck{0}, Ck{400}, Ck{6000}}) {
        controller.catch_up(now);
        const DramCounters counters = controller.counters(now);
        EXPECT_EQ(counters.reads, 20U) << now;
        EXPECT_EQ(counters.read_bytes, bytes) << now;
        EXPECT_EQ(counters.bus_bytes, bytes) << now;
        EXPECT_EQ(counters.read_commands, bytes / 32) << now;
    }
    EXPECT_EQ(controller.promised(), 0U);
    EXPECT_EQ(controller.counters(6000).activates, 20U) << "4096 bytes apart: a row each";
}

TEST(Promises, QueuedAndPromisedRequestsShareTheChannelAndBreakNoRule) {
    ControllerDriver driver;
    std::mt19937_64 random(17);
    Ck at = 0;
    std::size_t offered = 0;
    for (unsigned i = 0; i < 10000; ++i, at += random() % 120) {
        const bool write = random() % 2 == 0;
        const std::uint64_t address = random() % (1 << 18);
        const auto bytes = static_cast<std::uint32_t>(1 + random() % 300);
        if (random() % 2 == 0) {
            driver.offer(write, address, bytes, at);
            ++offered;
        } else {
            driver.run_until(at);
            driver.controller.catch_up(driver.now());
            driver.controller.serve_now({nullptr, write, address, bytes}, at + random() % 100);
        }
    }
    driver.finish();
    EXPECT_EQ(driver.answers.size(), offered);
    std::vector<std::uint64_t> numbers;
    for (const ControllerDriver::Answer& answer : driver.answers) {
        numbers.push_back(answer.number);
    }
    std::sort(numbers.begin(), numbers.end());
    EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end());
    EXPECT_EQ(driver.checker.violation(), "");
}

} // namespace
} // namespace systolica
