// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The vector unit of a tile: takes vector commands in order and runs the stages of each one after another, at the cost
// of machine/vector_unit. Operands and results are streams to the pads over the whole command; the slowest pad
// stretches it, which shows as a stall at its front. Approximately timed: an event a stage end, none an element.
// Not modelled: data (timing only), overlap of the start-up of one command with the end of the one before.
#pragma once

#include <array>
#include <vector>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/scratchpad/config.h"
#include "machine/vector_unit/config.h"
#include "models/tile/unit_monitor.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/command_inbox.h"
#include "models/tlm/pad_access.h"
#include "models/tlm/timed_event.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace systolica {

class VectorUnit : public sc_core::sc_module {
public:
    struct Params {
        VectorUnitConfig config;
        Clock clock;
        std::uint32_t operations = 1;   // of the plan
        UnitMonitor* monitor = nullptr; // may be null
        unsigned queue_depth = 2;
    };

    tlm_utils::passthrough_target_socket<VectorUnit> cmd_in{"cmd_in"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<VectorUnit>> pad_out{"pad_out", kPads}; // by Pad

    VectorUnit(const sc_core::sc_module_name& name, const Params& params);

    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    struct Job {
        bool started = false;
        std::uint64_t stall_end = 0;
        std::array<std::uint64_t, kVectorStages> stage_end{};
        std::size_t stages = 0;
        std::size_t stages_ended = 0;
        std::uint64_t end = 0;
    };
    using Inbox = CommandInbox<Job>;

    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void run_commands(); // the process: starts, ends stages, retires, sleeps until the next change
    void start(Inbox::Entry& entry, std::uint64_t now);
    std::uint64_t reserve_pads(const VectorArguments& work, std::uint64_t cycles, std::uint64_t now);
    void end_stages(Inbox::Entry& entry, std::uint64_t now);
    void show_state(std::uint64_t now);

    const Params params_;
    const ClockEdges edges_;
    Inbox inbox_;
    PadAccess pads_;
    UnitState state_ = UnitState::idle;
    TimedEvent change_event_;

    std::uint64_t commands_ = 0;
    std::uint64_t elements_ = 0; // results, each counted once a stage
    std::uint64_t working_cycles_ = 0;
    std::uint64_t stall_cycles_ = 0;
    Wave busy_wave_, state_wave_, operation_wave_;
};

} // namespace systolica
