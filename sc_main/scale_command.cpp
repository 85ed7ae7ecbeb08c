// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/csv_writer.h"
#include "base/integer.h"
#include "machine/scale_study/array_budget.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/inputs.h"
#include "sc_main/text_table.h"

#include <algorithm>
#include <iostream>
#include <map>

namespace systolica {

namespace {

constexpr std::uint64_t kLeastMacs = kLeastArraySide * kLeastArraySide;
constexpr std::uint64_t kMostMacs = 1ULL << 30U;

struct NamedDataflow {
    const char* name;
    Dataflow dataflow;
};
constexpr NamedDataflow kDataflows[] = {{"os", Dataflow::os}, {"ws", Dataflow::ws}, {"is", Dataflow::is}};

struct Candidate {
    ArrayBudgetShape shape;
    std::uint64_t cycles = 0;

    bool operator<(const Candidate& other) const {
        return cycles != other.cycles ? cycles < other.cycles : shape < other.shape;
    }
};

// All candidates of one kind, the fastest first; of equals that with the smallest numbers.
using Ranking = std::vector<Candidate>;

Ranking rank(const std::vector<ArrayBudgetShape>& shapes, bool scale_up, const ArrayExtent& product,
             std::uint64_t repetitions) {
    Ranking ranking;
    for (const ArrayBudgetShape& shape : shapes) {
        if (shape.scale_up() == scale_up) {
            ranking.push_back({shape, repetitions * array_budget_cycles(shape, product)});
        }
    }
    std::sort(ranking.begin(), ranking.end());
    return ranking;
}

std::string array_text(const ArrayBudgetShape& shape) {
    return std::to_string(shape.rows) + " x " + std::to_string(shape.cols);
}

std::string grid_text(const ArrayBudgetShape& shape) {
    return std::to_string(shape.partitions_r) + " x " + std::to_string(shape.partitions_c) + " of " + array_text(shape);
}

std::string ratio(std::uint64_t up, std::uint64_t out) {
    return fixed(static_cast<double>(up) / static_cast<double>(out), 4);
}

// One layer after the other: a listener for each layer and dataflow.
class ScaleStudy {
public:
    ScaleStudy(const Inputs& inputs, std::uint64_t macs, const std::string& dataflow)
        : inputs_(inputs), macs_(macs), dataflow_(dataflow), shapes_(array_budget_shapes(macs)) {}

    template <class Visit>
    void for_each_layer(Visit visit) const {
        for (const Operator& op : inputs_.workload.operators) {
            const GemmShape gemm = gemm_shape(inputs_.workload, op);
            for (const NamedDataflow& one : kDataflows) {
                if (gemm.macs() == 0 || (dataflow_ != "all" && dataflow_ != one.name)) {
                    continue;
                }
                const ArrayExtent product = array_extent(one.dataflow, gemm.m, gemm.n, gemm.k);
                visit(op, one.name, rank(shapes_, true, product, gemm.groups),
                      rank(shapes_, false, product, gemm.groups));
            }
        }
    }

    std::string csv() const {
        CsvWriter csv;
        for (const char* title : {"layer", "dataflow", "kind", "macs", "array_rows", "array_cols", "partitions_r",
                                  "partitions_c", "chips", "analytical_cycles", "simulated_cycles", "dram_bytes"}) {
            csv.text(title);
        }
        csv.end_row();
        for_each_layer([&](const Operator& op, const char* dataflow, const Ranking& up, const Ranking& out) {
            for (const Ranking* ranking : {&up, &out}) {
                for (const Candidate& candidate : *ranking) {
                    const ArrayBudgetShape& shape = candidate.shape;
                    csv.text(op.name).text(dataflow).text(shape.scale_up() ? "scale_up" : "scale_out").number(macs_);
                    csv.number(shape.rows).number(shape.cols).number(shape.partitions_r).number(shape.partitions_c);
                    csv.number(ceil_div(shape.partitions(), inputs_.platform.chip.tiles)).number(candidate.cycles);
                    csv.text("").text("").end_row(); // not simulated
                }
            }
        });
        return csv.str();
    }

    void print(std::ostream& out) const {
        out << inputs_.workload.name << " on " << grouped(macs_)
            << " MAC units, memory that never stalls (analytical model)\n\n";
        TextTable table;
        for (const char* title : {"layer", "dataflow"}) {
            table.column(title, TextTable::Align::left);
        }
        for (const char* title :
             {"best array", "cycles", "worst cycles", "best partitions", "partitioned cycles", "speedup"}) {
            table.column(title);
        }
        std::map<std::string, std::map<ArrayBudgetShape, std::uint64_t>> totals; // by dataflow: all layers, one shape
        for_each_layer([&](const Operator& op, const char* dataflow, const Ranking& up, const Ranking& grids) {
            add_row(table, shortened(op.name, 32), dataflow, up, grids);
            for (const Ranking* ranking : {&up, &grids}) {
                for (const Candidate& candidate : *ranking) {
                    totals[dataflow][candidate.shape] += candidate.cycles;
                }
            }
        });
        table.rule();
        for (const NamedDataflow& one : kDataflows) {
            const auto found = totals.find(one.name);
            if (found == totals.end()) {
                continue;
            }
            Ranking up, grids;
            for (const auto& [shape, cycles] : found->second) {
                (shape.scale_up() ? up : grids).push_back({shape, cycles});
            }
            std::sort(up.begin(), up.end());
            std::sort(grids.begin(), grids.end());
            add_row(table, "all layers, one shape", one.name, up, grids);
        }
        table.print(out);
    }

private:
    static void add_row(TextTable& table, const std::string& layer, const std::string& dataflow, const Ranking& up,
                        const Ranking& grids) {
        std::vector<std::string> cells{layer, dataflow, array_text(up.front().shape), grouped(up.front().cycles),
                                       grouped(up.back().cycles)};
        if (grids.empty()) {
            cells.insert(cells.end(), {"-", "-", "-"});
        } else {
            cells.insert(cells.end(), {grid_text(grids.front().shape), grouped(grids.front().cycles),
                                       ratio(up.front().cycles, grids.front().cycles)});
        }
        table.row(std::move(cells));
    }

    const Inputs& inputs_;
    const std::uint64_t macs_;
    const std::string dataflow_;
    const std::vector<ArrayBudgetShape> shapes_;
};

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
    const std::string dataflow = line.choice("dataflow", {"all", "os", "ws", "is"});
    const std::uint64_t batch = line.number("batch", 1, 1'000'000, 1);
    if (!line.has("analytical-only")) {
        line.refuse("expected --analytical-only (the closed-loop study is not supported yet), got nothing");
    }
    const Inputs inputs = read_inputs(line.positionals()[0], line.texts("set"), line.positionals()[1], batch);
    if (systolica::macs(inputs.workload) == 0) {
        throw InputError({line.positionals()[1], 0, 0}, "", "expected a layer that is a matrix product, got none");
    }
    const ScaleStudy study(inputs, macs, dataflow);
    if (line.has("csv")) {
        std::cout << study.csv();
    } else {
        study.print(std::cout);
    }
    return kDone;
}

} // namespace systolica
