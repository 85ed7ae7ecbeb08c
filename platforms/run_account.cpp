// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/run_account.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "machine/dram/energy.h"
#include "machine/simdit/chip_config.h"
#include "platforms/run_rows.h"

namespace systolica {

namespace {

constexpr std::size_t kHottestLinks = 3;

class Books {
public:
    explicit Books(const RunOfChips& run)
        : run_(run), platform_(run.platform), plan_(run.plan), chip_(*last_to_end(run.system)) {}

    RunResult close(bool complete) {
        describe();
        add_rows();
        add_memory();
        add_network();
        add_communication();
        result_.limited_by = what_limits();
        warn_of_free_operations();
        run_.system.report(result_.statistics);
        if (complete) {
            check();
        }
        return std::move(result_);
    }

private:
    static Chip* last_to_end(const ChipSystem& system) {
        return std::max_element(
                   system.chips().begin(), system.chips().end(),
                   [](const auto& a, const auto& b) { return a->ledger().cycles() < b->ledger().cycles(); })
            ->get();
    }

    std::uint64_t chips() const { return run_.system.chips().size() * run_.copies; }

    // Each chip as often as it counts.
    template <class Visit>
    void for_chips(Visit visit) const {
        for (const auto& chip : run_.system.chips()) {
            for (std::uint64_t copy = 0; copy < run_.copies; ++copy) {
                visit(*chip);
            }
        }
    }

    void describe() {
        result_.platform = platform_.name;
        result_.workload = run_.network.name;
        result_.batch = run_.network.batch * run_.batch_shares;
        result_.clock_mhz = platform_.chip.clock_mhz;
        result_.pes = platform_.chip.pes() * chips();
        result_.transactions = run_.system.link_transactions();
        for (const auto& chip : run_.system.chips()) {
            result_.transactions += chip->transactions();
        }
    }

    void add_rows() {
        const std::vector<OperationAccount> counted = chip_.operations();
        for (std::size_t i = 0; i < counted.size(); ++i) {
            const OperationResult row = row_of(plan_.operations[i], counted[i], i, platform_.chip.pes());
            result_.macs += row.macs * chips();
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
        DramCounters counters;
        for_chips([&](Chip& chip) { counters += chip.dram_counters(); });
        DramResult& dram = result_.dram;
        dram.read_bytes = counters.read_bytes;
        dram.write_bytes = counters.write_bytes;
        dram.bus_bytes = counters.bus_bytes;
        dram.activates = counters.activates;
        dram.refreshes = counters.refreshes + counters.bank_refreshes;
        dram.row_hit_rate = row_hit_rate(counters);
        dram.peak_gb_per_s = peak_memory_bytes_per_s(platform_.chip) * static_cast<double>(chips()) * 1e-9;
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
        const double all = result_.time_s * static_cast<double>(part.clock_khz()) * 1e3 * config.channels *
                           config.banks() * static_cast<double>(chips());
        return all > 0 ? bank_clocks / all : 0;
    }

    void add_network() {
        if (chip_.noc() == nullptr) {
            return;
        }
        for_chips([this](Chip& chip) { add_network_of(chip); });
        if (const FastForward* fast_forward = chip_.fast_forward()) {
            FastForwardResult paced;
            paced.paced_cycles = fast_forward->paced_cycles();
            paced.paced_bytes = fast_forward->paced_read_bytes() + fast_forward->paced_written_bytes();
            paced.windows = fast_forward->windows();
            result_.fast_forward = paced;
        }
        for (const AccessNoc::LinkUse& use : chip_.noc()->hottest_links(kHottestLinks)) {
            result_.noc.hottest_links.push_back({use.name, link_utilization(use)});
        }
    }

    void add_network_of(Chip& chip) {
        std::uint64_t bytes = chip.noc()->bytes();
        std::uint64_t packets = chip.noc()->packets();
        std::uint64_t hops = chip.noc()->packet_hops();
        if (const FastForward* fast_forward = chip.fast_forward()) {
            // A request and a response for each burst; their ways are taken to be as long as those simulated.
            const auto simulated = static_cast<double>(std::max<std::uint64_t>(1, packets));
            bytes += fast_forward->paced_read_bytes() + fast_forward->paced_written_bytes();
            packets += 2 * fast_forward->paced_bursts();
            hops = static_cast<std::uint64_t>(
                std::llround(static_cast<double>(hops) * static_cast<double>(packets) / simulated));
        }
        result_.noc.bytes += bytes;
        result_.noc.packets += packets;
        result_.noc.packet_hops += hops;
    }

    void add_communication() {
        if (run_.exchange == nullptr) {
            return;
        }
        CommunicationResult& it = result_.communication.emplace();
        const LinkPort& port = *chip_.link_port();
        it.buckets = run_.exchange->exchange().buckets.size();
        it.chunks = run_.exchange->chunks().size();
        it.vector_bytes = run_.exchange->vector_bytes();
        it.sent_bytes = port.sent_bytes();
        it.gradients = run_.exchange->op() == CollectiveOp::all_reduce;
        it.messages = port.sent_messages();
        it.memory_read_bytes = port.memory().read_bytes();
        it.memory_write_bytes = port.memory().written_bytes();
        const auto busy = static_cast<std::uint64_t>(
            std::llround(static_cast<double>(port.busy_ps()) * 1e-6 * platform_.chip.clock_mhz));
        std::uint64_t waited = 0;
        for (const OperationResult& row : result_.operations) {
            waited += row.pass == "update" || !it.gradients ? row.stall_dependency : 0;
        }
        it.exposed_cycles = std::min(waited, busy);
        it.hidden_cycles = busy - it.exposed_cycles;
        const double capacity = static_cast<double>(platform_.system.link.direction_bytes_per_s()) * result_.time_s;
        for (const ChipSystem::LinkUse& use : run_.system.links_of_first_chip()) {
            it.links.push_back({use.name, use.bytes, static_cast<double>(use.bytes) / capacity});
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
        const std::string bucket = largest_bucket({{"compute", matrix},
                                                   {"vector", result_.vector_cycles},
                                                   {"load/store", result_.stall_load + result_.stall_store},
                                                   {"scratchpad", result_.stall_scratchpad},
                                                   {"dependency", result_.stall_dependency}});
        if (bucket == "dependency" && result_.communication &&
            2 * result_.communication->exposed_cycles > result_.stall_dependency) {
            return "link";
        }
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
        for (const OperationResult& row : result_.operations) {
            cycles += row.cycles;
            result_.noc.exchanged_bytes += row.exchanged_bytes;
            expect_equal(row.name + ": compute and stall cycles against cycles",
                         row.compute_cycles + row.stall_load + row.stall_store + row.stall_scratchpad +
                             row.stall_dependency,
                         row.cycles);
        }
        expect_equal("sum of the rows' cycles against the total", cycles, result_.cycles);
        for (const auto& chip : run_.system.chips()) {
            check_bytes(*chip);
            for (const std::string& error : chip->ledger().errors()) {
                result_.errors.push_back(error);
            }
        }
    }

    void check_bytes(Chip& chip) {
        const std::vector<OperationAccount> counted = chip.operations();
        for (std::size_t i = 0; i < counted.size(); ++i) {
            const PlannedOperation& planned = plan_.operations[i];
            expect_equal(planned.name + ": DRAM bytes read, issued against planned", counted[i].dram_read_bytes,
                         planned.dram_read_bytes);
            expect_equal(planned.name + ": bytes exchanged by tiles, issued against planned",
                         counted[i].exchanged_bytes, planned.exchanged_bytes);
            expect_equal(planned.name + ": DRAM bytes written, issued against planned", counted[i].dram_write_bytes,
                         planned.dram_write_bytes);
        }
        std::uint64_t read = plan_.dram_read_bytes(), written = plan_.dram_write_bytes();
        if (LinkPort* port = chip.link_port()) {
            expect_equal("bytes for other chips read, issued against planned", port->memory().read_bytes(),
                         run_.exchange->read_bytes());
            expect_equal("bytes from other chips written, issued against planned", port->memory().written_bytes(),
                         run_.exchange->written_bytes());
            expect_equal("messages between chips that were refused", port->errors(), 0);
            read += run_.exchange->read_bytes();
            written += run_.exchange->written_bytes();
        }
        const DramCounters served = chip.dram_counters();
        expect_equal("DRAM bytes read, served against planned", served.read_bytes, read);
        expect_equal("DRAM bytes written, served against planned", served.write_bytes, written);
    }

    void expect_equal(const std::string& what, std::uint64_t got, std::uint64_t expected) {
        if (got != expected) {
            result_.errors.push_back(what + ": " + std::to_string(got) + " != " + std::to_string(expected));
        }
    }

    const RunOfChips& run_;
    const Platform& platform_;
    const Plan& plan_;
    Chip& chip_; // that ends last
    RunResult result_;
};

} // namespace

RunResult account(const RunOfChips& run, bool complete) {
    return Books(run).close(complete);
}

} // namespace systolica
