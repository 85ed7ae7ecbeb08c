// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/exchange/memory_mover.h"

namespace systolica {

namespace {

Dma::Params dma_params(const MemoryMover::Params& params) {
    constexpr std::uint32_t kRows = 1; // bytes are counted in one sum
    return {params.dma, params.clock, params.interleave_bytes, kRows, params.lt};
}

} // namespace

MemoryMover::MemoryMover(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name), params_(params), dma_("dma", dma_params(params)) {
    dma_.mem_out.bind(mem_out);
    command_out_[0].bind(dma_.load_in);
    command_out_[1].bind(dma_.store_in);
    for (int direction = 0; direction < 2; ++direction) {
        command_out_[static_cast<std::size_t>(direction)].register_nb_transport_bw(this, &MemoryMover::take_answer,
                                                                                   direction);
    }
    for (std::size_t pad = 0; pad < kPads; ++pad) {
        buffer_in_[pad].register_b_transport(this, &MemoryMover::buffer_access, static_cast<int>(pad));
        dma_.pad_out[pad].bind(buffer_in_[pad]);
    }
    SC_HAS_PROCESS(MemoryMover);
    SC_METHOD(send_commands);
    sensitive << wake_;
    dont_initialize();
}

void MemoryMover::add(Opcode opcode, std::uint32_t job, const std::vector<MemoryPiece>& pieces, Direction& direction) {
    for (const MemoryPiece& piece : pieces) {
        Step step;
        step.command.opcode = opcode;
        step.command.dma.memory_address = piece.address;
        step.command.dma.run_bytes = static_cast<std::uint32_t>(piece.bytes);
        step.command.dma.pad_bytes = step.command.dma.run_bytes;
        step.job = job;
        direction.waiting.push_back(step);
    }
    direction.waiting.back().last = true;
    wake_.notify(sc_core::SC_ZERO_TIME);
}

void MemoryMover::load(std::uint32_t job, const std::vector<MemoryPiece>& pieces) {
    add(Opcode::load, job, pieces, directions_[0]);
}

void MemoryMover::store(std::uint32_t job, const std::vector<MemoryPiece>& pieces) {
    add(Opcode::store, job, pieces, directions_[1]);
}

void MemoryMover::send_commands() {
    for (std::size_t i = 0; i < directions_.size(); ++i) {
        Direction& direction = directions_[i];
        while (!direction.open && !direction.waiting.empty()) {
            direction.under_way.push_back(std::move(direction.waiting.front()));
            direction.waiting.pop_front();
            CommandPayload& payload = commands_.acquire(direction.under_way.back().command, sequence_++);
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            const tlm::tlm_sync_enum answer = command_out_[i]->nb_transport_fw(payload, phase, delay);
            sc_assert(answer != tlm::TLM_COMPLETED); // an error: the commands are our own
            direction.open = answer == tlm::TLM_ACCEPTED;
        }
    }
}

tlm::tlm_sync_enum MemoryMover::take_answer(int direction, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& /*delay*/) {
    if (phase == tlm::END_REQ) {
        directions_[static_cast<std::size_t>(direction)].open = false;
        wake_.notify(sc_core::SC_ZERO_TIME);
        return tlm::TLM_ACCEPTED;
    }
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    retire(direction);
    payload.release();
    return tlm::TLM_COMPLETED;
}

void MemoryMover::retire(int direction) {
    std::deque<Step>& under_way = directions_[static_cast<std::size_t>(direction)].under_way;
    const std::uint32_t job = under_way.front().job;
    const bool last = under_way.front().last;
    under_way.pop_front();
    if (last) {
        (direction == 0 ? params_.loaded : params_.stored)(job);
    }
}

void MemoryMover::buffer_access(int /*pad*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& /*delay*/) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace systolica
