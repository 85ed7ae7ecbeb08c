// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The two ends of what carries messages between chips: where they leave, handed to the next block when they have
// arrived, and where they came in, which is told when they have been taken. Both keep the exclusion rules of the
// TLM-2.0 base protocol: one request without END_REQ, one response without END_RESP.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include <tlm>

namespace systolica {

constexpr std::uint64_t kNoLinkWork = ~std::uint64_t{0};

struct LinkMessage {
    tlm::tlm_generic_payload* payload = nullptr;
    std::uint64_t at_ps = 0;
};

class LinkExit {
public:
    using Payload = tlm::tlm_generic_payload;
    using Forward = std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;
    using Taken = std::function<void(Payload&, std::uint64_t at_ps)>;

    LinkExit(Forward forward, Taken taken) : forward_(std::move(forward)), taken_(std::move(taken)) {}

    // Messages arrive in the order in which they are added.
    void add(Payload& payload, std::uint64_t arrival_ps) { landing_.push_back({&payload, arrival_ps}); }

    std::uint64_t deliver(std::uint64_t now_ps); // what has arrived; returns when to come again
    tlm::tlm_sync_enum backward(Payload& payload, tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                                std::uint64_t now_ps);

private:
    Forward forward_;
    Taken taken_;
    std::deque<LinkMessage> landing_;
    Payload* requested_ = nullptr; // waits for END_REQ
};

class LinkEntry {
public:
    using Payload = tlm::tlm_generic_payload;
    using Backward = std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

    explicit LinkEntry(Backward backward) : backward_(std::move(backward)) {}

    void respond(Payload& payload, std::uint64_t at_ps) { waiting_.push_back({&payload, at_ps}); }
    std::uint64_t send(std::uint64_t now_ps); // what is due; returns when to come again
    bool end(const Payload& payload);         // END_RESP

private:
    Backward backward_;
    std::deque<LinkMessage> waiting_;
    Payload* responded_ = nullptr; // waits for END_RESP
};

} // namespace systolica
