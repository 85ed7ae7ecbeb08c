// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/host_meter.h"

#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include <cmath>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace systolica {

namespace {

double rounded(double value, double steps_per_unit) {
    return std::round(value * steps_per_unit) / steps_per_unit;
}

} // namespace

double process_cpu_s() {
    std::timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// VmHWM before ru_maxrss: the latter also counts what the parent held when it forked this process.
double process_peak_rss_mb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        std::istringstream fields(line);
        std::string key;
        double kib = 0;
        if (fields >> key >> kib && key == "VmHWM:") {
            return kib * 1024 / 1e6;
        }
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

nlohmann::ordered_json HostUsage::json() const {
    nlohmann::ordered_json out;
    out["wall_s"] = rounded(wall_s, 1e6);
    out["cpu_s"] = rounded(cpu_s, 1e6);
    out["simulation_wall_s"] = rounded(simulation_wall_s, 1e6);
    out["simulation_cpu_s"] = rounded(simulation_cpu_s, 1e6);
    out["peak_rss_mb"] = rounded(peak_rss_mb, 1e3);
    out["transactions"] = transactions;
    out["transactions_per_s"] =
        simulation_cpu_s > 0 ? rounded(static_cast<double>(transactions) / simulation_cpu_s, 1) : 0.0;
    return out;
}

nlohmann::ordered_json HostUsage::simulation_json() const {
    nlohmann::ordered_json out;
    out["wall_s"] = simulation_wall_s;
    out["cpu_s"] = simulation_cpu_s;
    out["process_wall_s"] = wall_s;
    out["process_cpu_s"] = cpu_s;
    out["peak_rss_mb"] = peak_rss_mb;
    out["transactions"] = transactions;
    out["transactions_per_s"] = simulation_cpu_s > 0 ? static_cast<double>(transactions) / simulation_cpu_s : 0.0;
    return out;
}

void HostMeter::begin_simulation() {
    simulation_start_ = std::chrono::steady_clock::now();
    simulation_start_cpu_s_ = process_cpu_s();
}

void HostMeter::end_simulation() {
    simulation_wall_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - simulation_start_).count();
    simulation_cpu_s_ = process_cpu_s() - simulation_start_cpu_s_;
}

HostUsage HostMeter::usage(std::uint64_t transactions) const {
    HostUsage out;
    out.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    out.cpu_s = process_cpu_s();
    out.simulation_wall_s = simulation_wall_s_;
    out.simulation_cpu_s = simulation_cpu_s_;
    out.peak_rss_mb = process_peak_rss_mb();
    out.transactions = transactions;
    return out;
}

} // namespace systolica
