// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A run: maps a network onto a platform, builds the SystemC modules, simulates, and collects the result. One call a
// process, because a simulation context cannot be reset.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/run_result.h"
#include "base/waves.h"
#include "machine/collective/schedule.h"
#include "platforms/description.h"
#include "workloads/graph.h"

namespace systolica {

struct Progress {
    std::uint64_t cycle = 0;
    double simulated_s = 0;
    std::uint64_t operation = 0; // that retires next
    std::uint64_t operations = 0;
    std::string name;
};

// How the chips of a system share the work.
struct ParallelOptions {
    std::uint64_t data = 1;   // shares of the batch: the network of a run is in the shape of one of them
    std::uint64_t tensor = 1; // inference: shares of the channels of every product
    bool overlap = true;      // gradients are added up while the backward pass goes on
    bool symmetry = true;     // chips that do the same are simulated once, where that is exact
    CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;

    std::uint64_t chips() const { return data * tensor; }
};

struct SimulationOptions {
    bool lt = false; // loosely timed: memory accesses book their way ahead in call order instead of queueing
    std::uint64_t seed = 0;
    std::uint64_t time_limit_ps = 0; // of simulated time; 0: none
    WaveSink* waves = nullptr;
    std::function<void(const Progress&)> progress; // called now and then
    bool training = false;                         // one iteration instead of inference
    bool fast_forward = false; // paces steady stretches; ignored with lt, waves, or another memory than a controller
    const Platform* mapped_for = nullptr; // the mapping is made for this platform and then held: widths and capacities
                                          // of the simulated one may differ, tiles, arrays and precision may not
    ParallelOptions parallel;
    const std::atomic<bool>* interrupted = nullptr; // ends the run at the next opportunity
};

// Throws InputError, one problem a layer, when the network does not fit the platform. Simulates nothing.
void check_mapping(const Platform& platform, const Graph& network, bool training = false);

// `network` is the graph as trained; what inference executes is derived here. Throws InputError for a network that does
// not fit the platform, before anything is simulated.
RunResult simulate(const Platform& platform, const Graph& network, const SimulationOptions& options);

// Why the chips cannot exchange what they have to by that algorithm; empty when they can.
std::string exchange_refusal(const Platform& platform, const ParallelOptions& options);

} // namespace systolica
