// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "sc_main/child_run.h"
#include "sc_main/command_line.h"
#include "sc_main/dram_bench.h"
#include "sc_main/exit_codes.h"
#include "sc_main/kernel_rates.h"
#include "sc_main/results.h"
#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <systemc>

#include <iostream>
#include <utility>
#include <vector>

namespace systolica {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWorkload = "resnet50";

// One run in a process of its own. `host` covers the simulation only; process_* the whole process.
Json measured_run(const std::string& platform) {
    const Json summary = Json::parse(run_child({"run", platform, kWorkload, "--json", "--quiet"}));
    const Json& host = summary.at("host");
    const double cpu_s = host.at("simulation_cpu_s").get<double>();
    Json out;
    out["platform"] = platform;
    out["workload"] = kWorkload;
    out["cycles"] = summary.at("cycles");
    out["cycles_per_s"] = cpu_s > 0 ? summary.at("cycles").get<double>() / cpu_s : 0;
    out["host"] = Json{{"wall_s", host.at("simulation_wall_s")},
                       {"cpu_s", host.at("simulation_cpu_s")},
                       {"peak_rss_mb", host.at("peak_rss_mb")},
                       {"transactions", host.at("transactions")},
                       {"transactions_per_s", host.at("transactions_per_s")},
                       {"process_wall_s", host.at("wall_s")},
                       {"process_cpu_s", host.at("cpu_s")}};
    return out;
}

using Rates = std::vector<std::pair<std::string, double>>;

void print_table(const Json& runs, const Rates& dram, const KernelRates& rates) {
    TextTable table;
    table.column("run", TextTable::Align::left);
    for (const char* title : {"cycles", "Mcycles/s", "transactions", "Mtrans/s", "wall s", "CPU s", "peak MB"}) {
        table.column(title);
    }
    for (const Json& run : runs) {
        const Json& host = run.at("host");
        table.row({run.at("workload").get<std::string>() + " on " + run.at("platform").get<std::string>(),
                   grouped(run.at("cycles").get<std::uint64_t>()), fixed(run.at("cycles_per_s").get<double>() / 1e6, 2),
                   grouped(host.at("transactions").get<std::uint64_t>()),
                   fixed(host.at("transactions_per_s").get<double>() / 1e6, 3),
                   fixed(host.at("wall_s").get<double>(), 3), fixed(host.at("cpu_s").get<double>(), 3),
                   fixed(host.at("peak_rss_mb").get<double>(), 1)});
    }
    table.print(std::cout);
    std::cout << "\nDRAM controller, one LPDDR4-3200 channel, requests of 32 bytes per CPU second:\n";
    for (const auto& [name, rate] : dram) {
        std::cout << fixed(rate / 1e6, 2) << " M " << name << "\n";
    }
    std::cout << "\nSystemC " << sc_core::sc_version_major << "." << sc_core::sc_version_minor << "."
              << sc_core::sc_version_patch << " kernel in this process, per CPU second:\n"
              << fixed(rates.method_activations_per_s / 1e6, 2) << " M timed SC_METHOD activations\n"
              << fixed(rates.at_transactions_per_s / 1e6, 2) << " M four-phase transactions (nb_transport)\n"
              << fixed(rates.b_transport_per_s / 1e6, 2) << " M b_transport calls\n";
}

} // namespace

int bench_command(const Arguments& arguments) {
    CommandLine line(
        "bench", "", 0, 0,
        "Measures the simulator's own speed: resnet50 on edge_npu and scalesim, each in a process of its\n"
        "own, the DRAM controller, and the raw rates of the SystemC kernel here. Rates are per CPU second.");
    line.flag("json", "prints the numbers as JSON");
    if (!line.parse(arguments)) {
        return kDone;
    }
    Json runs = Json::array();
    for (const char* platform : {"edge_npu", "scalesim"}) {
        runs.push_back(measured_run(platform));
    }
    const Rates dram = measure_dram_rates();
    const KernelRates rates = measure_kernel_rates();
    if (!line.has("json")) {
        print_table(runs, dram, rates);
        return kDone;
    }
    Json out;
    out["runs"] = runs;
    for (const auto& [name, rate] : dram) {
        out["dram"][name] = rate;
    }
    out["kernel"] = Json{{"systemc", sc_core::sc_version_string},
                         {"method_activations_per_s", rates.method_activations_per_s},
                         {"at_transactions_per_s", rates.at_transactions_per_s},
                         {"b_transport_per_s", rates.b_transport_per_s}};
    std::cout << json_text(out);
    return kDone;
}

} // namespace systolica
