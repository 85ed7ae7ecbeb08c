// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/grid_routing.h"

namespace systolica {

GridLinks::GridLinks(const FabricTopology& topology) : links_(std::size_t{topology.routers()} * 4) {
    const unsigned columns = topology.columns();
    const unsigned rows = topology.rows();
    for (unsigned router = 0; router < topology.routers(); ++router) {
        const unsigned column = router % columns;
        const unsigned row = router / columns;
        const auto at = [&](unsigned c, unsigned r) {
            return topology.link_between(router, r % rows * columns + c % columns);
        };
        links_[router * 4 + east] = at(column + 1, row);
        links_[router * 4 + west] = at(column + columns - 1, row);
        links_[router * 4 + south] = at(column, row + 1);
        links_[router * 4 + north] = at(column, row + rows - 1);
    }
}

DimensionRouting::DimensionRouting(const FabricTopology& topology, FabricRoutingKind kind)
    : links_(topology),
      columns_(topology.columns()),
      rows_(topology.rows()),
      wraps_(topology.wraps()),
      both_orders_(kind == FabricRoutingKind::o1turn),
      y_first_(kind == FabricRoutingKind::yx) {}

// The bits of x; those of y are two higher.
RouteState DimensionRouting::leg(unsigned from, unsigned to, unsigned size, bool backward_on_tie) const {
    if (!wraps_ || size < 3) {
        return to < from ? x_backward : 0;
    }
    const unsigned forward = (to + size - from) % size;
    const bool backward = 2 * forward > size || (2 * forward == size && backward_on_tie);
    const bool crosses = backward ? from < to : from > to;
    return static_cast<RouteState>((backward ? x_backward : 0) | (crosses ? x_crosses : 0));
}

RouteState DimensionRouting::start(unsigned from_router, unsigned to_router, unsigned variant) const {
    const unsigned x = leg(from_router % columns_, to_router % columns_, columns_, (variant & 1) != 0);
    const unsigned y = leg(from_router / columns_, to_router / columns_, rows_, (variant & 2) != 0);
    const bool turned = y_first_ || (both_orders_ && (variant & (wraps_ ? 4 : 1)) != 0);
    return static_cast<RouteState>(x | (y << 2) | (turned ? y_first : 0));
}

RouteChoices DimensionRouting::next(unsigned router, unsigned to_router, RouteState state) const {
    const bool turned = (state & y_first) != 0;
    const bool x_done = router % columns_ == to_router % columns_;
    const bool y_done = router / columns_ == to_router / columns_;
    const bool in_x = turned ? y_done : !x_done;
    const bool backward = (state & (in_x ? x_backward : y_backward)) != 0;
    const bool crosses = (state & (in_x ? x_crosses : y_crosses)) != 0;
    const auto direction =
        in_x ? (backward ? GridLinks::west : GridLinks::east) : (backward ? GridLinks::north : GridLinks::south);
    const unsigned order = both_orders_ && turned ? 1 : 0;
    RouteChoices choices;
    choices.add({links_.link(router, direction), wraps_ ? order * 2 + (crosses ? 1 : 0) : order, state});
    return choices;
}

RouteChoices WestFirstRouting::next(unsigned router, unsigned to_router, RouteState state) const {
    const unsigned x = router % columns_;
    const unsigned to_x = to_router % columns_;
    const unsigned y = router / columns_;
    const unsigned to_y = to_router / columns_;
    RouteChoices choices;
    if (to_x < x) {
        choices.add({links_.link(router, GridLinks::west), 0, state});
        return choices;
    }
    if (to_x > x) {
        choices.add({links_.link(router, GridLinks::east), 0, state});
    }
    if (to_y != y) {
        choices.add({links_.link(router, to_y > y ? GridLinks::south : GridLinks::north), 0, state});
    }
    return choices;
}

} // namespace systolica
