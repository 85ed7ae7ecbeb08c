// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a run costs the machine it runs on: the `host` block of results, the only part that may differ between runs.
#pragma once

#include <chrono>
#include <cstdint>

#include <nlohmann/json_fwd.hpp>

namespace systolica {

double process_cpu_s();       // user and system time of this process so far
double process_peak_rss_mb(); // 1 MB = 1e6 bytes

struct HostUsage {
    double wall_s = 0, cpu_s = 0;                       // since the process began to work
    double simulation_wall_s = 0, simulation_cpu_s = 0; // without reading input and writing results
    double peak_rss_mb = 0;
    std::uint64_t transactions = 0;

    nlohmann::ordered_json json() const;            // transactions_per_s is per second of simulation_cpu_s
    nlohmann::ordered_json simulation_json() const; // wall_s and cpu_s are the simulation's, process_* cover everything
};

class HostMeter {
public:
    HostMeter() : start_(std::chrono::steady_clock::now()) {}

    void begin_simulation();
    void end_simulation();
    HostUsage usage(std::uint64_t transactions) const;

private:
    using Instant = std::chrono::steady_clock::time_point;

    Instant start_;
    Instant simulation_start_;
    double simulation_start_cpu_s_ = 0;
    double simulation_wall_s_ = 0;
    double simulation_cpu_s_ = 0;
};

} // namespace systolica
