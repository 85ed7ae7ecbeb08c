// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/report.h"

#include "sc_main/text_table.h"

#include <algorithm>
#include <ostream>

namespace systolica {

namespace {

constexpr std::size_t kNameColumns = 30;

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

std::string megabytes(std::uint64_t bytes) {
    return fixed(number(bytes) / 1e6, 1) + " MB";
}

// The names of summary.json, explained.
std::string limit_text(const std::string& limited_by) {
    if (limited_by == "compute") {
        return "compute (matrix work fills the time)";
    }
    if (limited_by == "vector") {
        return "vector (the vector units fill the time)";
    }
    if (limited_by == "dram") {
        return "dram (tiles wait for the memory)";
    }
    if (limited_by == "noc") {
        return "noc (tiles wait for the on-chip network)";
    }
    if (limited_by == "link") {
        return "link (tiles wait for other chips)";
    }
    if (limited_by == "scratchpad") {
        return "scratchpad (its ports are too few or too narrow)";
    }
    if (limited_by == "dependency") {
        return "dependency (tiles wait for each other)";
    }
    return limited_by;
}

void print_dram(std::ostream& out, const DramResult& dram) {
    out << "DRAM: " << megabytes(dram.read_bytes) << " read, " << megabytes(dram.write_bytes) << " written, "
        << fixed(dram.bandwidth_gb_per_s, 2) << " GB/s of ";
    if (dram.peak_gb_per_s > 0) {
        out << fixed(dram.peak_gb_per_s, 2) << " GB/s peak";
    } else {
        out << "unlimited";
    }
    if (dram.activates > 0) {
        out << ", row hits " << percent(dram.row_hit_rate, 1) << " %, refresh " << percent(dram.refresh_share, 1)
            << " %";
    }
    if (dram.channels.size() > 1) {
        const auto less = [](const DramResult::Channel& a, const DramResult::Channel& b) {
            return a.bandwidth_gb_per_s < b.bandwidth_gb_per_s;
        };
        const auto [least, most] = std::minmax_element(dram.channels.begin(), dram.channels.end(), less);
        out << ", a channel " << fixed(least->bandwidth_gb_per_s, 2) << " to " << fixed(most->bandwidth_gb_per_s, 2)
            << " GB/s";
    }
    if (dram.core_nj) {
        out << ", " << fixed((*dram.core_nj + *dram.io_nj) * 1e-6, 3) << " mJ";
    }
    out << "\n";
}

// Where the network is full, when that is what limits the run.
void print_hottest_links(std::ostream& out, const NocResult& noc) {
    out << "busiest links: ";
    for (std::size_t i = 0; i < noc.hottest_links.size(); ++i) {
        out << (i == 0 ? "" : ", ") << noc.hottest_links[i].name << " " << percent(noc.hottest_links[i].utilization, 1)
            << " %";
    }
    out << " of the cycles\n";
}

void print_training(std::ostream& out, const TrainingResult& training, double cycles) {
    out << "training: forward " << percent(number(training.forward_cycles), cycles) << " % of the cycles, backward "
        << percent(number(training.backward_cycles), cycles) << " %, update "
        << percent(number(training.update_cycles), cycles) << " % (" << training.optimizer << "); ";
    if (training.micro_batches > 1) {
        out << training.micro_batches << " micro-batches; ";
    }
    out << "activations kept " << fixed(number(training.kept_bytes) / 1e6, 1) << " MB, at most "
        << fixed(number(training.peak_bytes) / 1e6, 1)
        << " MB with gradients; kept for the way back: " << fixed(number(training.kept_write_bytes) / 1e6, 1)
        << " MB written, " << fixed(number(training.kept_read_bytes) / 1e6, 1) << " MB read\n";
}

void print_chips(std::ostream& out, const ParallelResult& parallel) {
    out << "chips: " << parallel.chips << ", each with a share of the "
        << (parallel.tensor > 1 ? "channels; " : "batch; ")
        << (parallel.chips_simulated < parallel.chips ? "one simulated for all" : "all simulated") << " ("
        << parallel.symmetry << "); the table is of one chip\n";
}

void print_communication(std::ostream& out, const CommunicationResult& it) {
    out << "communication: " << it.algorithm << (it.gradients ? " all_reduce of " : " all_gather of ")
        << megabytes(it.vector_bytes) << " in " << it.buckets << (it.buckets == 1 ? " bucket" : " buckets") << ", "
        << megabytes(it.sent_bytes) << " sent by each chip, " << grouped(it.exposed_cycles) << " cycles exposed, "
        << grouped(it.hidden_cycles) << (it.overlap ? " hidden" : " hidden (overlap off)");
    for (const CommunicationResult::Link& link : it.links) {
        out << "; " << link.name << " " << percent(link.utilization, 1) << " % in use";
    }
    out << "\n";
}

} // namespace

void print_headline(std::ostream& out, const RunResult& result) {
    const double cycles = number(result.cycles);
    out << result.workload << " (" << result.mode << ", batch " << result.batch << ") on " << result.platform
        << ": limited by " << limit_text(result.limited_by) << "\n"
        << "time: " << fixed(result.time_s * 1e3, 3) << " ms = " << grouped(result.cycles) << " cycles at "
        << fixed(result.clock_mhz, 0) << " MHz, " << fixed(result.samples_per_s, 1) << " samples/s, "
        << percent(result.utilization, 1) << " % of peak MACs\n"
        << "cycles: compute " << percent(number(result.compute_cycles), cycles) << " % (only vector "
        << percent(number(result.vector_cycles), cycles) << " %), waiting for load "
        << percent(number(result.stall_load), cycles) << " %, store " << percent(number(result.stall_store), cycles)
        << " %, scratchpad " << percent(number(result.stall_scratchpad), cycles) << " %, other tiles "
        << percent(number(result.stall_dependency), cycles) << " %\n";
    if (result.limited_by == "noc" && !result.noc.hottest_links.empty()) {
        print_hottest_links(out, result.noc);
    }
    print_dram(out, result.dram);
    if (result.parallel) {
        print_chips(out, *result.parallel);
    }
    if (result.communication) {
        print_communication(out, *result.communication);
    }
    if (result.training) {
        print_training(out, *result.training, cycles);
    }
}

void print_layers(std::ostream& out, const RunResult& result, bool whole_names) {
    TextTable table;
    table.column("#");
    table.column("layer", TextTable::Align::left);
    table.column("op", TextTable::Align::left);
    table.column("MMACs");
    table.column("cycles");
    table.column("time%");
    table.column("compute%");
    table.column("MAC%");
    table.column("limited by", TextTable::Align::left);
    table.column("DRAM kB");
    std::uint64_t cycles = 0;
    std::uint64_t compute = 0;
    std::uint64_t bytes = 0;
    std::uint64_t macs = 0;
    for (const OperationResult& row : result.operations) {
        const std::uint64_t row_bytes = row.dram_read_bytes + row.dram_write_bytes;
        table.row({std::to_string(row.index), whole_names ? row.name : shortened(row.name, kNameColumns), row.op,
                   fixed(number(row.macs) / 1e6, 1), grouped(row.cycles),
                   percent(number(row.cycles), number(result.cycles)),
                   percent(number(row.compute_cycles), number(row.cycles)), percent(row.utilization, 1), row.limited_by,
                   fixed(number(row_bytes) / 1e3, 1)});
        cycles += row.cycles;
        compute += row.compute_cycles;
        bytes += row_bytes;
        macs += row.macs;
    }
    table.rule();
    table.row({"", "total", "", fixed(number(macs) / 1e6, 1), grouped(cycles),
               percent(number(cycles), number(result.cycles)), percent(number(compute), number(cycles)),
               percent(result.utilization, 1), result.limited_by, fixed(number(bytes) / 1e3, 1)});
    table.print(out);
}

void print_warnings(std::ostream& out, const RunResult& result) {
    for (const std::string& warning : result.warnings) {
        out << "warning: " << warning << "\n";
    }
}

} // namespace systolica
