// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/run_account.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "machine/dram/energy.h"
#include "machine/simdit/chip_config.h"

namespace systolica {

namespace {

constexpr std::size_t kHottestLinks = 3;

// The first of the largest: ties go to the name that comes first.
std::string largest(std::initializer_list<std::pair<const char*, std::uint64_t>> buckets) {
    return std::max_element(buckets.begin(), buckets.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

OperationResult row_of(const PlannedOperation& planned, const OperationAccount& counted, std::uint64_t index,
                       std::uint64_t pes) {
    OperationResult row;
    row.index = index;
    row.name = planned.name;
    row.op = planned.op;
    row.pass = planned.pass;
    row.m = planned.m;
    row.n = planned.n;
    row.k = planned.k;
    row.macs = planned.macs;
    row.start_cycle = counted.start;
    row.end_cycle = counted.end;
    row.cycles = counted.cycles;
    row.compute_cycles = counted.spent.compute();
    row.vector_cycles = counted.spent.vector;
    row.stall_load = counted.spent.load;
    row.stall_store = counted.spent.store;
    row.stall_scratchpad = counted.spent.scratchpad;
    row.stall_dependency = counted.spent.dependency;
    row.sram_ifmap_reads = counted.sram_ifmap_reads;
    row.sram_filter_reads = counted.sram_filter_reads;
    row.sram_ofmap_writes = counted.sram_ofmap_writes;
    row.dram_read_bytes = counted.dram_read_bytes;
    row.dram_write_bytes = counted.dram_write_bytes;
    row.exchanged_bytes = counted.exchanged_bytes;
    if (row.cycles > 0) {
        row.utilization = static_cast<double>(row.macs) / (static_cast<double>(row.cycles) * static_cast<double>(pes));
    }
    row.limited_by = largest({{"compute", counted.spent.matrix},
                              {"vector", row.vector_cycles},
                              {"load", row.stall_load},
                              {"store", row.stall_store},
                              {"scratchpad", row.stall_scratchpad},
                              {"dependency", row.stall_dependency}});
    return row;
}

class Books {
public:
    Books(const Platform& platform, const Graph& network, const Plan& plan, Chip& chip)
        : platform_(platform), network_(network), plan_(plan), chip_(chip) {}

    RunResult close(bool complete) {
        describe();
        add_rows();
        add_memory();
        add_network();
        result_.limited_by = what_limits();
        warn_of_free_operations();
        chip_.report(result_.statistics.child("chip0"));
        if (complete) {
            check();
        }
        return std::move(result_);
    }

private:
    void describe() {
        result_.platform = platform_.name;
        result_.workload = network_.name;
        result_.batch = network_.batch;
        result_.clock_mhz = platform_.chip.clock_mhz;
        result_.pes = platform_.chip.pes();
        result_.transactions = chip_.transactions();
    }

    void add_rows() {
        const std::vector<OperationAccount> counted = chip_.operations();
        for (std::size_t i = 0; i < counted.size(); ++i) {
            const OperationResult row = row_of(plan_.operations[i], counted[i], i, result_.pes);
            result_.macs += row.macs;
            result_.compute_cycles += row.compute_cycles;
            result_.vector_cycles += row.vector_cycles;
            result_.stall_load += row.stall_load;
            result_.stall_store += row.stall_store;
            result_.stall_scratchpad += row.stall_scratchpad;
            result_.stall_dependency += row.stall_dependency;
            result_.operations.push_back(row);
        }
        result_.cycles = chip_.ledger().cycles();
        result_.time_s = static_cast<double>(platform_.chip.clock().edge_ps(result_.cycles)) * 1e-12;
        if (result_.cycles > 0) {
            result_.utilization = static_cast<double>(result_.macs) /
                                  (static_cast<double>(result_.cycles) * static_cast<double>(result_.pes));
            result_.samples_per_s = static_cast<double>(result_.batch) / result_.time_s;
        }
    }

    void add_memory() {
        const DramCounters counters = chip_.dram_counters();
        DramResult& dram = result_.dram;
        dram.read_bytes = counters.read_bytes;
        dram.write_bytes = counters.write_bytes;
        dram.bus_bytes = counters.bus_bytes;
        dram.activates = counters.activates;
        dram.refreshes = counters.refreshes + counters.bank_refreshes;
        dram.row_hit_rate = row_hit_rate(counters);
        dram.peak_gb_per_s = peak_memory_bytes_per_s(platform_.chip) * 1e-9;
        dram.bandwidth_gb_per_s = gb_per_s(counters);
        for (const DramCounters& channel : chip_.dram_channels()) {
            dram.channels.push_back({gb_per_s(channel), row_hit_rate(channel)});
        }
        const DramConfig& config = platform_.chip.dram;
        if (!dram.channels.empty()) {
            dram.refresh_share = refresh_share(counters, config);
            if (const std::optional<DramEnergy> energy = dram_energy(config.part, counters)) {
                dram.core_nj = energy->core.total();
                dram.io_nj = energy->io.total();
            }
        }
    }

    double gb_per_s(const DramCounters& counters) const {
        const auto bytes = static_cast<double>(counters.read_bytes + counters.write_bytes);
        return result_.time_s > 0 ? bytes / result_.time_s * 1e-9 : 0;
    }

    static double row_hit_rate(const DramCounters& counters) {
        const std::uint64_t columns = counters.read_commands + counters.write_commands;
        return columns == 0 ? 0 : 1.0 - static_cast<double>(counters.activates) / static_cast<double>(columns);
    }

    double refresh_share(const DramCounters& counters, const DramConfig& config) const {
        const DramPart& part = config.part;
        const double bank_clocks = static_cast<double>(counters.refreshes * part.rfc_ab * part.banks) +
                                   static_cast<double>(counters.bank_refreshes * part.rfc_pb * part.banks_of_refresh());
        const double all =
            result_.time_s * static_cast<double>(part.clock_khz()) * 1e3 * config.channels * config.banks();
        return all > 0 ? bank_clocks / all : 0;
    }

    void add_network() {
        if (chip_.noc() == nullptr) {
            return;
        }
        result_.noc.bytes = chip_.noc()->bytes();
        result_.noc.packets = chip_.noc()->packets();
        result_.noc.packet_hops = chip_.noc()->packet_hops();
        if (const FastForward* fast_forward = chip_.fast_forward()) {
            FastForwardResult paced;
            paced.paced_cycles = fast_forward->paced_cycles();
            paced.paced_bytes = fast_forward->paced_read_bytes() + fast_forward->paced_written_bytes();
            paced.windows = fast_forward->windows();
            result_.fast_forward = paced;
            // A request and a response for each burst; their ways are taken to be as long as those simulated.
            result_.noc.bytes += paced.paced_bytes;
            result_.noc.packets += 2 * fast_forward->paced_bursts();
            result_.noc.packet_hops = static_cast<std::uint64_t>(
                std::llround(static_cast<double>(result_.noc.packet_hops) * static_cast<double>(result_.noc.packets) /
                             static_cast<double>(std::max<std::uint64_t>(1, chip_.noc()->packets()))));
        }
        for (const AccessNoc::LinkUse& use : chip_.noc()->hottest_links(kHottestLinks)) {
            result_.noc.hottest_links.push_back({use.name, link_utilization(use)});
        }
    }

    // Paced transfers are taken to use the links as the simulated ones did.
    double link_utilization(const AccessNoc::LinkUse& use) const {
        return network_factor() * static_cast<double>(use.busy_cycles) /
               static_cast<double>(std::max<std::uint64_t>(1, result_.cycles));
    }

    double network_factor() const {
        const std::uint64_t paced = result_.fast_forward ? result_.fast_forward->paced_bytes : 0;
        const std::uint64_t simulated = chip_.noc()->bytes();
        return simulated == 0 ? 1 : static_cast<double>(simulated + paced) / static_cast<double>(simulated);
    }

    // A load or store limit is the memory's or the network's, whichever is busier at its busiest place.
    std::string what_limits() const {
        std::uint64_t matrix = result_.compute_cycles - result_.vector_cycles;
        const std::string bucket = largest({{"compute", matrix},
                                            {"vector", result_.vector_cycles},
                                            {"load/store", result_.stall_load + result_.stall_store},
                                            {"scratchpad", result_.stall_scratchpad},
                                            {"dependency", result_.stall_dependency}});
        if (bucket != "load/store") {
            return bucket;
        }
        const double peak = result_.dram.peak_gb_per_s * 1e9 * result_.time_s;
        const double memory = peak > 0 ? static_cast<double>(result_.dram.bus_bytes) / peak : 0;
        if (chip_.noc() == nullptr) {
            return "dram";
        }
        const double network = link_utilization(chip_.noc()->busiest_link());
        return memory >= network ? "dram" : "noc";
    }

    void warn_of_free_operations() {
        for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
            const PlannedOperation& planned = plan_.operations[i];
            if (planned.view) {
                warn_free(planned.name, planned.op + " is a view, its data stay where they are");
            }
        }
        std::set<std::pair<std::uint32_t, VectorKernel>> seen; // several groups may work for one operation
        for (const Group& group : plan_.groups) {
            for (const Layer::Stage& stage : group.layer.stages) {
                const VectorCost& cost = platform_.chip.tile.vector_unit.costs[static_cast<std::size_t>(stage.kernel)];
                if (cost.per_tap == 0 && cost.per_element == 0 && seen.insert({stage.operation, stage.kernel}).second) {
                    warn_free(plan_.operations[stage.operation].name,
                              std::string("tile.vector_unit.costs.") + vector_kernel_name(stage.kernel) + " is 0");
                }
            }
        }
    }

    void warn_free(const std::string& name, const std::string& why) {
        result_.warnings.push_back("operation '" + name + "' costs no cycles: " + why);
    }

    void check() {
        std::uint64_t cycles = 0;
        for (std::size_t i = 0; i < result_.operations.size(); ++i) {
            const OperationResult& row = result_.operations[i];
            const PlannedOperation& planned = plan_.operations[i];
            cycles += row.cycles;
            result_.noc.exchanged_bytes += row.exchanged_bytes;
            expect_equal(row.name + ": compute and stall cycles against cycles",
                         row.compute_cycles + row.stall_load + row.stall_store + row.stall_scratchpad +
                             row.stall_dependency,
                         row.cycles);
            expect_equal(row.name + ": DRAM bytes read, issued against planned", row.dram_read_bytes,
                         planned.dram_read_bytes);
            expect_equal(row.name + ": bytes exchanged by tiles, issued against planned", row.exchanged_bytes,
                         planned.exchanged_bytes);
            expect_equal(row.name + ": DRAM bytes written, issued against planned", row.dram_write_bytes,
                         planned.dram_write_bytes);
        }
        expect_equal("sum of the rows' cycles against the total", cycles, result_.cycles);
        expect_equal("DRAM bytes read, served against planned", result_.dram.read_bytes, plan_.dram_read_bytes());
        expect_equal("DRAM bytes written, served against planned", result_.dram.write_bytes, plan_.dram_write_bytes());
        for (const std::string& error : chip_.ledger().errors()) {
            result_.errors.push_back(error);
        }
    }

    void expect_equal(const std::string& what, std::uint64_t got, std::uint64_t expected) {
        if (got != expected) {
            result_.errors.push_back(what + ": " + std::to_string(got) + " != " + std::to_string(expected));
        }
    }

    const Platform& platform_;
    const Graph& network_;
    const Plan& plan_;
    Chip& chip_;
    RunResult result_;
};

} // namespace

RunResult account(const Platform& platform, const Graph& network, const Plan& plan, Chip& chip, bool complete) {
    return Books(platform, network, plan, chip).close(complete);
}

} // namespace systolica
