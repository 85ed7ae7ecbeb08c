// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Routing on grids from coordinates alone.
#pragma once

#include <vector>

#include "machine/noc/fabric/routing.h"

namespace systolica {

// The link of every router in each direction, FabricTopology::kNone at a rim.
class GridLinks {
public:
    enum Direction : unsigned { east, west, south, north };

    explicit GridLinks(const FabricTopology& topology);

    unsigned link(unsigned router, Direction direction) const { return links_[router * 4 + direction]; }

private:
    std::vector<unsigned> links_;
};

// One dimension after the other: xy, yx, or for each packet one of both (o1turn: Seo et al., ISCA 2005; each order has
// virtual channels of its own). Around a torus or ring the shorter way, of two equally long ones either; a packet that
// crosses the link between the last and the first router of a ring takes the second half of the virtual channels in the
// whole ring, all others the first (dateline: Dally and Seitz, 1987): neither half depends on itself in a circle.
class DimensionRouting : public FabricRouting {
public:
    DimensionRouting(const FabricTopology& topology, FabricRoutingKind kind);

    unsigned classes() const override { return (wraps_ ? 2 : 1) * (both_orders_ ? 2 : 1); }
    unsigned variants() const override { return (wraps_ ? 4 : 1) * (both_orders_ ? 2 : 1); }
    RouteState start(unsigned from_router, unsigned to_router, unsigned variant) const override;
    RouteChoices next(unsigned router, unsigned to_router, RouteState state) const override;

private:
    enum State : RouteState { x_backward = 1, x_crosses = 2, y_backward = 4, y_crosses = 8, y_first = 16 };

    RouteState leg(unsigned from, unsigned to, unsigned size, bool backward_on_tie) const;

    const GridLinks links_;
    const unsigned columns_;
    const unsigned rows_;
    const bool wraps_;
    const bool both_orders_;
    const bool y_first_;
};

// Westward hops first, then any order of the others (Glass and Ni, ISCA 1992), on a mesh.
class WestFirstRouting : public FabricRouting {
public:
    explicit WestFirstRouting(const FabricTopology& topology) : links_(topology), columns_(topology.columns()) {}

    unsigned classes() const override { return 1; }
    RouteState start(unsigned, unsigned, unsigned) const override { return 0; }
    RouteChoices next(unsigned router, unsigned to_router, RouteState state) const override;

private:
    const GridLinks links_;
    const unsigned columns_;
};

} // namespace systolica
