// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/chip_link/link_errors.h"

#include <cmath>

namespace systolica {

double flit_error_probability(double bit_error_rate, std::uint64_t flit_bytes) {
    return -std::expm1(8.0 * static_cast<double>(flit_bytes) * std::log1p(-bit_error_rate));
}

LinkErrors::LinkErrors(double bit_error_rate, std::uint64_t flit_bytes, std::uint64_t seed)
    : threshold_(static_cast<std::uint64_t>(std::ldexp(flit_error_probability(bit_error_rate, flit_bytes), 64))),
      state_(seed) {}

std::uint64_t LinkErrors::failed(std::uint64_t flits) {
    std::uint64_t wrong = 0;
    for (std::uint64_t flit = 0; threshold_ > 0 && flit < flits; ++flit) {
        wrong += next() < threshold_ ? 1 : 0;
    }
    return wrong;
}

std::uint64_t LinkErrors::next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31U);
}

} // namespace systolica
