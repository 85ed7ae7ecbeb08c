// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/mesh_noc.h"

namespace systolica {

MeshNoc::MeshNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock)
    : AccessNoc(name, params, clock),
      network_(params.noc, PacketNetwork::Traffic::tiles_with_memories),
      link_waves_(clock) {}

void MeshNoc::advance(std::uint64_t cycle) {
    network_.advance(
        cycle, [this](std::uint32_t number) { arrived(number); }, [this](std::uint32_t token) { called(token); });
}

std::vector<AccessNoc::LinkUse> MeshNoc::links() const {
    std::vector<LinkUse> list;
    for (LinkId link = 0; link < network_.topology().links(); ++link) {
        list.push_back({network_.topology().link_name(link), network_.use(link).busy_cycles});
    }
    return list;
}

void MeshNoc::report_links(Statistics& links) const {
    for (LinkId link = 0; link < network_.topology().links(); ++link) {
        Statistics& entry = links.child(network_.topology().link_name(link));
        entry.set("busy_cycles", network_.use(link).busy_cycles, "cycles");
        entry.set("packets", network_.use(link).packets, "packets");
    }
}

void MeshNoc::add_waves(const WaveScope& scope) {
    link_waves_.add(network_.topology(), scope);
    network_.log_bookings(link_waves_.traced() ? &link_waves_.log() : nullptr);
    AccessNoc::add_waves(scope);
}

} // namespace systolica
