// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/fast_forward/fast_forward.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

namespace {

// A window that is further off from what had been known is followed by another, up to so many.
constexpr double kAgreement = 0.15;
constexpr unsigned kMostRepeats = 4;

} // namespace

FastForward::FastForward(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      edges_(params.clock),
      server_(params.streams),
      rates_(params.operation_bytes, params.peak_per_cycle, params.window_cycles) {
    SC_HAS_PROCESS(FastForward);
    SC_METHOD(serve_streams);
    sensitive << serve_event_;
    dont_initialize();
    SC_METHOD(decide);
    sensitive << decide_event_;
}

std::size_t FastForward::attach(PacedStream& stream) {
    sc_assert(streams_.size() < params_.streams);
    streams_.push_back({&stream, kNone});
    return streams_.size() - 1;
}

// Transfers of one run, then of runs by the logarithm of their length.
std::uint32_t FastForward::traffic(std::uint32_t operation, bool stores, std::uint32_t run_bytes) {
    std::uint32_t length = 0;
    for (std::uint32_t bytes = run_bytes < params_.burst_bytes ? run_bytes : 0; bytes != 0; bytes /= 2) {
        ++length;
    }
    const auto [known, is_new] = classes_.emplace(std::array<std::uint32_t, 3>{operation, stores ? 1U : 0U, length}, 0);
    if (is_new) {
        const std::uint64_t burst = length == 0 ? params_.burst_bytes : run_bytes;
        const auto pins = static_cast<double>(ceil_div(burst, params_.block_bytes) * params_.block_bytes);
        const auto flits = static_cast<double>(ceil_div(burst, params_.flit_bytes) + 1);
        known->second = static_cast<std::uint32_t>(rates_.add({stores, operation, pins / flits}));
    }
    return known->second;
}

bool FastForward::may_pace(std::uint32_t traffic) {
    if (mode_ != Mode::pacing) {
        return false;
    }
    if (rates_.trusted(traffic)) {
        return true;
    }
    rates_.asked_for(traffic);
    open_window();
    return false;
}

void FastForward::start(std::size_t stream, std::uint32_t traffic, bool stores, std::uint64_t bytes,
                        std::uint64_t pin_bytes, std::uint64_t bursts) {
    paced_bytes_[stores ? 1 : 0] += bytes;
    paced_pin_bytes_ += pin_bytes;
    paced_bursts_ += bursts;
    rates_.paced(traffic, static_cast<double>(pin_bytes));
    server_.start(stream, rates_.share(traffic), static_cast<double>(pin_bytes), edges_.cycle());
    wake_server();
}

void FastForward::busy(std::size_t stream, std::uint32_t traffic, bool backlogged) {
    Stream& s = streams_[stream];
    if (s.busy_with == traffic && s.backlogged == backlogged) {
        return;
    }
    account();
    set_backlogged(s, backlogged);
    if (s.busy_with != traffic) {
        busy_streams_ += s.busy_with == kNone ? 1 : 0;
        s.busy_with = traffic;
        server_.occupy(stream, rates_.share(traffic), edges_.cycle());
        wake_server();
    }
}

void FastForward::idle(std::size_t stream) {
    Stream& s = streams_[stream];
    if (s.busy_with == kNone) {
        return;
    }
    account();
    set_backlogged(s, false);
    s.busy_with = kNone;
    --busy_streams_;
    server_.release(stream, edges_.cycle());
    if (busy_streams_ == 0 && mode_ == Mode::pacing) {
        end_change();
        pay_debt();
    }
    wake_server();
}

void FastForward::set_backlogged(Stream& stream, bool backlogged) {
    backlogged_streams_ = backlogged_streams_ - (stream.backlogged ? 1 : 0) + (backlogged ? 1 : 0);
    stream.backlogged = backlogged;
}

void FastForward::moved(std::size_t stream, double pin_bytes) {
    const Stream& s = streams_[stream];
    if (mode_ != Mode::measuring || s.busy_with == kNone) {
        return;
    }
    TrafficRates::Seen& seen = window_.classes[s.busy_with];
    const std::size_t crowd = TrafficRates::crowd(backlogged_streams_);
    seen.bytes[crowd] += pin_bytes;
    if (s.backlogged) {
        seen.backlog_bytes[crowd] += pin_bytes;
    }
}

// Before the number of backlogged streams changes, or what one is busy with.
void FastForward::account() {
    const std::uint64_t now = edges_.cycle();
    const std::uint64_t passed = now - accounted_;
    accounted_ = now;
    if (mode_ != Mode::measuring || passed == 0) {
        return;
    }
    const std::size_t crowd = TrafficRates::crowd(backlogged_streams_);
    window_.crowd_cycles[crowd] += passed;
    for (const Stream& s : streams_) {
        if (s.backlogged) {
            window_.classes[s.busy_with].backlog_cycles[crowd] += passed;
        }
    }
}

void FastForward::wake_server() {
    serve_event_.cancel();
    if (server_.served() != 0) {
        serve_event_.notify(edges_.until(server_.next_end()));
    }
}

void FastForward::serve_streams() {
    std::size_t stream = 0;
    while (server_.take_ended(edges_.cycle(), stream)) {
        streams_[stream].stream->piece_ended();
    }
    wake_server();
    if (server_.served() == 0 && mode_ == Mode::settling) {
        end_change();
        decide_event_.notify(
            edges_.until(std::max(since_ + params_.settle_cycles, edges_.cycle() + params_.settle_cycles / 2)));
    }
}

void FastForward::decide() {
    const std::uint64_t now = edges_.cycle();
    if (mode_ == Mode::measuring) {
        close_window();
    } else if (mode_ == Mode::settling && now < since_ + params_.settle_cycles) {
        decide_event_.notify(edges_.until(since_ + params_.settle_cycles));
    } else if (mode_ == Mode::settling && server_.served() == 0) {
        measure();
    }
}

void FastForward::open_window() {
    params_.paces(false);
    const std::uint64_t now = edges_.cycle();
    end_change();
    paced_cycles_ += now - since_;
    mode_ = Mode::settling;
    since_ = now;
    if (server_.served() != 0) {
        begin_change();
    }
    decide_event_.notify(edges_.until(now + params_.settle_cycles));
}

void FastForward::measure() {
    mode_ = Mode::measuring;
    since_ = edges_.cycle();
    accounted_ = since_;
    served_before_ = params_.served_bytes();
    window_.crowd_cycles = {};
    window_.classes.clear();
    decide_event_.notify(edges_.until(since_ + params_.window_cycles));
}

void FastForward::close_window() {
    account();
    window_.cycles = edges_.cycle() - since_;
    window_.served_bytes = static_cast<double>(params_.served_bytes() - served_before_);
    const double off = rates_.learn(window_);
    ++windows_;
    if (off > kAgreement && ++repeated_ < kMostRepeats) {
        measure();
        return;
    }
    repeated_ = 0;
    for (const Stream& s : streams_) {
        if (s.busy_with != kNone && !rates_.trusted(s.busy_with)) {
            measure(); // what must not be paced goes on
            return;
        }
    }
    params_.paces(true);
    mode_ = Mode::pacing;
    since_ = edges_.cycle();
    if (busy_streams_ != 0) {
        begin_change();
    } else {
        pay_debt();
    }
}

void FastForward::begin_change() {
    const std::uint64_t now = edges_.cycle();
    change_ = {true, now, params_.served_bytes(), server_.used(now), server_.present(), server_.full()};
}

// More than the memory can do is charged to the streams paced next. Less is made good only if it was the change that
// kept streams from using it.
void FastForward::end_change() {
    if (!change_.open) {
        return;
    }
    change_.open = false;
    const std::uint64_t now = edges_.cycle();
    const double memory = static_cast<double>(params_.served_bytes() - change_.served_bytes) * rates_.usual_cost();
    const double over = memory + server_.used(now) - change_.used - static_cast<double>(now - change_.cycle);
    const bool wanted = change_.full && server_.full() && 5 * server_.present() >= 4 * change_.present;
    if (over > 0 || wanted) {
        debt_cycles_ += over;
    }
}

void FastForward::pay_debt() {
    if (server_.full()) {
        server_.set_back(debt_cycles_, edges_.cycle());
    }
    debt_cycles_ = 0;
}

std::uint64_t FastForward::paced_cycles() const {
    return paced_cycles_ + (mode_ == Mode::pacing ? edges_.cycle() - since_ : 0);
}

void FastForward::report(Statistics& statistics) const {
    statistics.set("paced_cycles", paced_cycles(), "cycles");
    statistics.set("paced_read_bytes", paced_bytes_[0], "bytes");
    statistics.set("paced_written_bytes", paced_bytes_[1], "bytes");
    statistics.set("windows", windows_, "windows");
    statistics.set("latency", latency_cycles(), "cycles");
}

} // namespace systolica
