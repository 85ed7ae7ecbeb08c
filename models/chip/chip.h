// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A chip: tiles, the network between them and the memory channels, the sync board, the ledger, and where chips exchange
// gradients the port of its links. Pure composition. Private memory (model: private_ports) belongs to its one tile,
// without a network in between.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/commands/command_source.h"
#include "machine/dram/counters.h"
#include "machine/fast_forward/paced_memory.h"
#include "machine/tile_config.h"
#include "models/chip/ledger.h"
#include "models/dram/dram_channel.h"
#include "models/dram/ideal_memory.h"
#include "models/dram/private_memory.h"
#include "models/exchange/link_port.h"
#include "models/fast_forward/fast_forward.h"
#include "models/noc/access_noc.h"
#include "models/tile/sync_board.h"
#include "models/tile/tile.h"

namespace systolica {

class Chip : public sc_core::sc_module {
public:
    struct Params {
        ChipConfig config;
        std::vector<CommandSource*> sources; // one a tile, all of the same operations
        bool lt = false;
        // Fast-forward: what each operation moves between tiles and memory; empty: off. Only with a memory controller.
        std::vector<std::uint64_t> operation_bytes;
        // The port of its links, which has an entrance to the network of its own at that router; without its memory.
        std::optional<LinkPort::Params> link_port;
        unsigned link_router = 0;
    };

    Chip(const sc_core::sc_module_name& name, const Params& params);

    const Ledger& ledger() const { return ledger_; }
    const AccessNoc* noc() const { return noc_.get(); } // null with private memory
    std::vector<OperationAccount> operations() const;   // the ledger's rows with what the tiles counted
    LinkPort* link_port() { return link_port_.get(); }  // null where nothing is exchanged
    const FastForward* fast_forward() const { return fast_forward_.get(); }
    DramCounters dram_counters() const;              // with what was paced, as every count below
    std::vector<DramCounters> dram_channels() const; // none with ideal or private memory
    std::uint64_t transactions() const;
    std::string waiting() const; // one line for each queue, memory or tile that cannot go on

    void report(Statistics& statistics);
    void add_waves(const WaveScope& scope);

private:
    void connect_memory(); // through the network
    void add_private_memory();
    void add_fast_forward();
    void add_link_port();
    std::vector<DramCounters> counted_channels() const;

    const Params params_;
    Ledger ledger_;
    SyncBoard sync_board_;
    std::unique_ptr<AccessNoc> noc_;
    std::unique_ptr<FastForward> fast_forward_;
    PacedMemory paced_memory_;
    std::vector<std::unique_ptr<Tile>> tiles_;
    std::vector<std::unique_ptr<DramChannel>> dram_;
    std::unique_ptr<IdealMemory> ideal_memory_;     // instead of dram_
    std::unique_ptr<PrivateMemory> private_memory_; // instead of dram_ and noc_
    std::unique_ptr<LinkPort> link_port_;
};

} // namespace systolica
