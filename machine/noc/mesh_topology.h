// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The links of a mesh and the XY route between any two endpoints. Endpoints are the tiles, then the memory channels;
// several may sit at one router. Each has a link into its router (injection) and one out of it (ejection), so a route
// is: injection link, links between routers, ejection link. It passes one router fewer than it has links.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/noc/config.h"

namespace systolica {

using LinkId = std::uint32_t;

struct Route {
    const LinkId* first;
    const LinkId* last; // one past the ejection link

    unsigned links() const { return static_cast<unsigned>(last - first); }
    unsigned routers() const { return links() - 1; }
    unsigned hops() const { return links() - 2; }
};

class MeshTopology {
public:
    explicit MeshTopology(const NocConfig& config); // throws std::invalid_argument on a router that does not exist

    unsigned tiles() const { return tiles_; }
    unsigned memories() const { return static_cast<unsigned>(routers_.size()) - tiles_; }
    unsigned endpoints() const { return static_cast<unsigned>(routers_.size()); }
    unsigned tile(unsigned index) const { return index; }
    unsigned memory(unsigned index) const { return tiles_ + index; }
    unsigned router(unsigned endpoint) const { return routers_[endpoint]; }
    std::string endpoint_name(unsigned endpoint) const; // tile0, memory1

    unsigned links() const { return static_cast<unsigned>(names_.size()); }
    LinkId injection(unsigned endpoint) const { return endpoint; }
    LinkId ejection(unsigned endpoint) const { return endpoints() + endpoint; }
    const std::string& link_name(LinkId link) const { return names_[link]; } // tile0_inject, r2_east, memory1_eject

    Route route(unsigned from, unsigned to) const {
        const std::size_t pair = std::size_t{from} * endpoints() + to;
        return {hops_.data() + offsets_[pair], hops_.data() + offsets_[pair + 1]};
    }

private:
    enum Direction : unsigned { east, west, south, north };

    void make_mesh_links();
    void make_routes();
    void append_xy_route(unsigned from_router, unsigned to_router);

    const unsigned columns_;
    const unsigned rows_;
    const unsigned tiles_;
    std::vector<unsigned> routers_; // of each endpoint
    std::vector<std::string> names_;
    std::vector<LinkId> mesh_links_; // router * 4 + direction
    std::vector<LinkId> hops_;       // all routes, one after another
    std::vector<std::size_t> offsets_;
};

} // namespace systolica
