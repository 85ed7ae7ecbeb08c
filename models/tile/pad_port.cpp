// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tile/pad_port.h"

#include "machine/commands/tile_address.h"

namespace systolica {

PadPort::PadPort(const sc_core::sc_module_name& name, const Params& params) : sc_module(name), config_(params.config) {
    in.bind(*this);
}

void PadPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const TileAddress at = tile_address(payload.get_address());
    const auto pad = static_cast<std::size_t>(at.pad);
    const std::uint32_t bytes = payload.get_data_length();
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    if (!in_tile_space(payload.get_address()) || pad >= kPads || bytes == 0 ||
        at.byte >= config_.pad(at.pad).capacity_bytes || bytes > config_.pad(at.pad).capacity_bytes) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const bool adds = payload.is_write() && at.pad == Pad::ofmap;
    if (adds) {
        delay = pads_.burst(pad_out[pad], tlm::TLM_READ_COMMAND, at.byte, bytes, delay);
    }
    delay = pads_.burst(pad_out[pad], payload.get_command(), at.byte, bytes, delay);
    (adds ? added_bytes_ : payload.is_write() ? written_bytes_ : read_bytes_) += bytes;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum PadPort::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED; // END_RESP of an initiator that sends one all the same
    }
    b_transport(payload, delay);
    return tlm::TLM_COMPLETED;
}

void PadPort::report(Statistics& statistics) const {
    statistics.set("read_bytes", read_bytes_, "bytes");
    statistics.set("written_bytes", written_bytes_, "bytes");
    statistics.set("added_bytes", added_bytes_, "bytes");
}

} // namespace systolica
