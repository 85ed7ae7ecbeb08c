// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A tile, composed: sequencer, DMA engine, PE array, vector unit and four scratchpads, with the accounting that listens
// to them. Towards the chip it has a memory socket and a socket to the sync board; its timing is that of its parts.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/tile_config.h"
#include "models/chip/ledger.h"
#include "models/dma/dma.h"
#include "models/fast_forward/transfer_pacer.h"
#include "models/pe_array/pe_array.h"
#include "models/scratchpad/scratchpad.h"
#include "models/sequencer/sequencer.h"
#include "models/tile/accounting.h"
#include "models/tile/pad_port.h"
#include "models/vector_unit/vector_unit.h"

namespace systolica {

class Tile : public sc_core::sc_module {
public:
    struct Params {
        unsigned index = 0; // on its chip
        TileConfig config;
        Precision precision;
        Clock clock{1'000'000};
        CommandSource* source = nullptr;
        Ledger* ledger = nullptr; // tiles attach in the order of their construction: index 0 first
        unsigned interleave_bytes = 256;
        bool lt = false;
        FastForward* fast_forward = nullptr; // none: every burst goes over memory
        unsigned block_bytes = 1;
    };

    tlm::tlm_initiator_socket<> mem_out{"mem_out"};
    PadPort::Socket pads_in{"pads_in"};               // its scratchpads for others: machine/commands/tile_address.h
    tlm::tlm_initiator_socket<> sync_out{"sync_out"}; // machine/commands/sync_access.h

    Tile(const sc_core::sc_module_name& name, const Params& params);

    bool finished() const { return sequencer_.finished(); }
    std::string waiting() { return sequencer_.waiting(); } // for deadlock reports

    // Adds what the units of this tile have counted for each operation.
    void add_counts(std::vector<OperationAccount>& rows) const;
    StateCycles states() { return accounting_.sample(); }
    std::uint64_t transactions() const; // memory bursts and commands completed

    void report(Statistics& statistics);
    void add_waves(const WaveScope& scope);

private:
    std::array<Scratchpad*, kPads> pads() { return {&ifmap_pad_, &filter_pad_, &ofmap_pad_, &vector_pad_}; }

    Accounting accounting_;
    Sequencer sequencer_;
    Dma dma_;
    std::unique_ptr<TransferPacer> pacer_;
    PeArray pe_array_;
    VectorUnit vector_unit_;
    Scratchpad ifmap_pad_, filter_pad_, ofmap_pad_, vector_pad_;
    PadPort pad_port_;
};

} // namespace systolica
