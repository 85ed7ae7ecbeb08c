// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/show.h"

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
        << dataflow_name(tile.pe_array.dataflow) << ", folds "
        << (tile.pe_array.fold_overlap ? "overlap" : "do not overlap") << ", edge folds "
        << (tile.pe_array.clip_folds ? "clipped" : "padded to the whole array") << "\n"
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

void print_dram(std::ostream& out, const DramConfig& dram) {
    const double peak = dram.peak_bytes_per_s();
    out << "dram        ";
    if (dram.model == DramModel::ideal) {
        out << "ideal, " << (peak > 0 ? gb_per_s(peak) : "unlimited bandwidth") << ", "
            << fixed(dram.ideal_latency_ns, 1) << " ns";
    } else {
        out << dram.part.name << ", " << dram.channels << " channels of " << dram.part.width_bits << " bits, "
            << gb_per_s(peak) << " peak, "
            << grouped(dram.channels * dram.part.rows * dram.part.banks * dram.part.page_bytes >> 20U) << " MiB";
    }
    out << ", interleaved every " << dram.interleave_bytes << " bytes\n";
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
        << "chips       " << platform.chips << "\n"
        << "tiles       " << chip.tiles << ", each with:\n";
    print_tile(out, chip);
    out << "noc         mesh of " << chip.noc.columns << " x " << chip.noc.rows << " routers, " << chip.noc.flit_bytes
        << "-byte flits, " << chip.noc.router_cycles << " cycles a router, "
        << gb_per_s(chip.noc.flit_bytes * chip.clock_mhz * 1e6) << " a link and direction\n";
    print_dram(out, chip.dram);
}

} // namespace systolica
