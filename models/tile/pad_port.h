// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The scratchpads of a tile for others on the network (machine/commands/tile_address.h). An access takes the ports of
// its pad as a burst of the DMA does, in the order of arrival, and is answered when they have moved it: on nb_transport
// by TLM_COMPLETED and a delay. A write to the ofmap pad adds to the sums that are there: its ports move the bytes
// twice. Who writes where, and that there is room, is for the programs to agree on (sync board). Without data.
#pragma once

#include "base/statistics.h"
#include "machine/tile_config.h"
#include "models/tlm/pad_access.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

namespace systolica {

class PadPort : public sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
public:
    struct Params {
        TileConfig config;
    };

    // May stay unbound.
    using Socket = tlm::tlm_target_socket<32, tlm::tlm_base_protocol_types, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
    Socket in{"in"};
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<PadPort>> pad_out{"pad_out", kPads}; // by Pad

    PadPort(const sc_core::sc_module_name& name, const Params& params);

    void report(Statistics& statistics) const;

private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override;
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
    unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

    const TileConfig config_;
    PadAccess pads_;
    std::uint64_t read_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    std::uint64_t added_bytes_ = 0;
};

} // namespace systolica
