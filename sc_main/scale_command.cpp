// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/csv_writer.h"
#include "platforms/scale_study.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/inputs.h"
#include "sc_main/scale_simulation.h"
#include "sc_main/text_table.h"

#include <iostream>
#include <map>
#include <optional>

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

// By dataflow.
using Fronts = std::map<std::string, std::vector<SimulatedCandidate>>;

const SimulatedLayer* simulated_layer(const Fronts& fronts, const ScaleRanking& layer, const ArrayBudgetShape& shape) {
    const auto front = fronts.find(layer.dataflow);
    if (front == fronts.end()) {
        return nullptr;
    }
    for (const SimulatedCandidate& candidate : front->second) {
        const bool same = !(candidate.candidate.shape < shape) && !(shape < candidate.candidate.shape);
        const auto found = candidate.layers.find(layer.layer);
        if (same && found != candidate.layers.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

std::string candidates_csv(const std::vector<ScaleRanking>& layers, std::uint64_t macs, const Platform& platform,
                           const Fronts& fronts) {
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
                csv.number(candidate.cycles);
                if (const SimulatedLayer* simulated = simulated_layer(fronts, layer, shape)) {
                    csv.number(simulated->cycles).number(simulated->dram_bytes).end_row();
                } else {
                    csv.text("").text("").end_row(); // only the front is simulated
                }
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

void print_front(std::ostream& out, const std::string& dataflow, const std::vector<SimulatedCandidate>& front) {
    out << "\nsimulated closed loop, " << dataflow << ", partitions as tiles of one chip:\n";
    TextTable table;
    table.column("partitions", TextTable::Align::left);
    for (const char* title : {"analytical cycles", "simulated cycles", "DRAM MB"}) {
        table.column(title);
    }
    table.column("limited by", TextTable::Align::left);
    for (const SimulatedCandidate& it : front) {
        if (it.simulated()) {
            table.row({grid_text(it.candidate.shape), grouped(it.candidate.cycles), grouped(it.total.cycles),
                       fixed(static_cast<double>(it.total.dram_bytes) / 1e6, 1), it.limited_by});
        } else {
            table.row({grid_text(it.candidate.shape), grouped(it.candidate.cycles), "-", "-",
                       it.skipped ? "fewer are faster (--all)" : "does not fit"});
        }
    }
    table.print(out);
    const SimulatedCandidate* best = sweet_spot(front);
    out << "sweet spot: "
        << (best == nullptr ? "none fits"
                            : grid_text(best->candidate.shape) + ", " + grouped(best->total.cycles) + " cycles")
        << "\n";
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

// Partitions are tiles of a mesh of one chip.
void require_mesh(const Platform& platform) {
    const auto refuse = [&](const char* key, const std::string& message) {
        const auto origin = platform.origins.find(key);
        throw InputError(origin == platform.origins.end() ? Location{platform.file, 0, 0} : origin->second.where, key,
                         message);
    };
    if (platform.chip.noc.topology != FabricKind::mesh) {
        refuse("chip.noc.topology", "expected mesh for the closed-loop study (or --analytical-only), got another");
    }
    if (platform.chip.tile.pe_array.dataflow == Dataflow::simdit) {
        refuse("tile.pe_array.dataflow", "expected os or ws or is for the closed-loop study, got 'simdit'");
    }
    if (platform.system.chips > 1) {
        refuse("system.chips", "expected 1 for the closed-loop study (or --analytical-only), got '" +
                                   std::to_string(platform.system.chips) + "'");
    }
}

std::string dataflow_name(Dataflow dataflow) {
    return dataflow == Dataflow::os ? "os" : dataflow == Dataflow::is ? "is" : "ws";
}

} // namespace

int scale_command(const Arguments& arguments) {
    CommandLine line("scale", "PLATFORM WORKLOAD", 2, 2,
                     "One large array or many small ones: every shape and partition of a number of MAC units, and the\n"
                     "cycles of each layer on it, by the analytical model of SCALE-Sim (ISPASS 2020). Shapes and\n"
                     "partitions are powers of two, rows and columns at least 8. docs/scale_out.md has the rules.");
    line.option("macs", "N", "MAC units in all, a power of two from 64");
    line.flag("analytical-only", "no simulation");
    line.option("dataflow", "all|os|ws|is",
                "what stays in the arrays (all three, one after the other; simulated: that of the platform)");
    line.flag("all", "simulates every partition, also when fewer have been faster");
    line.option("bandwidth", "GB/S", "simulates a memory of this bandwidth and no latency instead of the platform's");
    line.option("batch", "N", "samples at once (1)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform; repeatable");
    line.flag("csv", "every candidate, for each layer and kind the fastest first");
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::uint64_t macs = read_macs(line);
    std::vector<std::string> dataflows = scale_dataflows();
    dataflows.insert(dataflows.begin(), "all");
    std::string dataflow = line.choice("dataflow", dataflows);
    const std::uint64_t batch = line.number("batch", 1, 1'000'000, 1);
    const bool simulates = !line.has("analytical-only");
    if (line.has("all") && !simulates) {
        line.refuse("--all: expected without --analytical-only, got with it");
    }
    ScaleRequest request{line.positionals()[0], line.positionals()[1], line.texts("set"), batch,
                         std::nullopt,          line.has("all")};
    if (line.has("bandwidth")) {
        if (!simulates) {
            line.refuse("--bandwidth: expected without --analytical-only, got with it");
        }
        request.bandwidth_gb_per_s = line.positive("bandwidth", 1e6);
    }
    const Inputs inputs = read_inputs(line.positionals()[0], line.texts("set"), line.positionals()[1], batch);
    if (systolica::macs(inputs.workload) == 0) {
        throw InputError({line.positionals()[1], 0, 0}, "", "expected a layer that is a matrix product, got none");
    }
    if (simulates) {
        require_mesh(inputs.platform);
        dataflow = line.has("dataflow") ? dataflow : dataflow_name(inputs.platform.chip.tile.pe_array.dataflow);
    }
    const std::vector<ScaleRanking> layers = rank_layers(inputs.workload, macs, dataflow);
    Fronts fronts;
    for (const ScaleRanking& total : simulates ? rank_totals(layers) : std::vector<ScaleRanking>{}) {
        fronts[total.dataflow] = simulate_front(request, inputs.platform, inputs.workload, total);
    }
    if (line.has("csv")) {
        std::cout << candidates_csv(layers, macs, inputs.platform, fronts);
        return kDone;
    }
    print_rankings(std::cout, inputs.workload.name, macs, layers);
    for (const auto& [name, front] : fronts) {
        print_front(std::cout, name, front);
    }
    return kDone;
}

} // namespace systolica
