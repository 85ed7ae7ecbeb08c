// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which flits of one direction of a link arrive with a wrong bit: each on its own, with the probability
// 1 - (1 - rate)^bits. One stream of random numbers a link, by seed (splitmix64: Steele, Lea and Flood, OOPSLA 2014).
#pragma once

#include <cstdint>

namespace systolica {

double flit_error_probability(double bit_error_rate, std::uint64_t flit_bytes);

class LinkErrors {
public:
    LinkErrors(double bit_error_rate, std::uint64_t flit_bytes, std::uint64_t seed);

    std::uint64_t failed(std::uint64_t flits); // of so many sent now

private:
    std::uint64_t next();

    const std::uint64_t threshold_; // a number below it is an error
    std::uint64_t state_;
};

} // namespace systolica
