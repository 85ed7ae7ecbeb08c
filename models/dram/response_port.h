// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The response side of an approximately timed target: responses in order of their times, one at a time (response
// exclusion rule), ended by the initiator in any legal form. A payload is held from acceptance to the end of its
// response.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>

namespace systolica {

// A queue of responses in order of time. Grows when it must, so that a steady state allocates nothing.
class ResponseQueue {
public:
    struct Response {
        tlm::tlm_generic_payload* payload = nullptr;
        std::uint64_t at_ps = 0;
        tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    };

    bool empty() const { return head_ == tail_; }
    std::size_t size() const { return tail_ - head_; }
    const Response& front() const { return at(head_); }
    void pop() { ++head_; }
    void push(Response response) { // never due before the one in front of it
        if (size() == ring_.size()) {
            grow();
        }
        if (!empty()) {
            response.at_ps = std::max(response.at_ps, at(tail_ - 1).at_ps);
        }
        ring_[tail_++ & (ring_.size() - 1)] = response;
    }

    template <typename Predicate>
    bool any(Predicate&& predicate) const {
        bool found = false;
        for (std::size_t i = head_; i != tail_ && !found; ++i) {
            found = predicate(at(i));
        }
        return found;
    }

private:
    const Response& at(std::size_t position) const { return ring_[position & (ring_.size() - 1)]; }
    void grow() {
        std::vector<Response> larger(ring_.size() * 2);
        for (std::size_t i = head_; i != tail_; ++i) {
            larger[i & (larger.size() - 1)] = at(i);
        }
        ring_.swap(larger);
    }

    std::vector<Response> ring_ = std::vector<Response>(64); // a power of two
    std::size_t head_ = 0, tail_ = 0;
};

// The response side of a target socket: BEGIN_RESP one at a time, END_RESP in any legal form.
class ResponsePort {
public:
    using BackwardPath = tlm::tlm_bw_transport_if<>;

    bool ready(std::uint64_t now_ps) const { return open_ == nullptr && free_at_ps_ <= now_ps; }
    bool open() const { return open_ != nullptr; } // waits for END_RESP
    bool waits_for(const tlm::tlm_generic_payload& payload) const { return open_ == &payload; }
    std::uint64_t free_at_ps() const { return free_at_ps_; }

    // Sends BEGIN_RESP now; releases the payload if the initiator completes it at once. False: an answer that is not
    // legal, `answered` says which phase came with it; the response still waits for its END_RESP, unless it has come.
    bool send(BackwardPath& path, const ResponseQueue::Response& response, std::uint64_t now_ps,
              tlm::tlm_phase& answered) {
        tlm::tlm_generic_payload& payload = *response.payload;
        payload.set_response_status(response.status);
        answered = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        open_ = &payload;
        const tlm::tlm_sync_enum answer = path.nb_transport_bw(payload, answered, delay);
        if (answer == tlm::TLM_ACCEPTED) {
            return true;
        }
        const bool ended = answer == tlm::TLM_COMPLETED || answered == tlm::END_RESP;
        if (!ended || open_ == nullptr) {
            return false;
        }
        end(payload, now_ps + delay.value());
        return true;
    }
    // The initiator has ended the response, as of at_ps.
    void end(tlm::tlm_generic_payload& payload, std::uint64_t at_ps) {
        open_ = nullptr;
        free_at_ps_ = at_ps;
        payload.release();
    }

private:
    const tlm::tlm_generic_payload* open_ = nullptr;
    std::uint64_t free_at_ps_ = 0;
};

} // namespace systolica
