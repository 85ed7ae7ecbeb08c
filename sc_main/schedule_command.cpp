// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/csv_writer.h"
#include "platforms/pipeline_steps.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/results.h"
#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <cctype>
#include <iostream>

namespace systolica {

namespace {

constexpr std::uint64_t kMostStages = 4096;
constexpr std::uint64_t kMostMicrobatches = 1'000'000;
constexpr std::uint64_t kMostSteps = 4'000'000; // all are kept at once
constexpr std::size_t kDecimals = 6;
constexpr std::size_t kMostDigits = 9;
constexpr std::uint64_t kUnit = 1'000'000; // one unit of the user's times: kDecimals

// A time without a unit, exact: 0.5 is 500000 millionths.
bool parse_decimal(const std::string& text, std::uint64_t& millionths) {
    const std::size_t dot = text.find('.');
    const std::string whole = text.substr(0, dot);
    std::string rest = dot == std::string::npos ? "" : text.substr(dot + 1);
    if (whole.empty() || whole.size() > kMostDigits || (dot != std::string::npos && rest.empty()) ||
        rest.size() > kDecimals) {
        return false;
    }
    rest.resize(kDecimals, '0');
    millionths = 0;
    for (const char c : whole + rest) {
        if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
            return false;
        }
        millionths = millionths * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return true;
}

std::uint64_t time_option(const CommandLine& line, const std::string& name, std::uint64_t otherwise) {
    std::uint64_t value = otherwise * kUnit;
    if (line.has(name) && !parse_decimal(line.text(name), value)) {
        line.refuse("--" + name +
                    ": expected a time such as 2 or 0.5 (any unit, up to 9 digits and 6 decimals), got '" +
                    line.text(name) + "'");
    }
    return value;
}

std::string with_decimals(std::uint64_t millionths, const std::string& whole) {
    std::string decimals = std::to_string(millionths % kUnit + kUnit).substr(1);
    decimals.erase(decimals.find_last_not_of('0') + 1);
    return whole + (decimals.empty() ? "" : "." + decimals);
}

std::string time_text(std::uint64_t millionths) {
    return with_decimals(millionths, grouped(millionths / kUnit));
}

std::string time_cell(std::uint64_t millionths) {
    return with_decimals(millionths, std::to_string(millionths / kUnit));
}

nlohmann::ordered_json time_json(std::uint64_t millionths) {
    if (millionths % kUnit == 0) {
        return millionths / kUnit;
    }
    return static_cast<double>(millionths) / static_cast<double>(kUnit);
}

PipelineShape read_shape(const CommandLine& line) {
    for (const char* name : {"stages", "microbatches"}) {
        if (!line.has(name)) {
            line.refuse(std::string("--") + name + ": expected a whole number, got nothing");
        }
    }
    PipelineShape shape;
    shape.stages = line.number("stages", 1, kMostStages, 1);
    shape.microbatches = line.number("microbatches", 1, kMostMicrobatches, 1);
    shape.batches = line.number("batches", 1, kMostMicrobatches, 1);
    const std::string name = line.choice("schedule", {"gpipe", "1f1b", "2bw"});
    shape.schedule = name == "gpipe"  ? PipelineSchedule::gpipe
                     : name == "1f1b" ? PipelineSchedule::one_f_one_b
                                      : PipelineSchedule::two_bw;
    if (shape.all_microbatches() > kMostSteps / 2 / shape.stages) {
        line.refuse("expected at most " + grouped(kMostSteps) + " steps (2 x stages x microbatches x batches), got " +
                    std::to_string(shape.stages) + " stages, " + std::to_string(shape.microbatches) +
                    " microbatches and " + std::to_string(shape.batches) + " batches");
    }
    return shape;
}

PipelineTimes read_times(const CommandLine& line, const PipelineShape& shape) {
    PipelineTimes times;
    times.forward = time_option(line, "forward", 1);
    times.backward = time_option(line, "backward", 2);
    times.link_delay = time_option(line, "link-delay", 0);
    const double round = static_cast<double>(times.forward + times.backward + 2 * times.link_delay);
    if (round * static_cast<double>(shape.stages) * static_cast<double>(shape.all_microbatches()) > 9e18) {
        line.refuse("--forward, --backward, --link-delay: expected steps whose sum is below 9e12, got more");
    }
    if (times.forward + times.backward == 0) {
        line.refuse("--forward, --backward: expected a time above 0, got 0 for both");
    }
    return times;
}

void print_run(const PipelineShape& shape, const PipelineRun& run) {
    std::cout << "makespan        " << time_text(run.makespan) << "\n"
              << "bubble          " << fixed(100 * run.bubble_fraction(), 2) << " % of the stages' time\n"
              << "peak_stashed    " << run.peak_stashed() << " microbatches\n"
              << "weight_versions " << weight_versions(shape) << "\n\n";
    TextTable table;
    for (const char* title : {"stage", "start", "end", "busy", "idle %", "peak stashed"}) {
        table.column(title);
    }
    for (std::size_t stage = 0; stage < run.stages.size(); ++stage) {
        const PipelineStageUse& use = run.stages[stage];
        table.row({std::to_string(stage), time_text(use.starts.front()), time_text(use.end), time_text(use.busy),
                   percent(static_cast<double>(run.makespan - use.busy), static_cast<double>(run.makespan)),
                   std::to_string(use.peak_stashed)});
    }
    table.print(std::cout);
}

std::string steps_csv(const PipelineShape& shape, const PipelineTimes& times, const PipelineRun& run) {
    CsvWriter csv;
    for (const char* title : {"stage", "batch", "microbatch", "pass", "start", "end", "weight_version"}) {
        csv.text(title);
    }
    csv.end_row();
    for (const PipelineStepTime& step : pipeline_steps(shape, times, run)) {
        csv.number(step.stage).number(step.batch).number(step.microbatch).text(step.backward ? "backward" : "forward");
        csv.text(time_cell(step.start)).text(time_cell(step.end)).number(step.weight_version).end_row();
    }
    return csv.str();
}

} // namespace

int schedule_command(const Arguments& arguments) {
    CommandLine line("schedule", "", 0, 0,
                     "When the steps of a training pipeline run: stages of equal work, a batch cut into microbatches.\n"
                     "A stage works strictly in the order of the schedule and waits only for its input; sends are\n"
                     "asynchronous. Times have any one unit. docs/scale_out.md has the rules.");
    line.option("stages", "P", "stages of the pipeline");
    line.option("microbatches", "M", "microbatches of a batch");
    line.option("batches", "N", "batches (1)");
    line.option("schedule", "gpipe|1f1b|2bw", "order of the steps (gpipe)");
    line.option("forward", "T", "time of a forward step (1)");
    line.option("backward", "T", "time of a backward step (2)");
    line.option("link-delay", "T", "from the end of a step to its result at the next stage (0)");
    line.flag("csv", "one row a step, stage by stage; all numbers count from 0");
    line.flag("json", "makespan, bubble_fraction, peak_stashed and weight_versions as JSON");
    if (!line.parse(arguments)) {
        return kDone;
    }
    if (line.has("csv") && line.has("json")) {
        line.refuse("expected --csv or --json, got both");
    }
    const PipelineShape shape = read_shape(line);
    const PipelineTimes times = read_times(line, shape);
    const PipelineRun run = run_pipeline(shape, times);
    if (line.has("csv")) {
        std::cout << steps_csv(shape, times, run);
        return kDone;
    }
    if (!line.has("json")) {
        print_run(shape, run);
        return kDone;
    }
    nlohmann::ordered_json json;
    json["makespan"] = time_json(run.makespan);
    json["bubble_fraction"] = run.bubble_fraction();
    json["peak_stashed"] = run.peak_stashed();
    json["weight_versions"] = weight_versions(shape);
    std::cout << json_text(json);
    return kDone;
}

} // namespace systolica
