// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip/chip.h"

#include <algorithm>

#include "machine/noc/noc_fabric.h"
#include "machine/simdit/chip_config.h"
#include "models/dram/dram_report.h"
#include "models/dram/energy_report.h"
#include "models/noc/fabric_noc.h"

namespace systolica {

namespace {

// Private memory has no channels at whose boundaries a burst would have to end.
constexpr std::uint32_t kNoInterleave = 1U << 31;

bool has_private_ports(const ChipConfig& config) {
    return config.dram.model == DramModel::private_ports;
}

std::unique_ptr<AccessNoc> make_noc(const Chip::Params& chip) {
    const ChipConfig& config = chip.config;
    AccessNoc::Params params{config.noc, config.dram.interleave_bytes};
    if (chip.link_port) {
        params.noc.tile_routers.push_back(chip.link_router); // behind the tiles, for the network one more of them
    }
    return std::make_unique<FabricNoc>("noc", params, config.clock());
}

// Windows of fast-forward in time, because memory is what they look at: a window is a refresh interval (tREFI of LPDDR4
// and LPDDR5, JESD209-4 and 209-5: 3.9 us), and settling is several times the loaded latency.
constexpr double kWindowUs = 3.9;
constexpr double kSettleUs = 2;

// Leaves are sorted as text, hence the zero in front.
std::string two_digits(unsigned value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

} // namespace

Chip::Chip(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      ledger_(params.sources.front()->operations()),
      sync_board_("sync_board", {params.config.tiles + (params.link_port ? 1 : 0), params.config.clock()}),
      noc_(has_private_ports(params.config) ? nullptr : make_noc(params)) {
    const ChipConfig& config = params_.config;
    const bool private_ports = has_private_ports(config);
    if (!params_.operation_bytes.empty()) {
        add_fast_forward();
    }
    for (unsigned t = 0; t < config.tiles; ++t) {
        Tile::Params tile;
        tile.index = t;
        tile.config = config.tile;
        tile.config.dma.private_ports = private_ports;
        tile.precision = config.precision;
        tile.clock = config.clock();
        tile.source = params_.sources[t];
        tile.ledger = &ledger_;
        tile.interleave_bytes = private_ports ? kNoInterleave : config.dram.interleave_bytes;
        tile.lt = params_.lt;
        tile.fast_forward = fast_forward_.get();
        tile.block_bytes = fast_forward_ ? config.dram.part.burst_bytes() : 1;
        tiles_.push_back(std::make_unique<Tile>(("tile" + std::to_string(t)).c_str(), tile));
        tiles_.back()->sync_out.bind(sync_board_.tile_in[t]);
    }
    if (private_ports) {
        add_private_memory();
    } else {
        connect_memory();
    }
    if (params_.link_port) {
        add_link_port();
    }
}

void Chip::add_link_port() {
    const ChipConfig& config = params_.config;
    sc_assert(noc_ != nullptr && fast_forward_ == nullptr);
    LinkPort::Params port = *params_.link_port;
    port.memory.dma = config.tile.dma;
    port.memory.clock = config.clock();
    port.memory.interleave_bytes = config.dram.interleave_bytes;
    port.memory.lt = params_.lt;
    link_port_ = std::make_unique<LinkPort>("link_port", port);
    link_port_->mem_out.bind(noc_->tile_in[config.tiles]);
    link_port_->sync_out.bind(sync_board_.tile_in[config.tiles]);
}

void Chip::add_fast_forward() {
    const ChipConfig& config = params_.config;
    sc_assert(config.dram.model == DramModel::controller);
    FastForward::Params params;
    params.clock = config.clock();
    params.streams = 2 * std::size_t{config.tiles};
    params.operation_bytes = params_.operation_bytes;
    params.burst_bytes = std::min(config.tile.dma.max_burst_bytes, config.dram.interleave_bytes);
    params.block_bytes = config.dram.part.burst_bytes();
    params.flit_bytes = config.noc.flit_bytes;
    params.peak_per_cycle = std::min(static_cast<double>(config.dram.channels) * config.noc.flit_bytes,
                                     config.dram.peak_bytes_per_s() / (config.clock_mhz * 1e6));
    params.window_cycles = static_cast<std::uint64_t>(kWindowUs * config.clock_mhz);
    params.settle_cycles = static_cast<std::uint64_t>(kSettleUs * config.clock_mhz);
    params.served_bytes = [this] {
        std::uint64_t bytes = 0;
        for (const auto& channel : dram_) {
            bytes += channel->counters().bus_bytes;
        }
        return bytes;
    };
    params.paces = [this](bool begins) {
        begins ? paced_memory_.begin(counted_channels()) : paced_memory_.end(counted_channels());
    };
    fast_forward_ = std::make_unique<FastForward>("fast_forward", params);
}

void Chip::add_private_memory() {
    const ChipConfig& config = params_.config;
    sc_assert(tiles_.size() == 1);
    private_memory_ = std::make_unique<PrivateMemory>(
        "private_memory", PrivateMemory::Params{config.clock(), private_bits_per_cycle(config)});
    tiles_.front()->mem_out.bind(private_memory_->mem_in);
}

void Chip::connect_memory() {
    const ChipConfig& config = params_.config;
    for (unsigned t = 0; t < config.tiles; ++t) {
        tiles_[t]->mem_out.bind(noc_->tile_in[t]);
        noc_->tile_out[t].bind(tiles_[t]->pads_in);
    }
    if (config.dram.model == DramModel::ideal) {
        ideal_memory_ = std::make_unique<IdealMemory>("ideal_memory", config.dram);
    }
    for (unsigned c = 0; c < config.dram.channels; ++c) {
        if (ideal_memory_) {
            noc_->memory_out[c].bind(ideal_memory_->mem_in[c]);
            continue;
        }
        dram_.push_back(
            std::make_unique<DramChannel>(("dram" + std::to_string(c)).c_str(), DramChannel::Params{config.dram, c}));
        noc_->memory_out[c].bind(dram_.back()->mem_in);
    }
}

std::vector<OperationAccount> Chip::operations() const {
    std::vector<OperationAccount> rows = ledger_.rows();
    for (const auto& tile : tiles_) {
        tile->add_counts(rows);
    }
    return rows;
}

std::vector<DramCounters> Chip::dram_channels() const {
    if (!fast_forward_) {
        return counted_channels();
    }
    return paced_memory_.estimate(
        counted_channels(),
        {fast_forward_->paced_read_bytes(), fast_forward_->paced_written_bytes(), fast_forward_->paced_pin_bytes()});
}

std::vector<DramCounters> Chip::counted_channels() const {
    std::vector<DramCounters> channels;
    for (const auto& channel : dram_) {
        channels.push_back(channel->counters());
    }
    return channels;
}

DramCounters Chip::dram_counters() const {
    if (ideal_memory_) {
        return ideal_memory_->counters();
    }
    if (private_memory_) {
        return private_memory_->counters();
    }
    DramCounters sum;
    for (const DramCounters& channel : dram_channels()) {
        sum += channel;
    }
    return sum;
}

std::uint64_t Chip::transactions() const {
    std::uint64_t sum = 0;
    for (const auto& tile : tiles_) {
        sum += tile->transactions();
    }
    return sum + (link_port_ ? link_port_->memory().transactions() + link_port_->sent_messages() : 0);
}

std::string Chip::waiting() const {
    std::string text;
    for (const auto& tile : tiles_) {
        text += tile->waiting();
    }
    text += link_port_ ? link_port_->waiting() : "";
    return noc_ ? text + noc_->waiting() : text;
}

void Chip::report(Statistics& statistics) {
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
        tiles_[t]->report(statistics.child("tile" + std::to_string(t)));
    }
    for (std::size_t c = 0; c < dram_.size(); ++c) {
        Statistics& node = statistics.child("dram" + std::to_string(c));
        dram_[c]->report(node);
        report_dram_energy(params_.config.dram.part, dram_[c]->counters(), node);
        for (unsigned bank = 0; bank < params_.config.dram.banks(); ++bank) {
            report_dram_bank(dram_[c]->bank_counters(bank), node.child("bank" + two_digits(bank)));
        }
    }
    if (ideal_memory_) {
        ideal_memory_->report(statistics.child("ideal_memory"));
    }
    if (private_memory_) {
        private_memory_->report(statistics.child("private_memory"));
    }
    if (noc_) {
        noc_->report(statistics.child("noc"));
    }
    sync_board_.report(statistics.child("sync_board"));
    if (link_port_) {
        link_port_->report(statistics.child("link_port"));
    }
    if (fast_forward_) {
        fast_forward_->report(statistics.child("fast_forward"));
    }
}

void Chip::add_waves(const WaveScope& scope) {
    ledger_.add_waves(scope, params_.config.clock());
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
        tiles_[t]->add_waves(scope.child("tile" + std::to_string(t)));
    }
    for (std::size_t c = 0; c < dram_.size(); ++c) {
        dram_[c]->add_waves(scope.child("dram" + std::to_string(c)));
    }
    if (ideal_memory_) {
        ideal_memory_->add_waves(scope.child("ideal_memory"));
    }
    if (private_memory_) {
        private_memory_->add_waves(scope.child("private_memory"));
    }
    if (noc_) {
        noc_->add_waves(scope.child("noc"));
    }
    sync_board_.add_waves(scope.child("sync_board"));
}

} // namespace systolica
