// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A network whose packets need nothing but links (machine/noc/packet_network.h has the timing rules): a mesh with XY
// routing and buffers without limit. b_transport books the links ahead of time, each packet in the first gap that the
// calls before it have left. Requests that wait at a memory's door hold no link, so responses and other channels go on.
// Not modelled: finite router buffers, virtual channels, single flits (FabricNoc does).
#pragma once

#include "machine/noc/packet_network.h"
#include "models/noc/access_noc.h"
#include "models/noc/link_waves.h"

namespace systolica {

class MeshNoc : public AccessNoc {
public:
    MeshNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock);

    std::uint64_t packets() const override { return network_.packets(); }
    std::uint64_t packet_hops() const override { return network_.packet_hops(); }
    std::vector<LinkUse> links() const override;
    void add_waves(const WaveScope& scope) override;
    const PacketNetwork& network() const { return network_; }

private:
    std::uint64_t inject(std::uint32_t number, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits,
                         Class) override {
        return network_.inject(number, cycle, from, to, flits);
    }
    void call_at(std::uint64_t cycle, unsigned endpoint, std::uint32_t token) override {
        network_.call_at(cycle, endpoint, token);
    }
    std::uint64_t pass_ahead(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) override {
        return network_.pass(cycle, from, to, flits);
    }
    void come_to(std::uint64_t cycle) override { network_.come_to(cycle); }
    void advance(std::uint64_t cycle) override;
    std::uint64_t next_cycle() const override { return network_.next_cycle(); }
    void set_door(unsigned, Class, bool) override {} // what waits there holds nothing
    bool holds_for(unsigned, Class) const override { return false; }
    void report_links(Statistics& links) const override;

    PacketNetwork network_;
    LinkWaves link_waves_;
};

} // namespace systolica
