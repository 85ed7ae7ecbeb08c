// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/mesh_topology.h"

#include <stdexcept>

namespace systolica {

MeshTopology::MeshTopology(const NocConfig& config)
    : columns_(config.columns),
      rows_(config.rows),
      tiles_(static_cast<unsigned>(config.tile_routers.size())),
      routers_(config.tile_routers) {
    routers_.insert(routers_.end(), config.memory_routers.begin(), config.memory_routers.end());
    for (const unsigned router : routers_) {
        if (router >= columns_ * rows_) {
            throw std::invalid_argument("router " + std::to_string(router) + " is not in the mesh");
        }
    }
    for (unsigned e = 0; e < endpoints(); ++e) {
        names_.push_back(endpoint_name(e) + "_inject");
    }
    for (unsigned e = 0; e < endpoints(); ++e) {
        names_.push_back(endpoint_name(e) + "_eject");
    }
    make_mesh_links();
    make_routes();
}

std::string MeshTopology::endpoint_name(unsigned endpoint) const {
    return endpoint < tiles_ ? "tile" + std::to_string(endpoint) : "memory" + std::to_string(endpoint - tiles_);
}

void MeshTopology::make_mesh_links() {
    mesh_links_.assign(std::size_t{columns_} * rows_ * 4, 0); // links over the rim of the mesh are never used
    const auto add = [&](unsigned router, Direction direction, const char* name, bool exists) {
        if (exists) {
            mesh_links_[router * 4 + direction] = links();
            names_.push_back("r" + std::to_string(router) + "_" + name);
        }
    };
    for (unsigned router = 0; router < columns_ * rows_; ++router) {
        const unsigned column = router % columns_;
        const unsigned row = router / columns_;
        add(router, east, "east", column + 1 < columns_);
        add(router, west, "west", column > 0);
        add(router, south, "south", row + 1 < rows_);
        add(router, north, "north", row > 0);
    }
}

void MeshTopology::make_routes() {
    offsets_.push_back(0);
    for (unsigned from = 0; from < endpoints(); ++from) {
        for (unsigned to = 0; to < endpoints(); ++to) {
            hops_.push_back(injection(from));
            append_xy_route(routers_[from], routers_[to]);
            hops_.push_back(ejection(to));
            offsets_.push_back(hops_.size());
        }
    }
}

void MeshTopology::append_xy_route(unsigned from_router, unsigned to_router) {
    unsigned router = from_router;
    while (router % columns_ != to_router % columns_) {
        const bool forward = router % columns_ < to_router % columns_;
        hops_.push_back(mesh_links_[router * 4 + (forward ? east : west)]);
        router = forward ? router + 1 : router - 1;
    }
    while (router != to_router) {
        const bool forward = router < to_router;
        hops_.push_back(mesh_links_[router * 4 + (forward ? south : north)]);
        router = forward ? router + columns_ : router - columns_;
    }
}

} // namespace systolica
