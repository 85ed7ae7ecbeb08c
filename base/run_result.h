// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a simulation found: the rows of layers.csv, the totals of summary.json, the statistics tree. Plain data, filled
// by platforms/simulation, written by sc_main/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/statistics.h"

namespace systolica {

// A row of layers.csv; columns and accounting rules in docs/reference.md. Cycles are of the chip clock.
struct OperationResult {
    std::uint64_t index = 0;
    std::string name;
    std::string op;
    std::string pass = "forward";
    std::uint64_t m = 0, n = 0, k = 0;
    std::uint64_t macs = 0;
    std::uint64_t start_cycle = 0, end_cycle = 0;
    std::uint64_t cycles = 0;
    std::uint64_t compute_cycles = 0; // matrix or vector unit works
    std::uint64_t vector_cycles = 0;  // the part of compute_cycles in which only the vector unit works
    std::uint64_t stall_load = 0, stall_store = 0, stall_scratchpad = 0, stall_dependency = 0;
    std::uint64_t sram_ifmap_reads = 0, sram_filter_reads = 0, sram_ofmap_writes = 0; // elements
    std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;                          // payload
    std::uint64_t exchanged_bytes = 0; // payload, with scratchpads of tiles
    double utilization = 0;            // MACs / (cycles * PEs), 0 where cycles is 0
    std::string limited_by;            // compute | vector | load | store | scratchpad | dependency
};

struct DramResult {
    std::uint64_t read_bytes = 0, write_bytes = 0;    // payload bytes served
    std::uint64_t bus_bytes = 0;                      // whole bursts on the pins
    double bandwidth_gb_per_s = 0, peak_gb_per_s = 0; // peak 0: unlimited
    double row_hit_rate = 0;
    std::uint64_t activates = 0, refreshes = 0; // refreshes: REFab and REFpb commands
    double refresh_share = 0;                   // of the banks' time, spent in refresh
    std::optional<double> core_nj, io_nj;       // energy; none: the part has no current table
    struct Channel {
        double bandwidth_gb_per_s = 0, row_hit_rate = 0;
    };
    std::vector<Channel> channels; // none with ideal memory
};

struct NocResult {
    std::uint64_t bytes = 0, packets = 0, packet_hops = 0;
    std::uint64_t exchanged_bytes = 0; // between tiles, part of bytes
    struct Link {
        std::string name;
        double utilization = 0; // of the cycles, 0..1
    };
    std::vector<Link> hottest_links; // the busiest first, at most three
};

// What was paced instead of simulated burst by burst (docs/fast_forward.md).
struct FastForwardResult {
    std::uint64_t paced_cycles = 0;
    std::uint64_t paced_bytes = 0; // DRAM payload
    std::uint64_t windows = 0;     // in which rates were measured
};

// An iteration of training.
struct TrainingResult {
    std::uint64_t micro_batches = 1;
    std::string optimizer;
    std::uint64_t kept_bytes = 0; // activations of a micro-batch that wait for the backward pass
    std::uint64_t peak_bytes = 0; // of activations and their gradients, each from first to last use
    std::string peak_operation;
    std::uint64_t kept_write_bytes = 0, kept_read_bytes = 0; // DRAM traffic of what waits, part of the whole
    std::uint64_t forward_cycles = 0, backward_cycles = 0, update_cycles = 0;
};

// A run on several chips.
struct ParallelResult {
    std::uint64_t chips = 1;
    std::uint64_t data = 1;            // shares of the batch
    std::uint64_t tensor = 1;          // shares of the channels of products
    std::uint64_t chips_simulated = 1; // fewer than chips: they stand for the others
    std::string symmetry;              // why that is exact, or why it is not
};

// What chips told each other, and what that cost.
struct CommunicationResult {
    std::string algorithm;
    bool overlap = true;
    std::uint64_t buckets = 0, chunks = 0;
    bool gradients = true;                                       // are added up; else parts of tensors are put together
    std::uint64_t vector_bytes = 0;                              // gradients of a chip, or all tensors whole
    std::uint64_t sent_bytes = 0;                                // by a chip
    std::uint64_t messages = 0;                                  // that a chip sends
    std::uint64_t exposed_cycles = 0;                            // updates (tensors: operations) wait
    std::uint64_t hidden_cycles = 0;                             // the chip works meanwhile
    std::uint64_t memory_read_bytes = 0, memory_write_bytes = 0; // of a chip's DRAM, part of the whole
    struct Link {
        std::string name;
        std::uint64_t bytes = 0;
        double utilization = 0; // of the run's time, 0..1
    };
    std::vector<Link> links; // on which the first chip sends
};

enum class RunEnd : std::uint8_t { completed, deadlock, time_limit, interrupted };

struct RunResult {
    std::string platform, workload, mode = "inference";
    std::uint64_t batch = 1;
    double clock_mhz = 0;
    std::uint64_t pes = 0;
    RunEnd end = RunEnd::completed;
    std::string end_detail; // deadlock: who waits for what; time limit and interrupt: how far it got
    std::uint64_t cycles = 0;
    double time_s = 0; // simulated
    std::uint64_t macs = 0;
    double utilization = 0;
    double samples_per_s = 0;
    std::uint64_t compute_cycles = 0, vector_cycles = 0;
    std::uint64_t stall_load = 0, stall_store = 0, stall_scratchpad = 0, stall_dependency = 0;
    std::string limited_by; // compute | vector | dram | noc | link | scratchpad | dependency
    DramResult dram;
    NocResult noc;
    std::optional<TrainingResult> training;           // none: inference
    std::optional<FastForwardResult> fast_forward;    // none: off
    std::optional<ParallelResult> parallel;           // none: one chip
    std::optional<CommunicationResult> communication; // none: chips do not talk
    std::vector<std::string> warnings;
    std::vector<std::string> errors; // broken accounting: exit code 1
    std::vector<OperationResult> operations;
    Statistics statistics;
    std::uint64_t transactions = 0; // payloads completed; for host.transactions_per_s
};

} // namespace systolica
