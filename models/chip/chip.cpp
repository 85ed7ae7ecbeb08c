// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/chip/chip.h"

#include "machine/simdit/chip_config.h"
#include "models/dram/dram_report.h"
#include "models/dram/energy_report.h"

namespace systolica {

namespace {

// Private memory has no channels at whose boundaries a burst would have to end.
constexpr std::uint32_t kNoInterleave = 1U << 31;

bool has_private_ports(const ChipConfig& config) {
    return config.dram.model == DramModel::private_ports;
}

std::unique_ptr<MeshNoc> make_noc(const ChipConfig& config) {
    return std::make_unique<MeshNoc>("noc", MeshNoc::Params{config.noc, config.dram.interleave_bytes}, config.clock());
}

// Leaves are sorted as text, hence the zero in front.
std::string two_digits(unsigned value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

} // namespace

Chip::Chip(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      ledger_(params.sources.front()->operations()),
      sync_board_("sync_board", {params.config.tiles, params.config.clock()}),
      noc_(has_private_ports(params.config) ? nullptr : make_noc(params.config)) {
    const ChipConfig& config = params_.config;
    const bool private_ports = has_private_ports(config);
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
        tiles_.push_back(std::make_unique<Tile>(("tile" + std::to_string(t)).c_str(), tile));
        tiles_.back()->sync_out.bind(sync_board_.tile_in[t]);
    }
    if (private_ports) {
        add_private_memory();
    } else {
        connect_memory();
    }
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
    for (const auto& channel : dram_) {
        sum += channel->counters();
    }
    return sum;
}

std::uint64_t Chip::transactions() const {
    std::uint64_t sum = 0;
    for (const auto& tile : tiles_) {
        sum += tile->transactions();
    }
    return sum;
}

std::string Chip::waiting() const {
    std::string text;
    for (const auto& tile : tiles_) {
        text += tile->waiting();
    }
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
