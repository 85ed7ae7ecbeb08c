// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Memory with an interface of its own for each scratchpad group, as SimDIT assumes: so many bits a cycle, no latency,
// no banks; reads and writes share the interface in the order of their requests. Addresses say which interface a burst
// takes: each has a region of the address space, in the order of Pad.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "machine/scratchpad/config.h"

namespace systolica {

constexpr unsigned kPrivateRegionLog2 = 40;

constexpr std::uint64_t private_region(Pad pad) {
    return std::uint64_t{static_cast<unsigned>(pad)} << kPrivateRegionLog2;
}

// None: not all of it lies in one region.
inline std::optional<Pad> private_port_of(std::uint64_t address, std::uint64_t bytes) {
    const std::uint64_t region = address >> kPrivateRegionLog2;
    if (region >= kPads || (address + bytes - 1) >> kPrivateRegionLog2 != region) {
        return {};
    }
    return static_cast<Pad>(region);
}

class PrivatePort {
public:
    explicit PrivatePort(unsigned bits_per_cycle) : bits_per_cycle_(bits_per_cycle) {}

    // Books a burst that is there at `cycle` and returns the cycle at which its last bits have passed. A burst that
    // goes on where the last one of its direction ended, and comes before the interface is idle, belongs to the same
    // transfer: that takes ceil(bits / width) cycles in all, however it is cut.
    std::uint64_t reserve(std::uint64_t cycle, std::uint64_t address, std::uint64_t bytes, bool write);

    std::uint64_t free_at() const { return free_at_; } // the end of what is booked
    std::uint64_t busy_cycles() const { return busy_cycles_; }

private:
    struct Transfer {
        std::uint64_t end_address = 0;
        std::uint64_t bits = 0; // so far
    };

    std::uint64_t cycles(std::uint64_t bits) const { return (bits + bits_per_cycle_ - 1) / bits_per_cycle_; }

    std::uint64_t bits_per_cycle_;
    std::uint64_t free_at_ = 0;
    std::uint64_t busy_cycles_ = 0;
    std::array<Transfer, 2> last_; // read, write
};

} // namespace systolica
