// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/csv_writer.h"
#include "platforms/scale_study.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/inputs.h"
#include "sc_main/text_table.h"

#include <iostream>

namespace systolica {

namespace {

constexpr std::uint64_t kLeastMacs = kLeastArraySide * kLeastArraySide;
constexpr std::uint64_t kMostMacs = 1ULL << 30U;

std::string array_text(const ArrayBudgetShape& shape) {
    return std::to_string(shape.rows) + " x " + std::to_string(shape.cols);
}

std::string grid_text(const ArrayBudgetShape& shape) {
    return std::to_string(shape.partitions_r) + " x " + std::to_string(shape.partitions_c) + " of " + array_text(shape);
}

std::string ratio(std::uint64_t up, std::uint64_t out) {
    return fixed(static_cast<double>(up) / static_cast<double>(out), 4);
}

std::string candidates_csv(const std::vector<ScaleRanking>& layers, std::uint64_t macs, const Platform& platform) {
    CsvWriter csv;
    for (const char* title : {"layer", "dataflow", "kind", "macs", "array_rows", "array_cols", "partitions_r",
                              "partitions_c", "chips", "analytical_cycles", "simulated_cycles", "dram_bytes"}) {
        csv.text(title);
    }
    csv.end_row();
    for (const ScaleRanking& layer : layers) {
        for (const auto* candidates : {&layer.scale_up, &layer.scale_out}) {
            for (const ScaleCandidate& candidate : *candidates) {
                const ArrayBudgetShape& shape = candidate.shape;
                csv.text(layer.layer).text(layer.dataflow).text(shape.scale_up() ? "scale_up" : "scale_out");
                csv.number(macs).number(shape.rows).number(shape.cols);
                csv.number(shape.partitions_r).number(shape.partitions_c).number(scale_chips(shape, platform));
                csv.number(candidate.cycles).text("").text("").end_row(); // not simulated
            }
        }
    }
    return csv.str();
}

void add_row(TextTable& table, const ScaleRanking& ranking) {
    const std::vector<ScaleCandidate>& up = ranking.scale_up;
    std::vector<std::string> cells{shortened(ranking.layer, 32), ranking.dataflow, array_text(up.front().shape),
                                   grouped(up.front().cycles), grouped(up.back().cycles)};
    if (ranking.scale_out.empty()) {
        cells.insert(cells.end(), {"-", "-", "-"});
    } else {
        const ScaleCandidate& out = ranking.scale_out.front();
        cells.insert(cells.end(), {grid_text(out.shape), grouped(out.cycles), ratio(up.front().cycles, out.cycles)});
    }
    table.row(std::move(cells));
}

void print_rankings(std::ostream& out, const std::string& workload, std::uint64_t macs,
                    const std::vector<ScaleRanking>& layers) {
    out << workload << " on " << grouped(macs) << " MAC units, memory that never stalls (analytical model)\n\n";
    TextTable table;
    for (const char* title : {"layer", "dataflow"}) {
        table.column(title, TextTable::Align::left);
    }
    for (const char* title :
         {"best array", "cycles", "worst cycles", "best partitions", "partitioned cycles", "speedup"}) {
        table.column(title);
    }
    for (const ScaleRanking& layer : layers) {
        add_row(table, layer);
    }
    table.rule();
    for (const ScaleRanking& total : rank_totals(layers)) {
        add_row(table, total);
    }
    table.print(out);
}

std::uint64_t read_macs(const CommandLine& line) {
    const std::uint64_t macs = line.number("macs", 1, kMostMacs, 0);
    if (macs < kLeastMacs || (macs & (macs - 1)) != 0) {
        line.refuse("--macs: expected a power of two from " + std::to_string(kLeastMacs) + " to " +
                    std::to_string(kMostMacs) + ", got " +
                    (line.has("macs") ? "'" + line.text("macs") + "'" : "nothing"));
    }
    return macs;
}

} // namespace

int scale_command(const Arguments& arguments) {
    CommandLine line("scale", "PLATFORM WORKLOAD", 2, 2,
                     "One large array or many small ones: every shape and partition of a number of MAC units, and the\n"
                     "cycles of each layer on it, by the analytical model of SCALE-Sim (ISPASS 2020). Shapes and\n"
                     "partitions are powers of two, rows and columns at least 8. docs/scale_out.md has the rules.");
    line.option("macs", "N", "MAC units in all, a power of two from 64");
    line.flag("analytical-only", "no simulation (needed: the closed-loop study is not supported yet)");
    line.option("dataflow", "all|os|ws|is", "what stays in the arrays (all three, one after the other)");
    line.option("batch", "N", "samples at once (1)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform; repeatable");
    line.flag("csv", "every candidate, for each layer and kind the fastest first");
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::uint64_t macs = read_macs(line);
    std::vector<std::string> dataflows = scale_dataflows();
    dataflows.insert(dataflows.begin(), "all");
    const std::string dataflow = line.choice("dataflow", dataflows);
    const std::uint64_t batch = line.number("batch", 1, 1'000'000, 1);
    if (!line.has("analytical-only")) {
        line.refuse("expected --analytical-only (the closed-loop study is not supported yet), got nothing");
    }
    const Inputs inputs = read_inputs(line.positionals()[0], line.texts("set"), line.positionals()[1], batch);
    if (systolica::macs(inputs.workload) == 0) {
        throw InputError({line.positionals()[1], 0, 0}, "", "expected a layer that is a matrix product, got none");
    }
    const std::vector<ScaleRanking> layers = rank_layers(inputs.workload, macs, dataflow);
    if (line.has("csv")) {
        std::cout << candidates_csv(layers, macs, inputs.platform);
    } else {
        print_rankings(std::cout, inputs.workload.name, macs, layers);
    }
    return kDone;
}

} // namespace systolica
