// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Routing by tables, for any network: shortest paths by hops, of equal ones the link with the lowest number. If these
// depend on each other in a circle, paths follow the up*/down* rule instead (Schroeder et al., Autonet, 1991): links
// towards router 0 are up (by hops from it, among equals by number), and no up link follows a down link.
#pragma once

#include <vector>

#include "machine/noc/fabric/routing.h"

namespace systolica {

class TableRouting : public FabricRouting {
public:
    explicit TableRouting(const FabricTopology& topology);

    unsigned classes() const override { return 1; }
    RouteState start(unsigned, unsigned, unsigned) const override { return 0; }
    RouteChoices next(unsigned router, unsigned to_router, RouteState state) const override;

    bool up_down() const { return up_down_; }

private:
    // A path's state is its router and whether it may only go down from here.
    unsigned place(unsigned router, unsigned down) const { return router * (up_down_ ? 2 : 1) + down; }
    bool is_up(const FabricLink& link) const;
    bool allowed(unsigned down, const FabricLink& link) const { return down == 0 || !is_up(link); }
    unsigned behind(unsigned down, const FabricLink& link) const;
    void rank_routers();
    void make_tables();
    void make_table_to(unsigned to_router);

    const FabricTopology& topology_;
    bool up_down_ = false;
    std::vector<unsigned> rank_;     // hops from router 0
    std::vector<unsigned> next_;     // link at [to_router][place], kNone without one
    std::vector<unsigned> distance_; // to the router of make_table_to, by place
};

} // namespace systolica
