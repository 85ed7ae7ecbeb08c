// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Events at one instant come in the order of their construction, whatever else waits; which notification of an event
// counts is as with the kernel's own.
#include "models/tlm/timed_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace systolica {
namespace {

struct Happened {
    std::uint64_t at_ps;
    unsigned who;
    bool operator==(const Happened& other) const { return at_ps == other.at_ps && who == other.who; }
};

class Listener : public sc_core::sc_module {
public:
    Listener(const sc_core::sc_module_name& name, unsigned who, std::vector<Happened>& log)
        : sc_module(name), who_(who), log_(log) {
        SC_HAS_PROCESS(Listener);
        SC_METHOD(note);
        sensitive << event;
        dont_initialize();
    }

    TimedEvent event;

private:
    void note() { log_.push_back({sc_core::sc_time_stamp().value(), who_}); }

    const unsigned who_;
    std::vector<Happened>& log_;
};

class TimedEvents : public testing::Test {
protected:
    Listener& add() {
        const auto who = static_cast<unsigned>(listeners_.size());
        listeners_.push_back(std::make_unique<Listener>(("listener" + std::to_string(who)).c_str(), who, log_));
        return *listeners_.back();
    }
    static sc_core::sc_time ps(std::uint64_t value) { return sc_core::sc_time::from_value(value); }

    std::vector<Happened> log_;
    std::vector<std::unique_ptr<Listener>> listeners_;
};

TEST_F(TimedEvents, AtOneInstantComeInTheOrderOfConstruction) {
    // Multiplying by 37 modulo 101 makes calls in an order that is none of time or number.
    for (unsigned i = 0; i < 101; ++i) {
        add();
    }
    std::vector<Happened> expected;
    for (unsigned call = 0; call < 101; ++call) {
        const unsigned who = call * 37 % 101;
        const std::uint64_t at = 10 + call % 3;
        listeners_[who]->event.notify(ps(at));
        expected.push_back({at, who});
    }
    std::stable_sort(expected.begin(), expected.end(), [](const Happened& a, const Happened& b) {
        return a.at_ps != b.at_ps ? a.at_ps < b.at_ps : a.who < b.who;
    });
    sc_core::sc_start(ps(100));
    EXPECT_TRUE(log_ == expected);
}

TEST_F(TimedEvents, TheEarliestNotificationStays) {
    Listener& one = add();
    Listener& other = add();
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    one.event.notify(ps(50));
    one.event.notify(ps(70));
    other.event.notify(ps(60));
    other.event.notify(ps(40));
    sc_core::sc_start(ps(100));
    EXPECT_TRUE((log_ == std::vector<Happened>{{40, 1}, {50, 0}}));
}

TEST_F(TimedEvents, TheNextDeltaIsEarlierThanAnyTime) {
    Listener& one = add();
    Listener& other = add();
    sc_core::sc_start(ps(5));
    one.event.notify(ps(50));
    one.event.notify(sc_core::SC_ZERO_TIME);
    other.event.notify(ps(10));
    other.event.cancel();
    sc_core::sc_start(ps(100));
    EXPECT_TRUE((log_ == std::vector<Happened>{{5, 0}}));
}

TEST_F(TimedEvents, CanBeNotifiedAgainWhenTheyHaveCome) {
    Listener& one = add();
    for (const std::uint64_t delay : {5U, 7U}) {
        one.event.notify(ps(delay));
        sc_core::sc_start(ps(20));
    }
    EXPECT_TRUE((log_ == std::vector<Happened>{{5, 0}, {27, 0}}));
}

} // namespace
} // namespace systolica
