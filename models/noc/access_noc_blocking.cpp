// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The side of AccessNoc without phases: loosely timed and debug accesses.
#include "models/noc/access_noc.h"

#include "machine/commands/tile_address.h"
#include "models/tlm/clock_edges.h"

#include <algorithm>

namespace systolica {

void AccessNoc::blocking_access(unsigned tile, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (const tlm::tlm_response_status status = refusal(payload); status != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(status);
        return;
    }
    const unsigned target = target_of(payload.get_address());
    const bool read = payload.is_read();
    const auto pass = [&](unsigned from, unsigned to, unsigned flits, bool request, bool data) {
        edge_now();
        const std::uint64_t created = clock_.edge_at_or_after(now_ps() + delay.value());
        const std::uint64_t arrives = pass_ahead(created, from, to, flits);
        count_sent(request, read, flits, data ? payload.get_data_length() : 0);
        count_arrived(request, read, arrives - created);
        delay = until_ps(clock_.edge_ps(arrives));
    };
    pass(tile_end(tile), target_end(target), request_flits(payload), true, payload.is_write());
    if (read && shares(payload)) {
        shared_blocking_read(tile, target, payload, delay);
    } else {
        target_port(target).b_transport(payload, delay);
    }
    pass(target_end(target), tile_end(tile), response_flits(payload), false, read && payload.is_response_ok());
    if (payload.is_response_ok()) {
        bytes_ += payload.get_data_length();
    }
}

// An access for debugging may touch several channels: it is made piece by piece, up to the first that gives nothing.
unsigned AccessNoc::debug_access(tlm::tlm_generic_payload& payload) {
    const std::uint64_t address = payload.get_address();
    if (in_tile_space(address)) {
        return refusal(payload) == tlm::TLM_OK_RESPONSE ? target_port(target_of(address)).transport_dbg(payload) : 0;
    }
    unsigned char* const data = payload.get_data_ptr();
    const unsigned bytes = payload.get_data_length();
    unsigned done = 0;
    while (done < bytes) {
        const std::uint64_t at = address + done;
        const std::uint64_t piece_end = (at / params_.interleave_bytes + 1) * params_.interleave_bytes;
        const auto piece = static_cast<unsigned>(std::min<std::uint64_t>(piece_end - at, bytes - done));
        payload.set_address(at);
        payload.set_data_ptr(data + done);
        payload.set_data_length(piece);
        const unsigned moved = memory_out[channel(at)]->transport_dbg(payload);
        done += moved;
        if (moved != piece) {
            break;
        }
    }
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(bytes);
    return done;
}

} // namespace systolica
