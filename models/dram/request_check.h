// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a memory asks of a payload, whatever its address (IEEE 1666, generic payload). TLM_IGNORE_COMMAND is refused:
// the standard leaves a target that choice, and an access that moves nothing has no time on a memory's pins.
#pragma once

#include <algorithm>
#include <cstdint>

#include <tlm>

namespace systolica {

inline tlm::tlm_response_status check_attributes(const tlm::tlm_generic_payload& payload) {
    if (payload.get_command() != tlm::TLM_READ_COMMAND && payload.get_command() != tlm::TLM_WRITE_COMMAND) {
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0) {
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    }
    if (payload.get_data_length() == 0 || payload.get_streaming_width() == 0) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
}

// Distinct bytes of memory: a streaming width below the length passes over the same ones again.
inline std::uint32_t touched_bytes(const tlm::tlm_generic_payload& payload) {
    return std::min(payload.get_data_length(), payload.get_streaming_width());
}

inline bool any_byte_disabled(const tlm::tlm_generic_payload& payload) {
    const unsigned char* const enables = payload.get_byte_enable_ptr();
    if (enables == nullptr) {
        return false;
    }
    const unsigned used = std::min(payload.get_byte_enable_length(), payload.get_data_length());
    return std::find(enables, enables + used, TLM_BYTE_DISABLED) != enables + used;
}

} // namespace systolica
