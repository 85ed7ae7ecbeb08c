// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/chip_link/link_timing.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

namespace {

constexpr std::uint64_t kEndOfTimePs = std::uint64_t{1} << 63U;

bool credits_limit(const ChipLinkConfig& link) {
    if (link.credits == 0) {
        return false;
    }
    const std::uint64_t rate = link.direction_bytes_per_s();
    return link_ps(link.credits * link.flit_bytes, rate) < link_ps(link.flit_bytes, rate) + 2 * link.latency_ps();
}

} // namespace

// Three decimal digits at a time: a remainder is below the rate, which is below 2^64 / 1000.
std::uint64_t link_ps(std::uint64_t bytes, std::uint64_t bytes_per_s) {
    std::uint64_t ps = bytes / bytes_per_s;
    std::uint64_t rest = bytes % bytes_per_s;
    if (ps >= kEndOfTimePs / 1'000'000'000'000) {
        return kEndOfTimePs;
    }
    for (int i = 0; i < 4; ++i) {
        rest *= 1000;
        ps = ps * 1000 + rest / bytes_per_s;
        rest %= bytes_per_s;
    }
    return ps + (rest == 0 ? 0 : 1);
}

LinkTiming::LinkTiming(const ChipLinkConfig& link)
    : bytes_per_s_(link.direction_bytes_per_s()),
      latency_ps_(link.latency_ps()),
      flit_bytes_(link.flit_bytes),
      limited_(credits_limit(link)),
      credits_left_(link.credits),
      errors_(link.bit_error_rate, link.flit_bytes, link.seed) {}

LinkSlot LinkTiming::book(std::uint64_t ready_ps, std::uint64_t bytes) {
    std::uint64_t begin = std::max(ready_ps, free_ps_);
    free_ps_ = limited_ ? send_flits(begin, bytes, begin) : begin + link_ps(bytes, bytes_per_s_);
    send_again(errors_.failed(ceil_div(bytes, flit_bytes_)));
    return {begin, free_ps_, free_ps_ + latency_ps_};
}

void LinkTiming::send_again(std::uint64_t failed) {
    for (; failed > 0; failed = errors_.failed(failed)) {
        resent_flits_ += failed;
        free_ps_ += 2 * latency_ps_ + link_ps(failed * flit_bytes_, bytes_per_s_);
    }
}

// As many flits at a time as have credits that are there or come back in step; returns the end of the last one.
std::uint64_t LinkTiming::send_flits(std::uint64_t ready_ps, std::uint64_t bytes, std::uint64_t& begin_ps) {
    std::uint64_t now = ready_ps;
    bool first = true;
    while (bytes > 0) {
        const std::uint64_t wanted = ceil_div(bytes, flit_bytes_);
        std::uint64_t flits = wanted;
        if (credits_left_ > 0) {
            flits = std::min(flits, credits_left_);
            credits_left_ -= flits;
        } else {
            Train& credits = on_the_way_.front();
            now = std::max(now, credits.credits_ps);
            flits = std::min(flits, credits.flits);
            credits.credits_ps += link_ps(flits * flit_bytes_, bytes_per_s_);
            credits.flits -= flits;
            if (credits.flits == 0) {
                on_the_way_.pop_front();
            }
        }
        if (first) {
            begin_ps = now;
            first = false;
        }
        const std::uint64_t sent = std::min(bytes, flits * flit_bytes_);
        on_the_way_.push_back({now + link_ps(std::min(bytes, flit_bytes_), bytes_per_s_) + 2 * latency_ps_, flits});
        now += link_ps(sent, bytes_per_s_);
        bytes -= sent;
    }
    return now;
}

} // namespace systolica
