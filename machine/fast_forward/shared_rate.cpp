// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/fast_forward/shared_rate.h"

#include <algorithm>
#include <cmath>

namespace systolica {

namespace {

constexpr double kRounding = 1e-6;  // bytes
constexpr double kLeastRate = 1e-3; // bytes a cycle: no stream stands still, whatever rounding leaves of the server

} // namespace

void SharedRate::start(std::size_t stream, const Share& share, double bytes, std::uint64_t cycle) {
    advance(cycle);
    Stream& s = streams_[stream];
    s.left = bytes - (s.ended == cycle ? s.left : 0);
    s.share = share;
    change(s, State::served);
    divide();
}

void SharedRate::occupy(std::size_t stream, const Share& share, std::uint64_t cycle) {
    advance(cycle);
    streams_[stream].share = share;
    change(streams_[stream], State::occupying);
    divide();
}

void SharedRate::release(std::size_t stream, std::uint64_t cycle) {
    advance(cycle);
    change(streams_[stream], State::idle);
    divide();
}

void SharedRate::set_back(double cycles, std::uint64_t cycle) {
    advance(cycle);
    for (Stream& s : streams_) {
        if (s.state == State::served) {
            s.left += s.rate * cycles;
        }
    }
    find_next_end();
}

bool SharedRate::take_ended(std::uint64_t cycle, std::size_t& stream) {
    advance(cycle);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        Stream& s = streams_[i];
        if (s.state == State::served && s.left <= kRounding) {
            s.left = std::clamp(-s.left, 0.0, s.rate); // of the last cycle
            s.ended = cycle;
            change(s, State::idle);
            divide();
            stream = i;
            return true;
        }
    }
    return false;
}

double SharedRate::used(std::uint64_t cycle) {
    advance(cycle);
    return used_;
}

void SharedRate::change(Stream& stream, State state) {
    served_ = served_ - (stream.state == State::served ? 1 : 0) + (state == State::served ? 1 : 0);
    present_ = present_ - (stream.state == State::idle ? 0 : 1) + (state == State::idle ? 0 : 1);
    stream.state = state;
}

void SharedRate::advance(std::uint64_t cycle) {
    const auto passed = static_cast<double>(cycle - now_);
    now_ = cycle;
    if (passed == 0 || served_ == 0) {
        return;
    }
    for (Stream& s : streams_) {
        if (s.state == State::served) {
            s.left -= s.rate * passed;
            used_ += s.rate * s.share.cost * passed;
        }
    }
}

// A stream at its cap leaves more to the others, which may bring further ones to theirs.
void SharedRate::divide() {
    double server = 1;
    double wanted = 0;
    for (Stream& s : streams_) {
        s.rate = 0;
        wanted += s.state == State::idle ? 0 : s.share.weight * s.share.cost;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (Stream& s : streams_) {
            if (s.state != State::idle && s.rate == 0 && s.share.weight * server >= s.share.cap * wanted) {
                s.rate = s.share.cap;
                server -= s.share.cap * s.share.cost;
                wanted -= s.share.weight * s.share.cost;
                changed = true;
            }
        }
    }
    full_ = false;
    for (Stream& s : streams_) {
        if (s.state != State::idle && s.rate == 0) {
            s.rate = std::max(s.share.weight * server / wanted, kLeastRate);
            full_ = true;
        }
    }
    find_next_end();
}

void SharedRate::find_next_end() {
    next_end_ = kNever;
    for (const Stream& s : streams_) {
        if (s.state == State::served) {
            const double cycles = s.left <= kRounding ? 0 : std::ceil((s.left - kRounding) / s.rate);
            next_end_ = std::min(next_end_, now_ + static_cast<std::uint64_t>(cycles));
        }
    }
}

} // namespace systolica
