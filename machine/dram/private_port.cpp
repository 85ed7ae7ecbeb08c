// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/private_port.h"

#include <algorithm>

namespace systolica {

std::uint64_t PrivatePort::reserve(std::uint64_t cycle, std::uint64_t address, std::uint64_t bytes, bool write) {
    Transfer& transfer = last_[write ? 1 : 0];
    if (address != transfer.end_address || cycle > free_at_) {
        transfer.bits = 0;
    }
    const std::uint64_t before = cycles(transfer.bits);
    transfer.bits += bytes * 8;
    transfer.end_address = address + bytes;
    const std::uint64_t taken = cycles(transfer.bits) - before;
    free_at_ = std::max(free_at_, cycle) + taken;
    busy_cycles_ += taken;
    return free_at_;
}

} // namespace systolica
