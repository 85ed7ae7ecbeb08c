// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The unit's end of a command socket. A command is a TLM write whose data are the 128 bytes of the record. The unit
// holds up to `depth` commands, with a Job of its own beside each; while it is full, END_REQ of the next command is
// withheld. Commands retire in order: BEGIN_RESP, to be completed by the sequencer at once.
// All calls carry zero delay. retire() calls the backward path, so it belongs in a process, not in the forward call.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include <tlm>

#include "machine/commands/record.h"

namespace systolica {

template <class Job>
class CommandInbox {
public:
    struct Entry {
        Command command;
        Job job;
        tlm::tlm_generic_payload* payload = nullptr;
    };

    CommandInbox(Opcode opcode, std::uint32_t operations, unsigned depth)
        : opcode_(opcode), operations_(operations), entries_(depth) {}

    std::size_t size() const { return held_; }
    bool empty() const { return held_ == 0; }
    Entry& operator[](std::size_t age) { return entries_[slot(age)]; } // 0 is the oldest
    Entry& front() { return entries_[first_]; }
    const Entry& front() const { return entries_[first_]; }

    // Entries stay where they are while held: a slot names one for as long.
    std::size_t slot(std::size_t age) const { return (first_ + age) % entries_.size(); }
    Entry& at_slot(std::size_t slot) { return entries_[slot]; }

    // The forward call. A record that this unit cannot execute is completed with an error.
    tlm::tlm_sync_enum offer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                             [[maybe_unused]] const sc_core::sc_time& delay) {
        sc_assert(delay == sc_core::SC_ZERO_TIME);
        if (phase != tlm::BEGIN_REQ) {
            return tlm::TLM_ACCEPTED; // END_RESP of an initiator that sends one all the same
        }
        sc_assert(withheld_ == nullptr); // request exclusion rule
        if (!valid(payload)) {
            return tlm::TLM_COMPLETED;
        }
        if (payload.has_mm()) {
            payload.acquire();
        }
        if (held_ == entries_.size()) {
            withheld_ = &payload;
            return tlm::TLM_ACCEPTED;
        }
        admit(payload);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    // Answers the oldest command and takes in the withheld one. True: there is a new command.
    template <class Socket>
    bool retire(Socket& socket) {
        tlm::tlm_generic_payload& payload = *entries_[first_].payload;
        first_ = (first_ + 1) % entries_.size();
        --held_;
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time zero;
        socket->nb_transport_bw(payload, phase, zero);
        release(payload);
        if (withheld_ == nullptr) {
            return false;
        }
        tlm::tlm_generic_payload& next = *withheld_;
        withheld_ = nullptr;
        admit(next);
        phase = tlm::END_REQ;
        zero = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(next, phase, zero);
        return true;
    }

private:
    bool valid(tlm::tlm_generic_payload& payload) {
        if (payload.get_command() != tlm::TLM_WRITE_COMMAND) {
            payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
            return false;
        }
        if (payload.get_data_length() != kRecordBytes) {
            payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
            return false;
        }
        try {
            incoming_ = decode(payload.get_data_ptr());
        } catch (const std::invalid_argument&) {
            payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
            return false;
        }
        if (incoming_.opcode != opcode_ || incoming_.operation >= operations_) {
            payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
            return false;
        }
        return true;
    }

    // The payload is the one decoded last: at most one is withheld, and nothing is offered meanwhile.
    void admit(tlm::tlm_generic_payload& payload) {
        Entry& entry = entries_[slot(held_)];
        entry.command = incoming_;
        entry.job = Job{};
        entry.payload = &payload;
        ++held_;
    }

    static void release(tlm::tlm_generic_payload& payload) {
        if (payload.has_mm()) {
            payload.release();
        }
    }

    Opcode opcode_;
    std::uint32_t operations_;
    std::vector<Entry> entries_;
    std::size_t first_ = 0;
    std::size_t held_ = 0;
    Command incoming_;
    tlm::tlm_generic_payload* withheld_ = nullptr;
};

} // namespace systolica
