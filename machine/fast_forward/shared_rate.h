// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Streams that share a server whose order of service is not looked at: processor sharing with weights and caps. Each
// stream goes on at its own rate: what is left of the server after those that are as fast as they can is divided in
// proportion to the weights. An end is seen at the first whole cycle after it; what that cycle served too much is the
// start of the stream's next piece if it follows at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace systolica {

class SharedRate {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    struct Share {
        double weight = 1;
        double cost = 1; // of a byte, in cycles of the server
        double cap = 1;  // bytes a cycle at most
    };

    explicit SharedRate(std::size_t streams) : streams_(streams) {}

    // The stream has `bytes` to move from `cycle` on. Not while it is served.
    void start(std::size_t stream, const Share& share, double bytes, std::uint64_t cycle);

    // The stream takes its part of the server without being served here, until released.
    void occupy(std::size_t stream, const Share& share, std::uint64_t cycle);
    void release(std::size_t stream, std::uint64_t cycle);

    // All streams served are set back by what they move in so many cycles (negative: brought forward).
    void set_back(double cycles, std::uint64_t cycle);

    // The lowest stream that has ended by `cycle`; it is idle from then on. False: none.
    bool take_ended(std::uint64_t cycle, std::size_t& stream);
    std::uint64_t next_end() const { return next_end_; }

    std::size_t served() const { return served_; }   // streams
    std::size_t present() const { return present_; } // served or occupying
    bool full() const { return full_; }              // some stream gets less than it could take
    double used(std::uint64_t cycle);                // cycles of the server, by the streams served, from the start

private:
    enum class State : std::uint8_t { idle, occupying, served };
    struct Stream {
        State state = State::idle;
        Share share;
        double left = 0; // bytes; after the end: what was served too much
        double rate = 0;
        std::uint64_t ended = kNever;
    };

    void change(Stream& stream, State state);
    void advance(std::uint64_t cycle);
    void divide();
    void find_next_end();

    std::vector<Stream> streams_;
    std::size_t served_ = 0;
    std::size_t present_ = 0;
    bool full_ = false;
    double used_ = 0;
    std::uint64_t now_ = 0;
    std::uint64_t next_end_ = kNever;
};

} // namespace systolica
