// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Generic payloads from a pool, with the TLM-2.0 memory-manager protocol: acquire() hands out a payload with a
// reference count of one; the last release() brings it back here. The pool owns every payload it ever made.
// Payloads of a timing-only run share one dummy buffer for their data.
#pragma once

#include <cstdlib>
#include <deque>
#include <memory>
#include <new>
#include <vector>

#include <tlm>

namespace systolica {

class PayloadPool : public tlm::tlm_mm_interface {
public:
    explicit PayloadPool(std::size_t largest_bytes)
        : largest_bytes_(largest_bytes), dummy_(static_cast<unsigned char*>(std::calloc(largest_bytes, 1))) {
        if (dummy_ == nullptr && largest_bytes != 0) {
            throw std::bad_alloc();
        }
    }
    PayloadPool(const PayloadPool&) = delete;
    PayloadPool& operator=(const PayloadPool&) = delete;

    // A read or write of `bytes` at `address`, data in the shared dummy buffer, reference count one.
    tlm::tlm_generic_payload& acquire(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes) {
        if (idle_.empty()) {
            all_.emplace_back(this);
            idle_.push_back(&all_.back());
        }
        tlm::tlm_generic_payload& payload = *idle_.back();
        idle_.pop_back();
        sc_assert(bytes <= largest_bytes_);
        payload.acquire();
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(dummy_.get());
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        payload.set_byte_enable_ptr(nullptr);
        payload.set_dmi_allowed(false);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        ++acquired_;
        return payload;
    }

    void free(tlm::tlm_generic_payload* payload) override {
        payload->reset(); // drops auto extensions
        idle_.push_back(payload);
    }

    std::uint64_t acquired() const { return acquired_; }
    std::size_t in_use() const { return all_.size() - idle_.size(); }

private:
    std::deque<tlm::tlm_generic_payload> all_;
    std::vector<tlm::tlm_generic_payload*> idle_;
    struct Free {
        void operator()(unsigned char* bytes) const { std::free(bytes); }
    };
    [[maybe_unused]] const std::size_t largest_bytes_;
    std::unique_ptr<unsigned char, Free> dummy_; // calloc: what nobody touches takes no memory, however large
    std::uint64_t acquired_ = 0;
};

} // namespace systolica
