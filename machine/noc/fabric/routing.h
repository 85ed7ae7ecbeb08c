// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where a packet goes next. A routing answers per router from the destination's router and a small state that the
// packet carries; the state holds what was decided at its source (direction around a ring, order of dimensions) or on
// its way (already on the way down a tree). Routes are minimal within what the routing allows. A virtual-channel class
// says which part of a link's virtual channels the packet may take, so that classes never wait for each other in a
// circle.
#pragma once

#include <cstdint>
#include <memory>

#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

using RouteState = std::uint8_t;

struct RouteChoice {
    unsigned link;
    unsigned vc_class;
    RouteState state; // behind the link
};

// One choice; an adaptive routing may leave two. None: there is no way on.
struct RouteChoices {
    RouteChoice choice[2];
    unsigned count = 0;

    void add(const RouteChoice& c) { choice[count++] = c; }
    const RouteChoice* begin() const { return choice; }
    const RouteChoice* end() const { return choice + count; }
};

class FabricRouting {
public:
    virtual ~FabricRouting() = default;

    virtual unsigned classes() const = 0;
    virtual unsigned variants() const { return 1; } // of a route, one picked at random for each packet
    virtual RouteState start(unsigned from_router, unsigned to_router, unsigned variant) const = 0;
    virtual RouteChoices next(unsigned router, unsigned to_router, RouteState state) const = 0; // router != to_router
};

// What a shape cannot be routed with is refused by fabric_problems().
std::unique_ptr<FabricRouting> make_routing(const FabricTopology& topology, FabricRoutingKind kind);

// The virtual channels of a routing class of a message class: an equal part of those of the message class, which are an
// equal part of all (at least one). Message classes never share; routing classes do where there are fewer virtual
// channels than classes, and the dependency check then finds the cycle, if there is one.
struct VcRange {
    unsigned first;
    unsigned count;
};
VcRange vc_range(const FabricConfig& config, unsigned routing_classes, unsigned message_class, unsigned routing_class);

} // namespace systolica
