// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/show.h"

#include "platforms/dram_checks.h"
#include "platforms/noc_text.h"
#include "platforms/simdit_text.h"
#include "sc_main/text_table.h"

#include <ostream>

namespace systolica {

namespace {

const char* dataflow_name(Dataflow dataflow) {
    switch (dataflow) {
    case Dataflow::os:
        return "output stationary (os)";
    case Dataflow::ws:
        return "weight stationary (ws)";
    case Dataflow::is:
        return "input stationary (is)";
    case Dataflow::simdit:
        return "nothing stationary (simdit)";
    }
    return "";
}

std::string topology_text(ChipTopology topology) {
    switch (topology) {
    case ChipTopology::ring:
        return "a ring";
    case ChipTopology::mesh:
        return "a mesh";
    case ChipTopology::torus:
        return "a torus";
    case ChipTopology::full:
        return "all joined";
    case ChipTopology::fabric:
        return "one switch";
    case ChipTopology::custom:
        return "custom links";
    }
    return "";
}

std::string gb_per_s(double bytes_per_s) {
    return fixed(bytes_per_s / 1e9, 2) + " GB/s";
}

std::string capacity(std::uint64_t bytes) {
    return grouped(bytes / 1024) + " KiB";
}

void print_tile(std::ostream& out, const ChipConfig& chip) {
    const TileConfig& tile = chip.tile;
    out << "pe_array    " << tile.pe_array.rows << " x " << tile.pe_array.cols << " PEs, "
        << dataflow_name(tile.pe_array.dataflow);
    if (tile.pe_array.dataflow != Dataflow::simdit) {
        out << ", folds " << (tile.pe_array.fold_overlap ? "overlap" : "do not overlap") << ", edge folds "
            << (tile.pe_array.clip_folds ? "clipped" : "padded to the whole array");
    }
    out << "\n"
        << "vector_unit " << tile.vector_unit.lanes << " lanes\n";
    for (std::size_t i = 0; i < kPads; ++i) {
        const ScratchpadConfig& pad = tile.scratchpad[i];
        out << "scratchpad  " << pad_name(static_cast<Pad>(i)) << ": " << capacity(pad.capacity_bytes) << ", "
            << pad.banks << " banks of " << pad.port_bytes << " bytes, "
            << gb_per_s(static_cast<double>(pad.bytes_per_cycle()) * chip.clock_mhz * 1e6) << "\n";
    }
    out << "dma         bursts of up to " << tile.dma.max_burst_bytes << " bytes, " << tile.dma.outstanding
        << " outstanding\n";
}

void print_ideal_dram(std::ostream& out, const DramConfig& dram) {
    const double peak = dram.peak_bytes_per_s();
    out << "dram        ideal, " << (peak > 0 ? gb_per_s(peak) : "unlimited bandwidth") << ", "
        << fixed(dram.ideal_latency_ns, 1) << " ns, interleaved every " << dram.interleave_bytes << " bytes\n";
}

void print_network(std::ostream& out, const ChipConfig& chip) {
    out << "noc         " << network_text(chip.noc) << ", " << chip.noc.flit_bytes << "-byte flits, "
        << chip.noc.router_cycles << " cycles a router, " << gb_per_s(chip.noc.flit_bytes * chip.clock_mhz * 1e6)
        << " a link and direction\n";
}

void print_dram(std::ostream& out, const DramConfig& dram) {
    const DramPart& part = dram.part;
    out << "dram        " << part.name << ", " << dram.channels << " channels of " << part.width_bits << " bits, "
        << gb_per_s(dram.peak_bytes_per_s()) << " peak, " << grouped(dram.capacity_bytes() >> 20U)
        << " MiB, interleaved every " << dram.interleave_bytes << " bytes\n"
        << "            each channel: " << dram.ranks << (dram.ranks == 1 ? " rank" : " ranks") << " of " << part.banks
        << " banks";
    if (part.bank_groups > 1) {
        out << " in " << part.bank_groups << " groups";
    }
    out << ", " << grouped(part.rows) << " rows of " << part.page_bytes << " bytes\n"
        << "            addresses: " << dram.mapping << (dram.hash.empty() ? "" : ", hashed by " + dram.hash) << ", "
        << columns_in_sequence(dram) << " columns in sequence for each row opened"
        << (dram.ecc == DramEcc::none ? "" : ", inline ECC") << "\n";
}

std::string system_text(const SystemConfig& system) {
    std::string text = std::to_string(system.chips);
    if (system.chips == 1) {
        return text;
    }
    const bool grid = system.topology == ChipTopology::mesh || system.topology == ChipTopology::torus;
    const ChipGrid sides = chip_grid(system);
    text += ", " + topology_text(system.topology);
    text += grid ? " of " + std::to_string(sides.columns) + " x " + std::to_string(sides.rows) : "";
    const ChipLinkConfig& link = system.link;
    return text + ", links of " + gb_per_s(static_cast<double>(link.direction_bytes_per_s())) + " a direction" +
           (link.lanes == 1 ? "" : " in " + std::to_string(link.lanes) + " lanes") + ", " + fixed(link.latency_ns, 1) +
           " ns" +
           (link.credits == 0
                ? ""
                : ", " + grouped(link.credits) + " credits of " + std::to_string(link.flit_bytes) + " bytes") +
           "\n            each with:";
}

} // namespace

void print_platform(std::ostream& out, const Platform& platform) {
    const ChipConfig& chip = platform.chip;
    const double tops = 2.0 * static_cast<double>(chip.pes()) * chip.clock_mhz * 1e6 / 1e12;
    out << "platform    " << platform.name << "\n"
        << "peak        " << fixed(tops, 3) << " TOPS (2 operations a MAC): " << grouped(chip.pes()) << " PEs at "
        << fixed(chip.clock_mhz, 1) << " MHz\n"
        << "precision   activations " << chip.precision.activation_bits << " bits, weights "
        << chip.precision.weight_bits << " bits, accumulators " << chip.precision.accumulator_bits << " bits\n"
        << "chips       " << system_text(platform.system) << "\n"
        << "tiles       " << chip.tiles << ", each with:\n";
    print_tile(out, chip);
    if (chip.dram.model == DramModel::private_ports) {
        out << "dram        " << private_memory_text(chip) << "\n"
            << "simdit      " << simdit_text(chip) << "\n";
        return;
    }
    print_network(out, chip);
    if (chip.dram.model == DramModel::ideal) {
        print_ideal_dram(out, chip.dram);
    } else {
        print_dram(out, chip.dram);
    }
}

} // namespace systolica
