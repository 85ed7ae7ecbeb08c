// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the network hangs on a payload while it carries it: the number of the transaction. The network owns the tags;
// a payload gets one at its request and gives it back after its response, so nothing is allocated for a transfer.
#pragma once

#include <cstdint>

#include <tlm>

namespace systolica {

struct PacketTag : tlm::tlm_extension<PacketTag> {
    PacketTag(const void* network, std::uint32_t number) : owner(network), transaction(number) {}

    // Says nothing about a copy of the payload: a copy is not under way.
    tlm::tlm_extension_base* clone() const override { return nullptr; }
    void copy_from(const tlm::tlm_extension_base&) override {}
    void free() override {}

    const void* const owner;
    const std::uint32_t transaction;
};

} // namespace systolica
