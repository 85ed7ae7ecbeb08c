// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A sequencer for tests of one unit: offers commands at given cycles through a command socket, in order, and notes
// when each is accepted and when it retires. Clock: 1 GHz, so a cycle is 1 ns.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "machine/commands/record.h"
#include "models/tile/unit_monitor.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

namespace systolica::unit_test {

inline std::uint64_t now_cycle() {
    return sc_core::sc_time_stamp().value() / 1000;
}

inline sc_core::sc_time cycles(std::uint64_t count) {
    return sc_core::sc_time(static_cast<double>(count), sc_core::SC_NS);
}

class CommandDriver : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket<CommandDriver> cmd_out{"cmd_out"};

    explicit CommandDriver(const sc_core::sc_module_name& name) : sc_module(name) {
        cmd_out.register_nb_transport_bw(this, &CommandDriver::answered);
        SC_HAS_PROCESS(CommandDriver);
        SC_METHOD(offer);
        sensitive << next_;
    }

    void add(std::uint64_t cycle, const Command& command) {
        items_.emplace_back();
        Item& item = items_.back();
        item.cycle = cycle;
        item.record = encode(command);
        item.payload.set_command(tlm::TLM_WRITE_COMMAND);
        item.payload.set_data_ptr(item.record.data());
        item.payload.set_data_length(static_cast<unsigned>(item.record.size()));
        item.payload.set_streaming_width(static_cast<unsigned>(item.record.size()));
    }

    std::vector<std::uint64_t> accepted; // cycle of each, in order
    std::vector<std::uint64_t> retired;
    std::vector<tlm::tlm_response_status> refused; // commands that the unit cannot execute

private:
    struct Item {
        std::uint64_t cycle = 0;
        Record record{};
        tlm::tlm_generic_payload payload;
    };

    void offer() {
        while (!waiting_ && offered_ < items_.size()) {
            Item& item = items_[offered_];
            if (item.cycle > now_cycle()) {
                next_.notify(cycles(item.cycle - now_cycle()));
                return;
            }
            ++offered_;
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            const tlm::tlm_sync_enum answer = cmd_out->nb_transport_fw(item.payload, phase, delay);
            if (answer == tlm::TLM_COMPLETED) {
                refused.push_back(item.payload.get_response_status());
            } else if (answer == tlm::TLM_UPDATED) {
                sc_assert(phase == tlm::END_REQ && delay == sc_core::SC_ZERO_TIME);
                accepted.push_back(now_cycle());
            } else {
                waiting_ = true;
            }
        }
    }

    tlm::tlm_sync_enum answered([[maybe_unused]] tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                [[maybe_unused]] sc_core::sc_time& delay) {
        sc_assert(delay == sc_core::SC_ZERO_TIME);
        if (phase == tlm::END_REQ) {
            sc_assert(waiting_ && &payload == &items_[offered_ - 1].payload);
            waiting_ = false;
            accepted.push_back(now_cycle());
            next_.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_ACCEPTED;
        }
        sc_assert(phase == tlm::BEGIN_RESP && payload.is_response_ok());
        sc_assert(sc_core::sc_time_stamp().value() % 1000 == 0); // on an edge
        sc_assert(&payload == &items_[retired.size()].payload);  // in order
        retired.push_back(now_cycle());
        return tlm::TLM_COMPLETED;
    }

    std::deque<Item> items_; // payloads stay where they are
    std::size_t offered_ = 0;
    bool waiting_ = false;
    sc_core::sc_event next_;
};

// Notes what a unit tells its accounting.
class NotedMonitor : public UnitMonitor {
public:
    struct Change {
        std::uint64_t cycle;
        UnitState state;
        bool operator==(const Change& other) const { return cycle == other.cycle && state == other.state; }
    };
    struct Stage {
        std::uint64_t cycle;
        std::uint32_t operation;
        bool operator==(const Stage& other) const { return cycle == other.cycle && operation == other.operation; }
    };

    void unit_state(Queue, UnitState state) override { changes.push_back({now_cycle(), state}); }
    void stage_ended(std::uint32_t operation) override { stages.push_back({now_cycle(), operation}); }

    // Cycles spent in a state so far, if the last change was to idle.
    std::uint64_t cycles_in(UnitState state) const {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
            sum += changes[i].state == state ? changes[i + 1].cycle - changes[i].cycle : 0;
        }
        return sum;
    }

    std::vector<Change> changes;
    std::vector<Stage> stages;
};

} // namespace systolica::unit_test
