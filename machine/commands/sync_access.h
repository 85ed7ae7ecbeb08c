// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How a sequencer speaks to the sync board: four-byte accesses, with the event in the upper half of the address.
//   b_transport write: post, the event's count goes up by one (the data is not looked at)
//   nb_transport read: wait, the response comes when the count has reached the threshold in the address' lower half
//   b_transport or debug read: the count now, as four little-endian bytes
#pragma once

#include <cstddef>
#include <cstdint>

namespace systolica {

constexpr std::size_t kSyncBytes = 4;

constexpr std::uint64_t sync_address(std::uint32_t event, std::uint32_t threshold = 0) {
    return (std::uint64_t{event} << 32) | threshold;
}
constexpr std::uint32_t sync_event(std::uint64_t address) {
    return static_cast<std::uint32_t>(address >> 32);
}
constexpr std::uint32_t sync_threshold(std::uint64_t address) {
    return static_cast<std::uint32_t>(address);
}

} // namespace systolica
