// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The systolic array of a tile: takes matrix commands in order and runs them by the fold timing of machine/pe_array,
// the next command entering while the last one drains. The operands and sums of a command are streams to the pads;
// the pad that is slowest stretches it. Approximately timed: an event a command start and end, none a fold.
// Not modelled: data (timing only), the unloading of os accumulators beyond their scratchpad writes.
#pragma once

#include <vector>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/pe_array/array_pipeline.h"
#include "machine/pe_array/sram_counts.h"
#include "machine/tile_config.h"
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

class PeArray : public sc_core::sc_module {
public:
    struct Params {
        PeArrayConfig config;
        Precision precision;
        Clock clock;
        std::uint32_t operations = 1;   // of the plan: counters are kept for each
        UnitMonitor* monitor = nullptr; // may be null
        unsigned queue_depth = 4;       // commands held: running, draining and waiting
    };

    static constexpr std::size_t kArrayPads = 3; // Pad::ifmap, filter, ofmap

    tlm_utils::passthrough_target_socket<PeArray> cmd_in{"cmd_in"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<PeArray>> pad_out{"pad_out", kArrayPads};

    PeArray(const sc_core::sc_module_name& name, const Params& params);

    const std::vector<SramCounts>& sram_counts_by_operation() const { return counts_; }
    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    struct Job {
        bool seen = false;
        std::uint64_t arrival = 0;
        std::uint64_t stall_cycles = 0;
        ArraySlot slot;
    };
    using Inbox = CommandInbox<Job>;

    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void run_commands(); // the process: retires, starts, tells the monitor, sleeps until the next change
    void note_arrivals(std::uint64_t now);
    void start_commands(std::uint64_t now);
    std::uint64_t entry_begin(Inbox::Entry& entry);
    void start(Inbox::Entry& entry, std::uint64_t now);
    std::uint64_t reserve_pads(const MatrixArguments& work, const SramCounts& counts, std::uint64_t cycles);
    void show_state(std::uint64_t now);
    std::uint64_t next_change(std::uint64_t now);

    const Params params_;
    const ClockEdges edges_;
    Inbox inbox_;
    ArrayPipeline pipeline_;
    PadAccess pads_;
    std::size_t started_ = 0;          // the oldest commands held
    std::uint64_t last_entry_end_ = 0; // of the command started last
    UnitState state_ = UnitState::idle;
    TimedEvent change_event_;

    std::vector<SramCounts> counts_;
    std::uint64_t commands_ = 0;
    std::uint64_t working_cycles_ = 0;
    std::uint64_t stall_cycles_ = 0;
    Wave busy_wave_, state_wave_, operation_wave_;
};

} // namespace systolica
