// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/pe_array/pe_array.h"

#include <algorithm>

namespace systolica {

PeArray::PeArray(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      edges_(params.clock),
      inbox_(Opcode::matrix, params.operations, params.queue_depth),
      pipeline_(params.config),
      counts_(params.operations) {
    cmd_in.register_nb_transport_fw(this, &PeArray::accept);
    SC_HAS_PROCESS(PeArray);
    SC_METHOD(run_commands);
    sensitive << change_event_;
    dont_initialize();
}

tlm::tlm_sync_enum PeArray::accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const tlm::tlm_sync_enum answer = inbox_.offer(payload, phase, delay);
    if (answer == tlm::TLM_UPDATED) {
        change_event_.notify(sc_core::SC_ZERO_TIME);
    }
    return answer;
}

void PeArray::run_commands() {
    const std::uint64_t now = edges_.cycle();
    note_arrivals(now);
    start_commands(now);
    show_state(now);
    while (started_ > 0 && inbox_.front().job.slot.end <= now) {
        --started_;
        inbox_.retire(cmd_in);
        note_arrivals(now);
        start_commands(now);
    }
    show_state(now);
    const std::uint64_t next = next_change(now);
    if (next > now) {
        change_event_.notify(edges_.until(next));
    }
}

void PeArray::note_arrivals(std::uint64_t now) {
    for (std::size_t age = inbox_.size(); age > started_ && !inbox_[age - 1].job.seen; --age) {
        inbox_[age - 1].job.seen = true;
        inbox_[age - 1].job.arrival = now;
    }
}

void PeArray::start_commands(std::uint64_t now) {
    while (started_ < inbox_.size() && entry_begin(inbox_[started_]) <= now) {
        start(inbox_[started_], now);
        ++started_;
    }
}

// When the operands of the next command begin to enter behind those of the last one. Its stationary operand may have
// been loaded before that, behind the last one's stream.
std::uint64_t PeArray::entry_begin(Inbox::Entry& entry) {
    return std::max(pipeline_.earliest_start(entry.job.arrival, entry.command.matrix), last_entry_end_);
}

// The pads are asked now, at the begin of the streams, so that they see all accesses in the order of time.
void PeArray::start(Inbox::Entry& entry, std::uint64_t now) {
    const MatrixArguments& work = entry.command.matrix;
    const SramCounts counts = sram_counts(params_.config, work.m, work.n, work.k, work.groups, work.accumulate);
    ArrayPipeline undisturbed = pipeline_;
    const std::uint64_t entry_end = undisturbed.schedule(entry.job.arrival, work).entry_end;
    const std::uint64_t cycles = std::max(entry_end, now) - now;
    const std::uint64_t stall = reserve_pads(work, counts, cycles) - cycles;

    entry.job.slot = pipeline_.schedule(entry.job.arrival, work, stall);
    entry.job.stall_cycles = stall;
    last_entry_end_ = entry.job.slot.entry_end;
    counts_[entry.command.operation] += counts;
    ++commands_;
    working_cycles_ += entry.job.slot.working_to - entry.job.slot.working_from - stall;
    stall_cycles_ += stall;
}

// The cycles that the slowest pad needs.
std::uint64_t PeArray::reserve_pads(const MatrixArguments& work, const SramCounts& counts, std::uint64_t cycles) {
    const std::uint64_t now = edges_.cycle();
    std::uint64_t worst = cycles;
    const auto stream = [&](Pad pad, tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes) {
        if (bytes > 0) {
            const sc_core::sc_time end =
                pads_.stream(pad_out[static_cast<std::size_t>(pad)], command, address, bytes, cycles);
            worst = std::max(worst, edges_.cycle_after(end) - now);
        }
    };
    const Precision& precision = params_.precision;
    const std::uint64_t sum_bytes = precision.accumulator_bytes();
    stream(Pad::ifmap, tlm::TLM_READ_COMMAND, work.ifmap_address, counts.ifmap_reads * precision.activation_bits / 8);
    stream(Pad::filter, tlm::TLM_READ_COMMAND, work.filter_address, counts.filter_reads * precision.weight_bits / 8);
    stream(Pad::ofmap, tlm::TLM_READ_COMMAND, work.ofmap_address, counts.ofmap_reads * sum_bytes);
    stream(Pad::ofmap, tlm::TLM_WRITE_COMMAND, work.ofmap_address, counts.ofmap_writes * sum_bytes);
    return worst;
}

// Working intervals of commands are disjoint; a stall lies at the front of its command's.
void PeArray::show_state(std::uint64_t now) {
    UnitState state = UnitState::idle;
    for (std::size_t age = 0; age < started_; ++age) {
        const Job& job = inbox_[age].job;
        if (job.slot.working_from <= now && now < job.slot.working_to) {
            state = now < job.slot.working_from + job.stall_cycles ? UnitState::scratchpad_stall : UnitState::working;
            operation_wave_.set(now_ps(), inbox_[age].command.operation);
        }
    }
    busy_wave_.set(now_ps(), state != UnitState::idle);
    state_wave_.set(now_ps(), static_cast<std::uint64_t>(state));
    if (state == state_) {
        return;
    }
    state_ = state;
    if (params_.monitor != nullptr) {
        params_.monitor->unit_state(Queue::matrix, state);
    }
}

// `now` when nothing is to come.
std::uint64_t PeArray::next_change(std::uint64_t now) {
    std::uint64_t next = 0;
    const auto consider = [&](std::uint64_t cycle) {
        if (cycle > now && (next == 0 || cycle < next)) {
            next = cycle;
        }
    };
    for (std::size_t age = 0; age < started_; ++age) {
        const Job& job = inbox_[age].job;
        consider(job.slot.working_from);
        if (job.stall_cycles > 0) {
            consider(job.slot.working_from + job.stall_cycles);
        }
        consider(job.slot.working_to);
        consider(job.slot.end);
    }
    if (started_ < inbox_.size()) {
        consider(entry_begin(inbox_[started_]));
    }
    return next == 0 ? now : next;
}

void PeArray::add_waves(const WaveScope& scope) {
    busy_wave_ = scope.add("busy");
    state_wave_ = scope.add("state", 2); // UnitState
    operation_wave_ = scope.add("operation", 32);
}

void PeArray::report(Statistics& statistics) const {
    SramCounts total;
    for (const SramCounts& counts : counts_) {
        total += counts;
    }
    statistics.set("commands", commands_, "commands");
    statistics.set("working_cycles", working_cycles_, "cycles");
    statistics.set("stall_cycles", stall_cycles_, "cycles");
    statistics.set("ifmap_reads", total.ifmap_reads, "elements");
    statistics.set("filter_reads", total.filter_reads, "elements");
    statistics.set("ofmap_writes", total.ofmap_writes, "elements");
    statistics.set("ofmap_reads", total.ofmap_reads, "elements");
}

} // namespace systolica
