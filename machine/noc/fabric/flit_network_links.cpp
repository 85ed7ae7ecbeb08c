// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The flit level: what its links have carried.

#include "machine/noc/fabric/flit_network.h"

namespace systolica {

std::uint64_t FlitLevelNetwork::link_flits(unsigned link) const {
    if (link < topology_.links()) {
        return routers_[topology_.link(link).from].flits_over(out_port_[link]);
    }
    const unsigned endpoint = (link - topology_.links()) % topology_.endpoints();
    return link < topology_.ejection(0) ? sources_[endpoint].flits
                                        : routers_[topology_.router_of(endpoint)].flits_over(eject_port_[endpoint]);
}

std::uint64_t FlitLevelNetwork::link_contention(unsigned link) const {
    if (link < topology_.links()) {
        return routers_[topology_.link(link).from].contention(out_port_[link]);
    }
    const unsigned endpoint = (link - topology_.links()) % topology_.endpoints();
    return link < topology_.ejection(0) ? 0 : routers_[topology_.router_of(endpoint)].contention(eject_port_[endpoint]);
}

// What has been sent in this cycle, by the counts of all links.
void FlitLevelNetwork::log_cycle() {
    logged_.resize(topology_.all_links());
    for (unsigned link = 0; link < logged_.size(); ++link) {
        const std::uint64_t flits = link_flits(link);
        if (flits != logged_[link]) {
            log_->push_back({link, now_ + 1, now_ + 1 + topology_.flit_cycles(link)});
            logged_[link] = flits;
        }
    }
}

} // namespace systolica
