// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Shapes that the tests of the network share.
#pragma once

#include <string>
#include <vector>

#include "machine/noc/fabric/config.h"

namespace systolica::noc_test {

inline FabricConfig grid(FabricKind kind, unsigned columns, unsigned rows,
                         FabricRoutingKind routing = FabricRoutingKind::xy) {
    FabricConfig config;
    config.shape.kind = kind;
    config.shape.columns = columns;
    config.shape.rows = rows;
    config.routing = routing;
    config.virtual_channels = 4;
    return config;
}

inline FabricConfig tree(unsigned arity, unsigned levels, unsigned concentration) {
    FabricConfig config = grid(FabricKind::tree, 1, 1, FabricRoutingKind::table);
    config.shape.arity = arity;
    config.shape.levels = levels;
    config.shape.concentration = concentration;
    return config;
}

inline FabricConfig crossbar(unsigned endpoints) {
    FabricConfig config = grid(FabricKind::crossbar, 1, 1, FabricRoutingKind::table);
    config.shape.concentration = endpoints;
    return config;
}

inline FabricConfig concentrated(unsigned columns, unsigned rows, unsigned concentration, FabricRoutingKind routing) {
    FabricConfig config = grid(FabricKind::concentrated_mesh, columns, rows, routing);
    config.shape.concentration = concentration;
    return config;
}

// Links both ways between the routers of each pair.
inline FabricConfig custom(unsigned routers, const std::vector<std::pair<unsigned, unsigned>>& pairs) {
    FabricConfig config = grid(FabricKind::custom, routers, 1, FabricRoutingKind::table);
    for (const auto& [a, b] : pairs) {
        config.shape.links.push_back({a, b, 1, 1});
        config.shape.links.push_back({b, a, 1, 1});
    }
    return config;
}

struct NamedConfig {
    std::string name;
    FabricConfig config;
};

// One of each shape and routing, among them a custom network whose shortest paths depend on each other in a circle
// (a ring of five with a chord).
inline std::vector<NamedConfig> one_of_each() {
    using Kind = FabricKind;
    using Routing = FabricRoutingKind;
    FabricConfig torus_o1turn = grid(Kind::torus, 4, 4, Routing::o1turn);
    torus_o1turn.virtual_channels = 4;
    return {{"mesh xy", grid(Kind::mesh, 4, 3)},
            {"mesh yx", grid(Kind::mesh, 3, 4, Routing::yx)},
            {"mesh o1turn", grid(Kind::mesh, 4, 4, Routing::o1turn)},
            {"mesh west_first", grid(Kind::mesh, 4, 4, Routing::west_first)},
            {"mesh table", grid(Kind::mesh, 3, 3, Routing::table)},
            {"torus xy", grid(Kind::torus, 4, 4)},
            {"torus yx", grid(Kind::torus, 5, 3, Routing::yx)},
            {"torus o1turn", torus_o1turn},
            {"torus of two rows", grid(Kind::torus, 5, 2)},
            {"torus table", grid(Kind::torus, 4, 4, Routing::table)},
            {"ring xy", grid(Kind::ring, 7, 1)},
            {"ring table", grid(Kind::ring, 6, 1, Routing::table)},
            {"crossbar", crossbar(9)},
            {"concentrated mesh xy", concentrated(3, 2, 3, Routing::xy)},
            {"concentrated mesh west_first", concentrated(2, 3, 4, Routing::west_first)},
            {"binary tree", tree(2, 4, 2)},
            {"tree of four", tree(4, 2, 3)},
            {"custom", custom(5, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 0}, {1, 3}})}};
}

} // namespace systolica::noc_test
