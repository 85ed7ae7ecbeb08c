// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A memory alone: the channels of a platform's DRAM and a player that offers them the requests of a trace. One a
// process, because a simulation context cannot be reset.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "base/run_result.h"
#include "base/statistics.h"
#include "base/waves.h"
#include "machine/dram/counters.h"
#include "machine/dram/trace_reader.h"
#include "machine/dram/traffic_history.h"

namespace systolica {

struct DramReplayOptions {
    std::optional<Ck> arrival;                   // clocks between offers, in place of those of the trace
    std::uint64_t repeat = 1;                    // passes over the trace
    bool lt = false;                             // loosely timed: b_transport
    bool check = true;                           // every command against the standard's rules
    Ck window = 0;                               // clocks of a window of the traffic history; 0: none is kept
    OutputFile* commands = nullptr;              // takes every command
    WaveSink* waves = nullptr;                   // signals below chip0, as in a run
    std::function<void(std::uint64_t)> progress; // called now and then with the requests completed
    const std::atomic<bool>* interrupted = nullptr;
};

struct DramReplayResult {
    RunEnd end = RunEnd::completed;
    std::uint64_t end_ps = 0;  // simulated time at which it stopped
    std::uint64_t planned = 0; // requests
    DramTrafficTotals totals;
    DramCounters counters;                          // of all channels
    std::optional<std::uint64_t> timing_violations; // none: not checked
    std::vector<std::string> first_violations;
    const DramTrafficHistory* history = nullptr; // of the simulation
    Statistics statistics;
};

class DramSimulation {
public:
    // Whether the clocks of all passes are times that a simulation can hold.
    static bool clocks_fit(const DramConfig& config, const DramTrace& trace, const DramReplayOptions& options);

    // Elaborates. `trace` and what the options point to outlive this.
    DramSimulation(const DramConfig& config, const DramTrace& trace, const DramReplayOptions& options);
    ~DramSimulation();
    DramSimulation(const DramSimulation&) = delete;
    DramSimulation& operator=(const DramSimulation&) = delete;

    void run(); // until the last data beat
    DramReplayResult result();

private:
    class Memory;

    std::unique_ptr<Memory> memory_;
};

} // namespace systolica
