// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Drives a ChannelController without a kernel, from one event to the next.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "machine/dram/channel_controller.h"
#include "tests/machine/dram/timing_checker.h"

namespace systolica::test {

class ControllerDriver {
public:
    struct Answer {
        std::uint64_t number; // of the request, in order of offering
        Ck data_end;
    };

    explicit ControllerDriver(const DramConfig& config = DramConfig())
        : checker(config), controller(config, &checker) {}

    // Offers a request at a time not before the last one; waits for room. Returns when it was accepted.
    Ck offer(bool write, std::uint64_t address, std::uint32_t bytes, Ck at) {
        if (at > 0) {
            run_until(at - 1); // what falls on `at` is decided with the new request in sight
        }
        now_ = std::max(now_, at);
        while (!controller.has_room(write, address)) {
            step();
        }
        const auto number = static_cast<std::uintptr_t>(offered_++);
        controller.accept({reinterpret_cast<void*>(number), write, address, bytes}, now_, now_);
        return now_;
    }

    void run_until(Ck at) {
        while (now_ <= at && controller.next() <= at) {
            now_ = std::max(now_, controller.next());
            controller.run(now_, served_);
            for (const ChannelController::Served& served : served_) {
                answers.push_back({reinterpret_cast<std::uintptr_t>(served.owner), served.data_end});
            }
            served_.clear();
        }
        now_ = std::max(now_, at);
    }

    void step() { run_until(std::max(now_, controller.next())); }

    // Serves everything; returns the end of the last data beat.
    Ck finish() {
        while (controller.next() != kNever) {
            step();
        }
        return answers.empty() ? 0 : answers.back().data_end;
    }

    Ck now() const { return now_; }

    TimingChecker checker;
    ChannelController controller;
    std::vector<Answer> answers; // in the order of their data

private:
    std::vector<ChannelController::Served> served_;
    Ck now_ = 0;
    std::uint64_t offered_ = 0;
};

// Initiators that keep `reads` reads and `writes` writes of a sequential stream in flight and send the next one
// `think` clocks after an answer, until `bytes` have been sent. Returns the share of the data pins' peak in use.
struct StreamLoad {
    unsigned reads = 0, writes = 0;
    std::uint32_t request_bytes = 256;
    std::uint64_t read_from = 0, write_from = 0;
    Ck think = 30;
    std::uint64_t bytes = 4 << 20;
};

inline double peak_share(ControllerDriver& driver, const StreamLoad& load) {
    struct Send {
        Ck at;
        bool write;
        bool operator<(const Send& other) const { return at != other.at ? at > other.at : write && !other.write; }
    };
    std::priority_queue<Send> sends;
    for (unsigned i = 0; i < load.reads + load.writes; ++i) {
        sends.push({i, i >= load.reads});
    }
    std::uint64_t next[2] = {load.read_from, load.write_from};
    std::deque<bool> kinds; // of the offers
    std::uint64_t sent = 0;
    std::size_t answered = 0;
    const auto follow = [&] {
        for (; answered < driver.answers.size(); ++answered) {
            const ControllerDriver::Answer& answer = driver.answers[answered];
            sends.push({answer.data_end + load.think, kinds[answer.number]});
        }
    };
    while (sent < load.bytes) {
        while (sends.empty() || driver.controller.next() < sends.top().at) {
            driver.step();
            follow();
        }
        const Send send = sends.top();
        sends.pop();
        kinds.push_back(send.write);
        driver.offer(send.write, next[send.write], load.request_bytes, std::max(send.at, driver.now()));
        next[send.write] += load.request_bytes;
        sent += load.request_bytes;
        follow();
    }
    const Ck end = driver.finish();
    // 4 bytes a clock: 16 bits at two beats a clock.
    return static_cast<double>(driver.controller.counters(end).bus_bytes) / 4.0 / static_cast<double>(end);
}

} // namespace systolica::test
