// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Accesses to a scratchpad: b_transport of a payload whose length is the bytes moved; the annotated delay is the time
// until the last byte has passed. A payload with a StreamExtension spreads its bytes over that many cycles, without
// one it is a burst. A target may ignore the extension: it loses only the spreading.
// Timing only: the data pointer stands for no storage, and a stream may be longer than the pad (operands pass again).
#pragma once

#include <algorithm>
#include <cstdint>

#include <tlm>

namespace systolica {

struct StreamExtension : tlm::tlm_extension<StreamExtension> {
    std::uint64_t cycles = 0;

    tlm::tlm_extension_base* clone() const override {
        return new StreamExtension(*this);
    } // the clone's payload owns it
    void copy_from(const tlm::tlm_extension_base& other) override {
        cycles = static_cast<const StreamExtension&>(other).cycles;
    }
    void free() override {} // a member of PadAccess
};

// One initiator's payload for its pad accesses; b_transport returns before the next one starts.
class PadAccess {
public:
    PadAccess() {
        payload_.set_data_ptr(&no_data_);
        payload_.set_byte_enable_ptr(nullptr);
    }
    ~PadAccess() { payload_.clear_extension(&stream_); }
    PadAccess(const PadAccess&) = delete;
    PadAccess& operator=(const PadAccess&) = delete;

    // Both take the delay at which the access starts and return the one at which it has ended.
    template <class Socket>
    sc_core::sc_time burst(Socket& socket, tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes,
                           sc_core::sc_time delay) {
        payload_.clear_extension(&stream_);
        return transport(socket, command, address, bytes, delay);
    }
    template <class Socket>
    sc_core::sc_time stream(Socket& socket, tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes,
                            std::uint64_t cycles) {
        stream_.cycles = cycles;
        payload_.set_extension(&stream_);
        sc_core::sc_time end;
        // A length has 32 bits; streams of one source add up, so pieces of equal duration are the same demand.
        for (std::uint64_t left = bytes; left > 0;) {
            const std::uint32_t piece = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kLargestPiece));
            end = transport(socket, command, address, piece, sc_core::SC_ZERO_TIME);
            left -= piece;
        }
        return end;
    }

private:
    static constexpr std::uint32_t kLargestPiece = 1U << 31;

    template <class Socket>
    sc_core::sc_time transport(Socket& socket, tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes,
                               sc_core::sc_time delay) {
        payload_.set_command(command);
        payload_.set_address(address);
        payload_.set_data_length(bytes);
        payload_.set_streaming_width(bytes);
        payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        socket->b_transport(payload_, delay);
        if (payload_.is_response_error()) {
            SC_REPORT_ERROR("/scratchpad/response", payload_.get_response_string().c_str());
        }
        return delay;
    }

    tlm::tlm_generic_payload payload_;
    StreamExtension stream_;
    unsigned char no_data_ = 0;
};

} // namespace systolica
