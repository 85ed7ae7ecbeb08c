// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/output_directory.h"
#include "platforms/reader.h"
#include "platforms/simulation.h"
#include "platforms/system_checks.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/host_meter.h"
#include "sc_main/inputs.h"
#include "sc_main/interrupt.h"
#include "sc_main/parallel_options.h"
#include "sc_main/progress_line.h"
#include "sc_main/report.h"
#include "sc_main/results.h"
#include "sc_main/show_training.h"
#include "sc_main/wave_options.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>
#include <limits>
#include <optional>

namespace systolica {

namespace {

constexpr std::uint64_t kLargestBatch = 1'000'000;
constexpr std::uint64_t kEndOfTime = std::numeric_limits<std::uint64_t>::max();

CommandLine run_line() {
    CommandLine line("run", "PLATFORM WORKLOAD", 2, 2,
                     "Simulates WORKLOAD on PLATFORM (file paths or bundled names) and prints what limits the run and\n"
                     "where each layer's cycles went.");
    line.option("mode", "inference|training", "the forward pass (default), or one iteration of training");
    line.option("batch", "N", "samples at once (1)");
    line.option("microbatch", "N", "training: samples at once, gradients are accumulated (the batch)");
    line.option("recompute", "none|sqrt|LAYER,...", "training: results computed again instead of kept (none)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform, e.g. tile.pe_array.rows=64; repeatable");
    line.option("map-for", "PLATFORM",
                "uses the mapping made for this platform (without --set), to compare hardware with the mapping held");
    line.option("fast-forward", "on|off",
                "paces steady stretches at measured rates: training on, inference off; never with --vcd or lt");
    add_parallel_options(line);
    line.option("timing", "at|lt", "at: every burst competes (default); lt: faster, without queueing detail");
    line.option("out", "DIR", "writes summary.json, layers.csv and stats.json; replaces a former result");
    line.flag("json", "prints the summary as JSON instead of the table");
    add_wave_options(line);
    line.option("seed", "N", "of everything random (0)");
    line.option("time-limit", "TIME", "gives up after this much simulated time (exit code 4)");
    line.flag("no-progress", "no progress line on long runs");
    line.flag("quiet,q", "only the headline (or the JSON); no progress line");
    line.flag("verbose,v", "names in full; says on stderr what is read and written");
    return line;
}

void read_expansion(const CommandLine& line, bool training, std::uint64_t batch, TrainingOptions& options) {
    for (const char* name : {"microbatch", "recompute"}) {
        if (!training && line.has(name)) {
            line.refuse(std::string("--") + name + ": expected with --mode training, got without");
        }
    }
    options.micro_batch = line.number("microbatch", 1, batch, batch);
    set_recompute(options, line.text("recompute", "none"));
}

// Waves show every burst, and loosely timed ones do not queue: neither can be paced.
bool fast_forward(const CommandLine& line, const SimulationOptions& options) {
    const char* against = line.has("vcd") ? "--vcd" : options.lt ? "--timing lt" : nullptr;
    if (!line.has("fast-forward")) {
        return options.training; // the simulation leaves it out where it cannot be
    }
    const bool on = line.choice("fast-forward", {"off", "on"}) == "on";
    if (on && against != nullptr) {
        line.refuse(std::string("--fast-forward: expected off with ") + against + ", got on");
    }
    return on;
}

// Why a run that did not come to its end stopped; one line each on stderr.
int report_end(const RunResult& result) {
    const char* what = result.end == RunEnd::deadlock      ? "deadlock"
                       : result.end == RunEnd::time_limit  ? "time limit reached"
                       : result.end == RunEnd::interrupted ? "interrupted"
                                                           : "";
    if (result.end != RunEnd::completed) {
        std::cerr << "systolica: " << what << ": " << result.end_detail << "\n";
        return kNotFinished;
    }
    for (const std::string& error : result.errors) {
        std::cerr << "systolica: accounting: " << error << "\n";
    }
    return result.errors.empty() ? kDone : kSimulationError;
}

void write_results(OutputDirectory& directory, const RunResult& result, const HostUsage& host) {
    directory.write("layers.csv", layers_csv(result));
    directory.write("stats.json", json_text(result.statistics.json()));
    directory.write("summary.json", json_text(summary_json(result, host)));
    directory.commit();
}

void print_results(const CommandLine& line, const RunResult& result, const HostUsage& host) {
    if (line.has("json")) {
        std::cout << json_text(summary_json(result, host));
        return;
    }
    print_headline(std::cout, result);
    if (!line.has("quiet")) {
        std::cout << "\n";
        print_layers(std::cout, result, line.has("verbose"));
    }
    print_warnings(std::cout, result);
}

} // namespace

int run_command(const Arguments& arguments) {
    HostMeter meter;
    CommandLine line = run_line();
    if (!line.parse(arguments)) {
        return kDone;
    }
    SimulationOptions options;
    options.training = line.choice("mode", {"inference", "training"}) == "training";
    options.lt = line.choice("timing", {"at", "lt"}) == "lt";
    options.fast_forward = fast_forward(line, options);
    options.seed = line.number("seed", 0, kEndOfTime, 0);
    options.time_limit_ps = line.time_ps("time-limit", 0);
    if (line.has("time-limit") && options.time_limit_ps == 0) {
        line.refuse("--time-limit: expected a time above 0, got '" + line.text("time-limit") + "'");
    }
    const std::uint64_t batch = line.number("batch", 1, kLargestBatch, 1);
    const VcdFilter filter = wave_filter(line);
    Inputs inputs = read_inputs(line.positionals()[0], line.texts("set"), line.positionals()[1], batch);
    check_run_of_chips(inputs.platform);
    inputs.platform.system.link.seed = options.seed;
    options.parallel = parallel_options(line, inputs.platform, options.training, batch);
    const std::uint64_t share = batch / options.parallel.data;
    if (share != batch) {
        inputs.workload = read_workload(line.positionals()[1], share);
    }
    read_expansion(line, options.training, share, inputs.platform.training);
    std::optional<Platform> mapped_for;
    if (line.has("map-for")) {
        mapped_for = read_platform(line.text("map-for"));
        options.mapped_for = &*mapped_for;
    }
    if (line.has("verbose")) {
        std::cerr << "platform " << inputs.platform.name << ", workload " << inputs.workload.name << ": "
                  << inputs.workload.operators.size() << " operators\n";
    }

    // Destinations are tried before the work, so that a wrong name does not cost a run.
    std::optional<OutputDirectory> directory;
    if (line.has("out")) {
        directory.emplace(line.text("out"), "summary.json");
    }
    std::optional<VcdWriter> vcd;
    if (line.has("vcd")) {
        vcd.emplace(line.text("vcd"), filter);
        options.waves = &*vcd;
    }

    Interrupt interrupt;
    options.interrupted = interrupt.flag();
    RunResult result;
    {
        ProgressLine progress_line(!line.has("no-progress") && !line.has("quiet"));
        options.progress = [&](const Progress& progress) {
            progress_line.show([&](double elapsed_s) { return progress_text(progress, elapsed_s); });
            if (vcd && vcd->failed()) {
                interrupt.raise(); // the disk is full: closing the file will say so
            }
        };
        meter.begin_simulation();
        result = simulate(inputs.platform, inputs.workload, options);
        meter.end_simulation();
    }
    if (vcd) {
        const std::vector<std::string> warnings = wave_warnings(*vcd);
        result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
        vcd->close(static_cast<std::uint64_t>(std::llround(result.time_s * 1e12)));
    }
    if (const int code = report_end(result); code != kDone) {
        return code;
    }
    const HostUsage host = meter.usage(result.transactions);
    if (directory) {
        write_results(*directory, result, host);
    }
    if (line.has("verbose")) {
        std::cerr << "wrote" << (directory ? " " + line.text("out") : "") << (vcd ? " " + line.text("vcd") : "")
                  << (directory || vcd ? "" : " no files") << "; " << result.transactions << " transactions\n";
    }
    print_results(line, result, host);
    return kDone;
}

} // namespace systolica
