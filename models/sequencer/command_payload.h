// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Command payloads: TLM writes whose data is the payload's own 128-byte record, from a pool with a memory manager.
#pragma once

#include <deque>
#include <vector>

#include <tlm>

#include "machine/commands/record.h"

namespace systolica {

class CommandPayload : public tlm::tlm_generic_payload {
public:
    explicit CommandPayload(tlm::tlm_mm_interface* pool) : tlm::tlm_generic_payload(pool) {}

    Record record{};
    // What its retirement does; known to the sequencer alone.
    std::array<Token, kTokens> given_back{};
    std::uint64_t sequence = 0; // in its queue
    std::uint32_t operation = 0;
    std::uint32_t post = 0;
    bool staged = false;
};

class CommandPool : public tlm::tlm_mm_interface {
public:
    CommandPool() = default;
    CommandPool(const CommandPool&) = delete;
    CommandPool& operator=(const CommandPool&) = delete;

    // Reference count one.
    CommandPayload& acquire(const Command& command, std::uint64_t sequence) {
        if (idle_.empty()) {
            all_.emplace_back(this);
            idle_.push_back(&all_.back());
        }
        CommandPayload& payload = *idle_.back();
        idle_.pop_back();
        payload.acquire();
        encode(command, payload.record.data());
        payload.given_back = command.release;
        payload.sequence = sequence;
        payload.operation = command.operation;
        payload.post = command.post;
        payload.staged = command.opcode == Opcode::vector && command.vector.stages[0].kernel != VectorKernel::none;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(0);
        payload.set_data_ptr(payload.record.data());
        payload.set_data_length(kRecordBytes);
        payload.set_streaming_width(kRecordBytes);
        payload.set_byte_enable_ptr(nullptr);
        payload.set_dmi_allowed(false);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return payload;
    }

    void free(tlm::tlm_generic_payload* payload) override {
        payload->reset();
        idle_.push_back(static_cast<CommandPayload*>(payload));
    }

    std::size_t in_use() const { return all_.size() - idle_.size(); }

private:
    std::deque<CommandPayload> all_;
    std::vector<CommandPayload*> idle_;
};

} // namespace systolica
