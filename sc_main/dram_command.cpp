// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/output_directory.h"
#include "platforms/dram_simulation.h"
#include "platforms/reader.h"
#include "sc_main/command_line.h"
#include "sc_main/dram_results.h"
#include "sc_main/exit_codes.h"
#include "sc_main/host_meter.h"
#include "sc_main/interrupt.h"
#include "sc_main/progress_line.h"
#include "sc_main/results.h"
#include "sc_main/text_table.h"
#include "sc_main/wave_options.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

namespace systolica {

namespace {

constexpr std::uint64_t kMostPasses = 1'000'000'000;
constexpr std::uint64_t kStandardWindow = 10'000;

CommandLine dram_line() {
    CommandLine line(
        "dram", "PLATFORM TRACE", 2, 2,
        "Replays a memory trace through the DRAM controllers of PLATFORM alone. A line of TRACE (plain or\n"
        "gzip) is R|W 0xADDR [BYTES] [@CLOCK], 32 bytes where it does not say; clocks are those of the\n"
        "memory. Requests are offered in order, at most one in a clock.");
    line.option("arrival", "N", "clocks between offers, in place of those in the file; 0: as fast as accepted");
    line.option("repeat", "N", "offers the trace N times, back to back (1)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform, e.g. chip.dram.channels=1; repeatable");
    line.option("timing", "at|lt", "at: requests queue (default); lt: b_transport, faster, without queueing detail");
    line.option("check", "on|off", "every command against the timing rules of the standard (on)");
    line.option("out", "DIR", "writes summary.json, stats.json and windows.csv; replaces a former result");
    line.flag("commands", "with --out: commands.csv, every command of the memory");
    line.option("window", "N", "with --out: clocks of a row of windows.csv (10000)");
    line.flag("json", "prints the summary as JSON instead of the table");
    add_wave_options(line);
    line.flag("no-progress", "no progress line on long runs");
    line.flag("quiet,q", "only the headline (or the JSON); no progress line");
    line.flag("verbose,v", "says on stderr what is read and written");
    return line;
}

DramReplayOptions replay_options(const CommandLine& line) {
    DramReplayOptions options;
    if (line.has("arrival")) {
        options.arrival = line.number("arrival", 0, DramTrace::kLastClock, 0);
    }
    options.repeat = line.number("repeat", 1, kMostPasses, 1);
    options.lt = line.choice("timing", {"at", "lt"}) == "lt";
    options.check = line.choice("check", {"on", "off"}) == "on";
    const std::uint64_t window = line.number("window", 1, DramTrace::kLastClock, kStandardWindow);
    options.window = line.has("out") ? window : 0;
    for (const char* name : {"commands", "window"}) {
        if (line.has(name) && !line.has("out")) {
            line.refuse(std::string("--") + name + ": expected together with --out DIR, got no --out");
        }
    }
    return options;
}

Platform read_memory(const CommandLine& line) {
    Platform platform = read_platform(line.positionals()[0], line.texts("set"));
    if (platform.chip.dram.model != DramModel::controller) {
        const auto given = platform.origins.find("chip.dram.model");
        throw InputError(given == platform.origins.end() ? Location{platform.file, 0, 0} : given->second.where,
                         "chip.dram.model", "expected controller, got a memory without commands");
    }
    return platform;
}

std::string trace_name(const std::string& path) {
    const std::filesystem::path name = std::filesystem::path(path).filename();
    return name.extension() == ".gz" ? name.stem().string() : name.string();
}

// Where results go besides stdout. All are tried before the work, so that a wrong name does not cost a run.
class DramOutputs {
public:
    DramOutputs(const CommandLine& line, const VcdFilter& filter) {
        if (line.has("out")) {
            directory_.emplace(line.text("out"), "summary.json");
            shown_ += " " + line.text("out");
        }
        if (line.has("commands")) {
            commands_ = directory_->open("commands.csv");
        }
        if (line.has("vcd")) {
            vcd_.emplace(line.text("vcd"), filter);
            shown_ += " " + line.text("vcd");
        }
    }

    OutputFile* commands() { return commands_.get(); }
    WaveSink* waves() { return vcd_ ? &*vcd_ : nullptr; }
    const std::string& shown() const { return shown_; }
    bool failed() const { return (commands_ && commands_->failed()) || (vcd_ && vcd_->failed()); }

    // What was written while the simulation ran. Throws OutputError with what went wrong.
    void end_streams(std::uint64_t end_ps) {
        if (commands_) {
            commands_->close();
        }
        if (vcd_) {
            for (const std::string& warning : wave_warnings(*vcd_)) {
                std::cerr << "systolica: warning: " << warning << "\n";
            }
            vcd_->close(end_ps);
        }
    }
    void write(const DramConfig& config, const DramReplayResult& result, const nlohmann::ordered_json& summary) {
        if (directory_) {
            directory_->write("stats.json", json_text(result.statistics.json()));
            directory_->write("windows.csv", dram_windows_csv(config, result));
            directory_->write("summary.json", json_text(summary));
            directory_->commit();
        }
    }

private:
    std::optional<OutputDirectory> directory_;
    std::unique_ptr<OutputFile> commands_; // in the directory
    std::optional<VcdWriter> vcd_;
    std::string shown_;
};

// Why a replay that did not come to a good end stopped; one line each on stderr.
int report_end(const DramReplayResult& result) {
    const std::string how_far =
        grouped(result.totals.requests) + " of " + grouped(result.planned) + " requests were complete";
    if (result.end != RunEnd::completed) {
        std::cerr << "systolica: " << (result.end == RunEnd::deadlock ? "deadlock" : "interrupted") << ": " << how_far
                  << "\n";
        return kNotFinished;
    }
    int code = kDone;
    if (result.totals.errors != 0) {
        std::cerr << "systolica: memory: " << grouped(result.totals.errors)
                  << " requests were answered with an error\n";
        code = kSimulationError;
    }
    if (result.timing_violations.value_or(0) != 0) {
        std::cerr << "systolica: timing: " << grouped(*result.timing_violations)
                  << " violations of the standard's timing rules, first:\n";
        for (const std::string& violation : result.first_violations) {
            std::cerr << "systolica: timing: " << one_line(violation) << "\n";
        }
        code = kSimulationError;
    }
    return code;
}

} // namespace

int dram_command(const Arguments& arguments) {
    HostMeter meter;
    CommandLine line = dram_line();
    if (!line.parse(arguments)) {
        return kDone;
    }
    DramReplayOptions options = replay_options(line);
    const VcdFilter filter = wave_filter(line);
    const Platform platform = read_memory(line);
    const DramConfig& config = platform.chip.dram;
    const DramTrace trace = read_dram_trace(line.positionals()[1], config.capacity_bytes());
    const DramReplayNames names{platform.name, trace_name(line.positionals()[1]), options.lt};
    if (!DramSimulation::clocks_fit(config, trace, options)) {
        line.refuse("--arrival, --repeat: expected a last offer within 53 days of simulated time, got a later one");
    }
    if (line.has("verbose")) {
        std::cerr << "platform " << names.platform << ", trace " << names.trace << ": " << trace.requests.size()
                  << " requests" << (trace.clocks.empty() ? "" : " with clocks") << "\n";
    }

    DramOutputs outputs(line, filter);
    options.commands = outputs.commands();
    options.waves = outputs.waves();
    Interrupt interrupt;
    options.interrupted = interrupt.flag();
    std::optional<ProgressLine> progress_line(std::in_place, !line.has("no-progress") && !line.has("quiet"));
    const std::uint64_t planned = trace.requests.size() * options.repeat;
    options.progress = [&](std::uint64_t completed) {
        progress_line->show([&](double elapsed_s) { return progress_text(completed, planned, elapsed_s); });
        if (outputs.failed()) {
            interrupt.raise(); // the disk is full: closing the file will say so
        }
    };
    DramSimulation simulation(config, trace, options);
    meter.begin_simulation();
    simulation.run();
    meter.end_simulation();
    progress_line.reset();
    const DramReplayResult result = simulation.result();
    outputs.end_streams(result.end_ps);
    if (result.end != RunEnd::completed) {
        return report_end(result);
    }
    const HostUsage host = meter.usage(result.totals.transactions);
    const nlohmann::ordered_json summary = dram_summary_json(names, config, result, host);
    outputs.write(config, result, summary);
    if (line.has("json")) {
        std::cout << json_text(summary);
    } else {
        print_dram_headline(std::cout, names, config, result);
        if (!line.has("quiet")) {
            std::cout << "\n";
            print_dram_table(std::cout, config, result);
        }
    }
    if (line.has("verbose") && !outputs.shown().empty()) {
        std::cerr << "wrote" << outputs.shown() << "\n";
    }
    return report_end(result);
}

} // namespace systolica
