// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The smallest tile around a sequencer: units that take a command, are busy for a number of cycles that the command
// itself states (matrix.m, vector.elements, dma.run_bytes), and answer. The clock is 1 GHz, so a cycle is 1000 ps.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "machine/commands/command_source.h"
#include "machine/commands/record.h"
#include "models/chip/ledger.h"
#include "models/sequencer/sequencer.h"
#include "models/tile/accounting.h"
#include "models/tile/sync_board.h"

namespace systolica::sequencer_test {

constexpr std::uint64_t kCyclePs = 1000;

inline Clock test_clock() {
    return Clock::from_mhz(1000);
}
inline std::uint64_t cycle_now() {
    return sc_core::sc_time_stamp().value() / kCyclePs;
}

// Commands from lists.
class ListSource : public CommandSource {
public:
    std::array<std::vector<Command>, kQueues> lists;
    std::array<std::uint32_t, kSemaphores> start{};
    std::uint32_t operation_count = 1;

    Command& add(Opcode opcode, std::uint32_t operation, std::uint32_t cycles) {
        Command command;
        command.opcode = opcode;
        command.operation = operation;
        command.dma.run_bytes = cycles;
        command.matrix.m = cycles;
        command.vector.elements = cycles;
        std::vector<Command>& list = lists[static_cast<std::size_t>(queue_of(opcode))];
        list.push_back(command);
        return list.back();
    }
    void start_with(Semaphore semaphore, std::uint32_t amount) { start[static_cast<std::size_t>(semaphore)] = amount; }

    bool next(Queue queue, Command& command) override {
        const auto which = static_cast<std::size_t>(queue);
        if (drawn_[which] == lists[which].size()) {
            return false;
        }
        command = lists[which][drawn_[which]++];
        return true;
    }
    std::array<std::uint32_t, kSemaphores> initial() const override { return start; }
    std::uint64_t commands(std::uint32_t operation, Queue queue) const override {
        std::uint64_t count = 0;
        for (const Command& command : lists[static_cast<std::size_t>(queue)]) {
            if (queue != Queue::vector || command.vector.stages[0].kernel == VectorKernel::none) {
                count += command.operation == operation ? 1 : 0;
                continue;
            }
            for (const VectorStage& stage : command.vector.stages) {
                count += stage.kernel != VectorKernel::none && stage.operation == operation ? 1 : 0;
            }
        }
        return count;
    }
    std::uint32_t operations() const override { return operation_count; }

private:
    std::array<std::size_t, kQueues> drawn_{};
};

// One command after the other. Vector stages share the cycles equally.
class TestUnit : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<TestUnit> cmd_in{"cmd_in"};
    UnitMonitor* monitor = nullptr;
    std::vector<std::uint64_t> taken_at;   // BEGIN_REQ
    std::vector<std::uint64_t> retired_at; // BEGIN_RESP

    TestUnit(const sc_core::sc_module_name& name, Queue queue, std::size_t depth)
        : sc_core::sc_module(name), queue_(queue), depth_(depth) {
        cmd_in.register_nb_transport_fw(this, &TestUnit::take);
        SC_HAS_PROCESS(TestUnit);
        SC_METHOD(work);
        sensitive << work_;
        dont_initialize();
    }

private:
    std::uint64_t cycles(const Command& command) const {
        switch (command.opcode) {
        case Opcode::matrix:
            return command.matrix.m;
        case Opcode::vector:
            return command.vector.elements;
        default:
            return command.dma.run_bytes;
        }
    }

    tlm::tlm_sync_enum take(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            [[maybe_unused]] sc_core::sc_time& delay) {
        sc_assert(phase == tlm::BEGIN_REQ && delay == sc_core::SC_ZERO_TIME && payload.is_write());
        sc_assert(payload.get_data_length() == kRecordBytes &&
                  queue_of(decode(payload.get_data_ptr()).opcode) == queue_);
        sc_assert(held_.size() <= depth_);
        payload.acquire();
        taken_at.push_back(cycle_now());
        held_.push_back(&payload);
        work_.notify(sc_core::SC_ZERO_TIME);
        if (held_.size() > depth_) {
            return tlm::TLM_ACCEPTED;
        }
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void work() {
        if (busy_ && cycle_now() < until_) {
            return step_stages();
        }
        while (busy_) {
            step_stages();
            finish();
            begin_next();
            if (busy_ && until_ > cycle_now()) {
                return;
            }
        }
        begin_next();
    }
    void begin_next() {
        if (busy_ || held_.empty()) {
            return;
        }
        current_ = decode(held_.front()->get_data_ptr());
        busy_ = true;
        next_stage_ = 0;
        begun_ = cycle_now();
        until_ = begun_ + cycles(current_);
        if (monitor != nullptr) {
            monitor->unit_state(queue_, UnitState::working);
        }
        notify_next();
    }
    std::size_t stages() const {
        std::size_t count = 0;
        while (current_.opcode == Opcode::vector && count < kVectorStages &&
               current_.vector.stages[count].kernel != VectorKernel::none) {
            ++count;
        }
        return count;
    }
    std::uint64_t stage_end(std::size_t stage) const { return begun_ + (until_ - begun_) * (stage + 1) / stages(); }
    void step_stages() {
        while (next_stage_ < stages() && stage_end(next_stage_) <= cycle_now()) {
            if (monitor != nullptr) {
                monitor->stage_ended(current_.vector.stages[next_stage_].operation);
            }
            ++next_stage_;
        }
        if (busy_ && cycle_now() < until_) {
            notify_next();
        }
    }
    void notify_next() {
        const std::uint64_t at = next_stage_ < stages() ? stage_end(next_stage_) : until_;
        work_.notify(sc_core::sc_time::from_value((at - cycle_now()) * kCyclePs));
    }
    void finish() {
        busy_ = false;
        if (monitor != nullptr) {
            monitor->unit_state(queue_, UnitState::idle);
        }
        tlm::tlm_generic_payload& payload = *held_.front();
        held_.pop_front();
        retired_at.push_back(cycle_now());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        [[maybe_unused]] const auto status = cmd_in->nb_transport_bw(payload, phase, delay);
        sc_assert(status == tlm::TLM_COMPLETED);
        payload.release();
        if (held_.size() >= depth_) {
            phase = tlm::END_REQ;
            cmd_in->nb_transport_bw(*held_.back(), phase, delay);
        }
    }

    const Queue queue_;
    const std::size_t depth_;
    std::deque<tlm::tlm_generic_payload*> held_;
    Command current_;
    bool busy_ = false;
    std::size_t next_stage_ = 0;
    std::uint64_t begun_ = 0;
    std::uint64_t until_ = 0;
    sc_core::sc_event work_;
};

// Sequencer, four test units and the accounting.
struct TestTile {
    TestTile(const std::string& name, unsigned index, ListSource& source, Ledger& ledger)
        : accounting(test_clock(), source, ledger),
          sequencer((name + "_sequencer").c_str(), Sequencer::Params{index, &source, &accounting}),
          load((name + "_load").c_str(), Queue::load, 4),
          matrix((name + "_matrix").c_str(), Queue::matrix, 2),
          vector((name + "_vector").c_str(), Queue::vector, 2),
          store((name + "_store").c_str(), Queue::store, 4) {
        sequencer.load_out.bind(load.cmd_in);
        sequencer.matrix_out.bind(matrix.cmd_in);
        sequencer.vector_out.bind(vector.cmd_in);
        sequencer.store_out.bind(store.cmd_in);
        matrix.monitor = &accounting;
        vector.monitor = &accounting;
    }
    TestUnit& unit(Queue queue) {
        return queue == Queue::load ? load : queue == Queue::matrix ? matrix : queue == Queue::vector ? vector : store;
    }

    Accounting accounting;
    Sequencer sequencer;
    TestUnit load, matrix, vector, store;
};

// Tiles on one sync board and one ledger; give every source before run().
struct TestChip {
    explicit TestChip(std::vector<ListSource*> sources)
        : ledger(sources.front()->operations()),
          board("board", SyncBoard::Params{static_cast<unsigned>(sources.size()), test_clock()}) {
        for (unsigned i = 0; i < sources.size(); ++i) {
            tiles.emplace_back("tile" + std::to_string(i), i, *sources[i], ledger);
            tiles.back().sequencer.sync_out.bind(board.tile_in[i]);
        }
    }
    void run() { sc_core::sc_start(); }

    Ledger ledger;
    SyncBoard board;
    std::deque<TestTile> tiles;
};

} // namespace systolica::sequencer_test
