// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tile/tile.h"

namespace systolica {

namespace {

Sequencer::Params sequencer_params(const Tile::Params& tile, Accounting& accounting) {
    Sequencer::Params params;
    params.tile = tile.index;
    params.source = tile.source;
    params.monitor = &accounting;
    return params;
}

Dma::Params dma_params(const Tile::Params& tile) {
    Dma::Params params{tile.config.dma, tile.clock};
    params.interleave_bytes = tile.interleave_bytes;
    params.operations = tile.source->operations();
    params.lt = tile.lt;
    if (tile.fast_forward != nullptr) {
        params.queue_depth = TransferPacer::kDmaDepth;
    }
    return params;
}

PeArray::Params pe_array_params(const Tile::Params& tile, Accounting& accounting) {
    PeArray::Params params{tile.config.pe_array, tile.precision, tile.clock};
    params.operations = tile.source->operations();
    params.monitor = &accounting;
    return params;
}

VectorUnit::Params vector_unit_params(const Tile::Params& tile, Accounting& accounting) {
    VectorUnit::Params params{tile.config.vector_unit, tile.clock};
    params.operations = tile.source->operations();
    params.monitor = &accounting;
    return params;
}

Scratchpad::Params pad_params(const Tile::Params& tile, Pad pad) {
    return {tile.config.pad(pad), tile.clock};
}

} // namespace

Tile::Tile(const sc_core::sc_module_name& name, const Params& params)
    : sc_core::sc_module(name),
      accounting_(params.clock, *params.source, *params.ledger),
      sequencer_("sequencer", sequencer_params(params, accounting_)),
      dma_("dma", dma_params(params)),
      pe_array_("pe_array", pe_array_params(params, accounting_)),
      vector_unit_("vector_unit", vector_unit_params(params, accounting_)),
      ifmap_pad_("ifmap_pad", pad_params(params, Pad::ifmap)),
      filter_pad_("filter_pad", pad_params(params, Pad::filter)),
      ofmap_pad_("ofmap_pad", pad_params(params, Pad::ofmap)),
      vector_pad_("vector_pad", pad_params(params, Pad::vector)),
      pad_port_("pad_port", {params.config}) {
    if (params.fast_forward != nullptr) {
        TransferPacer::Params pacer;
        pacer.dma = params.config.dma;
        pacer.clock = params.clock;
        pacer.operations = params.source->operations();
        pacer.interleave_bytes = params.interleave_bytes;
        pacer.block_bytes = params.block_bytes;
        pacer.fast_forward = params.fast_forward;
        pacer_ = std::make_unique<TransferPacer>("pacer", pacer);
        sequencer_.load_out.bind(pacer_->load_in);
        sequencer_.store_out.bind(pacer_->store_in);
        pacer_->load_out.bind(dma_.load_in);
        pacer_->store_out.bind(dma_.store_in);
    } else {
        sequencer_.load_out.bind(dma_.load_in);
        sequencer_.store_out.bind(dma_.store_in);
    }
    sequencer_.matrix_out.bind(pe_array_.cmd_in);
    sequencer_.vector_out.bind(vector_unit_.cmd_in);
    sequencer_.sync_out.bind(sync_out);
    dma_.mem_out.bind(mem_out);
    pads_in.bind(pad_port_.in);
    for (std::size_t i = 0; i < kPads; ++i) {
        Scratchpad& pad = *pads()[i];
        if (pacer_) {
            dma_.pad_out[i].bind(pacer_->pad_in[i]);
            pacer_->pad_out[i].bind(pad.dma_in);
        } else {
            dma_.pad_out[i].bind(pad.dma_in);
        }
        vector_unit_.pad_out[i].bind(pad.vector_in);
        pad_port_.pad_out[i].bind(pad.remote_in);
        if (i < PeArray::kArrayPads) {
            pe_array_.pad_out[i].bind(pad.array_in);
        }
    }
}

void Tile::add_counts(std::vector<OperationAccount>& rows) const {
    const std::vector<SramCounts>& sram = pe_array_.sram_counts_by_operation();
    const std::vector<std::uint64_t>& reads = dma_.read_bytes_by_operation();
    const std::vector<std::uint64_t>& writes = dma_.write_bytes_by_operation();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].sram_ifmap_reads += sram[i].ifmap_reads;
        rows[i].sram_filter_reads += sram[i].filter_reads;
        rows[i].sram_ofmap_writes += sram[i].ofmap_writes;
        rows[i].dram_read_bytes += reads[i];
        rows[i].dram_write_bytes += writes[i];
        rows[i].exchanged_bytes += dma_.loaded_from_tiles_by_operation()[i] + dma_.stored_to_tiles_by_operation()[i];
        if (pacer_) {
            rows[i].dram_read_bytes += pacer_->read_bytes_by_operation()[i];
            rows[i].dram_write_bytes += pacer_->write_bytes_by_operation()[i];
        }
    }
}

std::uint64_t Tile::transactions() const {
    std::uint64_t count = dma_.transactions();
    for (std::size_t i = 0; i < kQueues; ++i) {
        count += sequencer_.retired(static_cast<Queue>(i));
    }
    return count;
}

void Tile::report(Statistics& statistics) {
    const StateCycles spent = states();
    Statistics& cycles = statistics.child("cycles");
    cycles.set("matrix", spent.matrix, "cycles");
    cycles.set("vector", spent.vector, "cycles");
    cycles.set("dependency", spent.dependency, "cycles");
    cycles.set("scratchpad", spent.scratchpad, "cycles");
    cycles.set("load", spent.load, "cycles");
    cycles.set("store", spent.store, "cycles");
    sequencer_.report(statistics.child("sequencer"));
    dma_.report(statistics.child("dma"));
    if (pacer_) {
        pacer_->report(statistics.child("pacer"));
    }
    pad_port_.report(statistics.child("pad_port"));
    pe_array_.report(statistics.child("pe_array"));
    vector_unit_.report(statistics.child("vector_unit"));
    for (std::size_t i = 0; i < kPads; ++i) {
        pads()[i]->report(statistics.child("spad").child(pad_name(static_cast<Pad>(i))));
    }
}

void Tile::add_waves(const WaveScope& scope) {
    accounting_.add_waves(scope);
    const WaveScope spad = scope.child("spad");
    sequencer_.add_waves(scope.child("sequencer"), spad);
    dma_.add_waves(scope.child("dma"));
    pe_array_.add_waves(scope.child("pe_array"));
    vector_unit_.add_waves(scope.child("vector_unit"));
    for (std::size_t i = 0; i < kPads; ++i) {
        pads()[i]->add_waves(spad.child(pad_name(static_cast<Pad>(i))));
    }
}

} // namespace systolica
