// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tile/accounting.h"

#include <string>

#include <systemc>

namespace systolica {

namespace {

constexpr SemaphoreMask kBroughtByLoads = semaphore_bit(Semaphore::ifmap_data) | semaphore_bit(Semaphore::filter_data) |
                                          semaphore_bit(Semaphore::operand_data);
constexpr SemaphoreMask kFreedByStores = semaphore_bit(Semaphore::result_space) | semaphore_bit(Semaphore::ofmap_space);

} // namespace

Accounting::Accounting(const Clock& clock, const CommandSource& source, Ledger& ledger)
    : clock_(clock), ledger_(ledger), work_to_go_(source.operations()) {
    std::vector<bool> works_for(work_to_go_.size());
    for (std::uint32_t operation = 0; operation < work_to_go_.size(); ++operation) {
        work_to_go_[operation] = source.commands(operation, Queue::matrix) + source.commands(operation, Queue::vector);
        works_for[operation] = work_to_go_[operation] != 0;
    }
    tile_ = ledger_.attach(*this, works_for);
}

void Accounting::unit_state(Queue unit, UnitState unit_state) {
    advance();
    (unit == Queue::matrix ? array_ : vector_unit_) = unit_state;
    changed();
}

void Accounting::stage_ended(std::uint32_t operation) {
    advance();
    work_done(operation);
}

void Accounting::head(Queue queue, HeadState head_state, SemaphoreMask lacking) {
    advance();
    of(queue).head = head_state;
    of(queue).lacking = lacking;
    changed();
}

void Accounting::issued(Queue queue, const Command& command) {
    advance();
    ++of(queue).in_flight;
    of(queue).lacking = 0;
    ledger_.issued(command.operation, now_);
    if (command.opcode == Opcode::vector) {
        for (const VectorStage& stage : command.vector.stages) {
            if (stage.kernel == VectorKernel::none) {
                break;
            }
            ledger_.issued(stage.operation, now_);
        }
    }
    changed();
}

void Accounting::retired(Queue queue, std::uint32_t operation, bool staged) {
    advance();
    --of(queue).in_flight;
    if (queue == Queue::matrix || (queue == Queue::vector && !staged)) {
        work_done(operation);
    } else {
        ledger_.done(operation, now_);
    }
    changed();
}

void Accounting::finished() {
    advance();
    ledger_.finished(tile_, now_);
    state_wave_.set(now_ps_, static_cast<std::uint64_t>(State::none));
}

void Accounting::work_done(std::uint32_t operation) {
    ledger_.done(operation, now_);
    if (work_to_go_[operation] == 0) {
        SC_REPORT_FATAL("/tile/accounting", ("operation " + std::to_string(operation) +
                                             " has more matrix and vector commands than its program declares")
                                                .c_str());
    }
    if (--work_to_go_[operation] == 0) {
        ledger_.ended(tile_, operation, now_);
    }
}

StateCycles Accounting::sample() {
    advance();
    return spent_;
}

void Accounting::advance() {
    const std::uint64_t ps = sc_core::sc_time_stamp().value();
    if (ps == now_ps_) {
        return;
    }
    const std::uint64_t cycle = clock_.edge_at_or_before(ps);
    const std::uint64_t passed = cycle - now_;
    now_ps_ = ps;
    now_ = cycle;
    switch (state()) {
    case State::none:
        break;
    case State::matrix:
        spent_.matrix += passed;
        break;
    case State::vector:
        spent_.vector += passed;
        break;
    case State::dependency:
        spent_.dependency += passed;
        break;
    case State::scratchpad:
        spent_.scratchpad += passed;
        break;
    case State::load:
        spent_.load += passed;
        break;
    case State::store:
        spent_.store += passed;
        break;
    }
}

Accounting::State Accounting::state() const {
    if (array_ == UnitState::working) {
        return State::matrix;
    }
    if (vector_unit_ == UnitState::working) {
        return State::vector;
    }
    return stall();
}

Accounting::State Accounting::stall() const {
    const SemaphoreMask lacking = of(Queue::matrix).lacking | of(Queue::vector).lacking;
    // A load queue that looks ahead may wait for an event while what is lacking now is under way: that is a load.
    const bool looks_ahead = (lacking & kBroughtByLoads) != 0 && of(Queue::load).in_flight != 0;
    for (const Queue queue : {Queue::load, Queue::matrix, Queue::vector, Queue::store}) {
        if (of(queue).head == HeadState::waiting_event && !(queue == Queue::load && looks_ahead)) {
            return State::dependency;
        }
    }
    if (array_ == UnitState::scratchpad_stall || vector_unit_ == UnitState::scratchpad_stall) {
        return State::scratchpad;
    }
    const QueueView& load = of(Queue::load);
    const QueueView& matrix = of(Queue::matrix);
    const QueueView& vector = of(Queue::vector);
    const QueueView& store = of(Queue::store);
    if ((lacking & kBroughtByLoads) != 0) {
        // With `serial` or full result rings the loads themselves may wait for a store.
        return load.in_flight == 0 && store.in_flight != 0 ? State::store : State::load;
    }
    if ((lacking & kFreedByStores) != 0) {
        return State::store;
    }
    const bool work_is_over = matrix.head == HeadState::ended && vector.head == HeadState::ended;
    const bool storing = store.in_flight != 0 || (work_is_over && store.head != HeadState::ended);
    const bool loading = load.in_flight != 0 || (work_is_over && load.head != HeadState::ended);
    if (loading && !(work_is_over && storing)) {
        return State::load;
    }
    return storing ? State::store : State::dependency;
}

void Accounting::changed() {
    if (state_wave_.traced()) {
        state_wave_.set(now_ps_, static_cast<std::uint64_t>(state()));
    }
}

void Accounting::add_waves(const WaveScope& scope) {
    state_wave_ = scope.add("state", 3);
}

} // namespace systolica
