// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/chip_link/link_timing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace systolica {
namespace {

ChipLinkConfig link(double gb_per_s, double latency_ns, std::uint64_t credits = 0, unsigned lanes = 1,
                    unsigned flit_bytes = 256) {
    ChipLinkConfig config;
    config.bytes_per_s = gb_per_s * 1e9;
    config.latency_ns = latency_ns;
    config.credits = credits;
    config.lanes = lanes;
    config.flit_bytes = flit_bytes;
    return config;
}

// Schoolbook division of the decimal digits of bytes * 10^12.
std::uint64_t long_division_ps(std::uint64_t bytes, std::uint64_t rate) {
    const std::string digits = std::to_string(bytes) + std::string(12, '0');
    std::uint64_t quotient = 0, rest = 0;
    for (const char digit : digits) {
        rest = rest * 10 + static_cast<std::uint64_t>(digit - '0');
        quotient = quotient * 10 + rest / rate;
        rest %= rate;
    }
    return quotient + (rest != 0 ? 1 : 0);
}

TEST(LinkTiming, TransferTimesAreExactAndRoundedUp) {
    EXPECT_EQ(link_ps(1 << 20, 50'000'000'000), 20'971'520u);
    EXPECT_EQ(link_ps(1, 3'000'000'000), 334u); // 333.3 ps
    EXPECT_EQ(link_ps(0, 1), 0u);
    std::mt19937_64 random(1);
    for (int i = 0; i < 10000; ++i) {
        const std::uint64_t bytes = random() >> (24 + random() % 40);
        const std::uint64_t rate = 1'000'000 + random() % 2'000'000'000'000'000;
        if (bytes / rate < 1'000'000) {
            EXPECT_EQ(link_ps(bytes, rate), long_division_ps(bytes, rate)) << bytes << " at " << rate;
        }
    }
}

TEST(LinkTiming, MessagesFollowWithoutAGapAndPayTheLatencyInFlight) {
    LinkTiming timing(link(10, 100)); // 100 ps a byte
    const LinkSlot first = timing.book(1000, 50);
    EXPECT_EQ(first.begin_ps, 1000u);
    EXPECT_EQ(first.end_ps, 6000u);
    EXPECT_EQ(first.arrival_ps, 106000u);
    const LinkSlot second = timing.book(2000, 10);
    EXPECT_EQ(second.begin_ps, 6000u);
    EXPECT_EQ(second.arrival_ps, 107000u);
    EXPECT_EQ(timing.book(50000, 10).begin_ps, 50000u);
}

TEST(LinkTiming, LanesMultiplyTheBandwidth) {
    EXPECT_EQ(LinkTiming(link(10, 0, 0, 4)).book(0, 4000).end_ps, 100'000u);
}

// Flit by flit: it leaves when the one before it has left and the credit of the flit `credits` before it is back.
class FlitByFlit {
public:
    explicit FlitByFlit(const ChipLinkConfig& config) : config_(config) {}

    LinkSlot book(std::uint64_t ready_ps, std::uint64_t bytes) {
        LinkSlot slot;
        const std::uint64_t byte_ps = 1'000'000'000'000 / config_.direction_bytes_per_s();
        bool first = true;
        for (std::uint64_t left = bytes; left > 0;) {
            const std::uint64_t flit = std::min<std::uint64_t>(left, config_.flit_bytes);
            std::uint64_t start = std::max(ready_ps, free_ps_);
            if (ends_.size() >= config_.credits) {
                start = std::max(start, ends_[ends_.size() - config_.credits] + 2 * config_.latency_ps());
            }
            free_ps_ = start + flit * byte_ps;
            ends_.push_back(free_ps_);
            slot.begin_ps = first ? start : slot.begin_ps;
            first = false;
            left -= flit;
        }
        slot.end_ps = free_ps_;
        slot.arrival_ps = free_ps_ + config_.latency_ps();
        return slot;
    }

private:
    const ChipLinkConfig config_;
    std::vector<std::uint64_t> ends_;
    std::uint64_t free_ps_ = 0;
};

// Whole flits only: how the credit of a short last flit comes back is where trains are coarser.
TEST(LinkTiming, CreditsHoldFlitsBackAsCountedOneByOne) {
    std::mt19937_64 random(2);
    for (const std::uint64_t credits : {1U, 2U, 3U, 7U, 40U}) {
        for (const double latency_ns : {0.0, 3.0, 40.0}) {
            const ChipLinkConfig config = link(10, latency_ns, credits, 1, 64);
            LinkTiming timing(config);
            FlitByFlit reference(config);
            std::uint64_t now = 0;
            for (int i = 0; i < 200; ++i) {
                now += random() % 40'000;
                const std::uint64_t bytes = 64 * (1 + random() % 20);
                const LinkSlot expected = reference.book(now, bytes);
                const LinkSlot slot = timing.book(now, bytes);
                EXPECT_EQ(slot.begin_ps, expected.begin_ps) << credits << " credits, message " << i;
                ASSERT_EQ(slot.end_ps, expected.end_ps) << credits << " credits, message " << i;
                EXPECT_EQ(slot.arrival_ps, expected.arrival_ps);
            }
        }
    }
}

// Dally and Towles, 13.3: c flits leave in a round trip and one flit's own time.
TEST(LinkTiming, TooFewCreditsSetTheRate) {
    LinkTiming timing(link(10, 100, 4, 1, 64)); // a flit 6.4 ns, round trip 200 + 6.4 ns
    const LinkSlot slot = timing.book(0, 64 * 4 * 1000);
    EXPECT_EQ(slot.end_ps, 999u * 206'400 + 4 * 6400);
}

TEST(LinkTiming, AsManyCreditsAsTheRoundTripNeedsCostNothing) {
    for (const std::uint64_t credits : {33U, 34U, 1000U}) { // 200 ns are 31.25 flits, one more is on its way out
        EXPECT_EQ(LinkTiming(link(10, 100, credits, 1, 64)).book(0, 64'000).end_ps, 6'400'000u);
    }
    EXPECT_GT(LinkTiming(link(10, 100, 32, 1, 64)).book(0, 64'000).end_ps, 6'400'000u);
    EXPECT_EQ(LinkTiming(link(10, 100)).book(0, 64'000).end_ps, 6'400'000u); // auto
}

// A flit takes 1 / (1 - p) attempts on average, with a variance of p / (1 - p)^2.
TEST(LinkTiming, FlitsAreSentAgainAsOftenAsErrorsSay) {
    constexpr double kFlits = 1 << 20;
    for (const double rate : {1e-7, 1e-5, 1e-4}) {
        for (const std::uint64_t seed : {0U, 1U, 77U}) {
            ChipLinkConfig config = link(16, 500);
            config.bit_error_rate = rate;
            config.seed = seed;
            LinkTiming timing(config);
            for (int message = 0; message < 1024; ++message) {
                timing.book(0, 1024 * 256);
            }
            const double p = 1 - std::pow(1 - rate, 256 * 8);
            const double sigma = std::sqrt(kFlits * p) / (1 - p);
            EXPECT_NEAR(static_cast<double>(timing.resent_flits()), kFlits * p / (1 - p), 4 * sigma) << rate;
        }
    }
}

// Every round of them begins when the last flit's failure is known, and takes a flit's time each.
TEST(LinkTiming, ResendingTakesRoundTripsAndTheFlitsTime) {
    ChipLinkConfig config = link(16, 500);
    config.bit_error_rate = 2e-4; // a third of the flits
    LinkTiming timing(config);
    const LinkSlot one = timing.book(0, 256); // 16 ns
    const std::uint64_t resent = timing.resent_flits();
    EXPECT_EQ(one.end_ps, 16'000 + resent * (1'000'000 + 16'000)); // alone, each is a round
    const LinkSlot many = timing.book(one.end_ps, 256 * 1000);
    const std::uint64_t again = timing.resent_flits() - resent;
    const std::uint64_t rounds_ps = many.end_ps - one.end_ps - (1000 + again) * 16'000;
    EXPECT_GT(again, 0U);
    EXPECT_EQ(rounds_ps % 1'000'000, 0U);
    EXPECT_GE(rounds_ps / 1'000'000, 3U); // a third of a third of a thousand flits are left after two
    EXPECT_LE(rounds_ps / 1'000'000, 20U);
    EXPECT_EQ(many.arrival_ps, many.end_ps + 500'000);
}

TEST(LinkTiming, TheSameSeedMakesTheSameErrorsAndLinksHaveTheirOwn) {
    ChipLinkConfig config = link(16, 500);
    config.bit_error_rate = 1e-4;
    const auto resent = [](const ChipLinkConfig& of) {
        LinkTiming timing(of);
        std::vector<std::uint64_t> counts;
        for (int message = 0; message < 50; ++message) {
            timing.book(0, 256 * 100);
            counts.push_back(timing.resent_flits());
        }
        return counts;
    };
    EXPECT_EQ(resent(config.of_link(3)), resent(config.of_link(3)));
    EXPECT_NE(resent(config.of_link(3)), resent(config.of_link(4)));
    EXPECT_EQ(resent(config.without_errors()).back(), 0U);
}

} // namespace
} // namespace systolica
