// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/vector_unit/vector_unit.h"

#include <algorithm>

#include "machine/vector_unit/vector_timing.h"

namespace systolica {

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      edges_(params.clock),
      inbox_(Opcode::vector, params.operations, params.queue_depth) {
    cmd_in.register_nb_transport_fw(this, &VectorUnit::accept);
    SC_HAS_PROCESS(VectorUnit);
    SC_METHOD(run_commands);
    sensitive << change_event_;
    dont_initialize();
}

tlm::tlm_sync_enum VectorUnit::accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay) {
    const bool was_idle = inbox_.empty();
    const tlm::tlm_sync_enum answer = inbox_.offer(payload, phase, delay);
    if (was_idle && answer == tlm::TLM_UPDATED) {
        change_event_.notify(sc_core::SC_ZERO_TIME);
    }
    return answer;
}

void VectorUnit::run_commands() {
    const std::uint64_t now = edges_.cycle();
    while (!inbox_.empty()) {
        Inbox::Entry& entry = inbox_.front();
        if (!entry.job.started) {
            start(entry, now);
        }
        end_stages(entry, now);
        if (entry.job.end > now) {
            break;
        }
        inbox_.retire(cmd_in);
    }
    show_state(now);
    if (!inbox_.empty()) {
        const Job& job = inbox_.front().job;
        const std::uint64_t stage = job.stages_ended < job.stages ? job.stage_end[job.stages_ended] : job.end;
        change_event_.notify(edges_.until(job.stall_end > now ? job.stall_end : stage));
    }
}

void VectorUnit::start(Inbox::Entry& entry, std::uint64_t now) {
    const VectorArguments& work = entry.command.vector;
    Job& job = entry.job;
    const std::uint64_t cycles = vector_cycles(params_.config, work);
    const std::uint64_t stall = reserve_pads(work, cycles, now) - cycles;
    job.started = true;
    job.stall_end = now + stall;
    job.end = job.stall_end + cycles;
    // The start-up is part of the first stage.
    std::uint64_t end = cycles == 0 ? job.end : job.stall_end + params_.config.startup_cycles;
    for (const VectorStage& stage : work.stages) {
        if (stage.kernel == VectorKernel::none) {
            break;
        }
        end += vector_stage_cycles(params_.config, stage.kernel, stage.taps, work.elements);
        job.stage_end[job.stages++] = end;
        elements_ += work.elements;
    }
    ++commands_;
    working_cycles_ += cycles;
    stall_cycles_ += stall;
    operation_wave_.set(now_ps(), entry.command.operation);
}

// The cycles that the slowest pad needs.
std::uint64_t VectorUnit::reserve_pads(const VectorArguments& work, std::uint64_t cycles, std::uint64_t now) {
    std::uint64_t worst = cycles;
    const auto stream = [&](Pad pad, tlm::tlm_command command, std::uint64_t bytes) {
        if (bytes > 0) {
            const sc_core::sc_time end =
                pads_.stream(pad_out[static_cast<std::size_t>(pad)], command, 0, bytes, cycles);
            worst = std::max(worst, edges_.cycle_after(end) - now);
        }
    };
    stream(Pad::ofmap, tlm::TLM_READ_COMMAND, work.ofmap_read_bytes);
    stream(Pad::vector, tlm::TLM_READ_COMMAND, work.vector_read_bytes);
    stream(Pad::ifmap, tlm::TLM_READ_COMMAND, work.ifmap_read_bytes);
    stream(Pad::vector, tlm::TLM_WRITE_COMMAND, work.vector_write_bytes);
    stream(Pad::ifmap, tlm::TLM_WRITE_COMMAND, work.ifmap_write_bytes);
    return worst;
}

void VectorUnit::end_stages(Inbox::Entry& entry, std::uint64_t now) {
    Job& job = entry.job;
    while (job.stages_ended < job.stages && job.stage_end[job.stages_ended] <= now) {
        if (params_.monitor != nullptr) {
            params_.monitor->stage_ended(entry.command.vector.stages[job.stages_ended].operation);
        }
        ++job.stages_ended;
    }
}

void VectorUnit::show_state(std::uint64_t now) {
    UnitState state = UnitState::idle;
    if (!inbox_.empty()) {
        state = now < inbox_.front().job.stall_end ? UnitState::scratchpad_stall : UnitState::working;
    }
    busy_wave_.set(now_ps(), state != UnitState::idle);
    state_wave_.set(now_ps(), static_cast<std::uint64_t>(state));
    if (state == state_) {
        return;
    }
    state_ = state;
    if (params_.monitor != nullptr) {
        params_.monitor->unit_state(Queue::vector, state);
    }
}

void VectorUnit::add_waves(const WaveScope& scope) {
    busy_wave_ = scope.add("busy");
    state_wave_ = scope.add("state", 2); // UnitState
    operation_wave_ = scope.add("operation", 32);
}

void VectorUnit::report(Statistics& statistics) const {
    statistics.set("commands", commands_, "commands");
    statistics.set("stage_elements", elements_, "elements");
    statistics.set("working_cycles", working_cycles_, "cycles");
    statistics.set("stall_cycles", stall_cycles_, "cycles");
}

} // namespace systolica
