// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/table_routing.h"

#include <deque>
#include <tuple>

#include "machine/noc/fabric/channel_dependency.h"

namespace systolica {

TableRouting::TableRouting(const FabricTopology& topology) : topology_(topology) {
    make_tables();
    FabricConfig one_channel; // tables have one class: more virtual channels break no circle
    one_channel.virtual_channels = 1;
    if (!dependency_cycle(topology_, *this, one_channel).empty()) {
        up_down_ = true;
        rank_routers();
        make_tables();
    }
}

RouteChoices TableRouting::next(unsigned router, unsigned to_router, RouteState state) const {
    const unsigned places = topology_.routers() * (up_down_ ? 2 : 1);
    const unsigned link = next_[std::size_t{to_router} * places + place(router, state)];
    RouteChoices choices;
    if (link != FabricTopology::kNone) {
        choices.add({link, 0, static_cast<RouteState>(behind(state, topology_.link(link)))});
    }
    return choices;
}

bool TableRouting::is_up(const FabricLink& link) const {
    return std::tie(rank_[link.to], link.to) < std::tie(rank_[link.from], link.from);
}

unsigned TableRouting::behind(unsigned down, const FabricLink& link) const {
    return up_down_ && (down != 0 || !is_up(link)) ? 1 : 0;
}

void TableRouting::rank_routers() {
    rank_.assign(topology_.routers(), FabricTopology::kNone);
    std::deque<unsigned> reached{0};
    rank_[0] = 0;
    for (; !reached.empty(); reached.pop_front()) {
        for (const unsigned id : topology_.links_of(reached.front())) {
            const unsigned to = topology_.link(id).to;
            if (rank_[to] == FabricTopology::kNone) {
                rank_[to] = rank_[reached.front()] + 1;
                reached.push_back(to);
            }
        }
    }
}

void TableRouting::make_tables() {
    const std::size_t places = std::size_t{topology_.routers()} * (up_down_ ? 2 : 1);
    next_.assign(places * topology_.routers(), FabricTopology::kNone);
    for (unsigned to = 0; to < topology_.routers(); ++to) {
        if (!topology_.endpoints_of(to).empty()) {
            make_table_to(to);
        }
    }
}

// Breadth first against the direction of the links; then each place takes its first link that comes nearer.
void TableRouting::make_table_to(unsigned to_router) {
    const unsigned downs = up_down_ ? 2 : 1;
    const unsigned places = topology_.routers() * downs;
    distance_.assign(places, FabricTopology::kNone);
    std::deque<unsigned> reached;
    for (unsigned down = 0; down < downs; ++down) {
        distance_[place(to_router, down)] = 0;
        reached.push_back(place(to_router, down));
    }
    for (; !reached.empty(); reached.pop_front()) {
        const unsigned here = reached.front();
        for (const unsigned id : topology_.links_into(here / downs)) {
            const FabricLink& link = topology_.link(id);
            for (unsigned down = 0; down < downs; ++down) {
                const unsigned before = place(link.from, down);
                if ((!up_down_ || allowed(down, link)) && place(link.to, behind(down, link)) == here &&
                    distance_[before] == FabricTopology::kNone) {
                    distance_[before] = distance_[here] + 1;
                    reached.push_back(before);
                }
            }
        }
    }
    for (unsigned here = 0; here < places; ++here) {
        if (here / downs == to_router || distance_[here] == FabricTopology::kNone) {
            continue;
        }
        for (const unsigned id : topology_.links_of(here / downs)) {
            const FabricLink& link = topology_.link(id);
            const unsigned down = here % downs;
            if ((!up_down_ || allowed(down, link)) &&
                distance_[place(link.to, behind(down, link))] + 1 == distance_[here]) {
                next_[std::size_t{to_router} * places + here] = id;
                break;
            }
        }
    }
}

} // namespace systolica
