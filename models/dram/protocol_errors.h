// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Base-protocol mistakes of an initiator, as a target sees them: all are counted, the first is reported, because one
// mistake tends to be made with every request.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

namespace systolica {

class ProtocolErrors {
public:
    std::uint64_t count() const { return count_; }

    // `what` says how the phase came, `legal` what would have been right. The payload is left out when it is null.
    void add(const sc_core::sc_object& target, const tlm::tlm_generic_payload* payload, const tlm::tlm_phase& phase,
             const char* what, const char* legal);

    // Phases of extended protocols; a target that does not know them ignores them (IEEE 1666, base protocol).
    static bool extended(const tlm::tlm_phase& phase) { return static_cast<unsigned>(phase) > tlm::END_RESP; }

private:
    std::uint64_t count_ = 0;
};

} // namespace systolica
