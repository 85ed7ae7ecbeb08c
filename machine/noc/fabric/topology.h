// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The routers, links and endpoints of a network. Links between routers are directed and numbered router by router;
// an endpoint has besides one link into its router and one out of it, of one cycle and full width. Each router numbers
// its ports: output port i leads over its i-th link, then one for each endpoint; input port i comes from where output
// port i leads, as far as links come in pairs, then the others, then one for each endpoint.
#pragma once

#include <string>
#include <vector>

#include "machine/noc/fabric/config.h"

namespace systolica {

class FabricTopology {
public:
    static constexpr unsigned kNone = ~0U;

    explicit FabricTopology(const FabricShape& shape); // without problems (problems.h)

    const FabricShape& shape() const { return shape_; }
    bool is_grid() const; // mesh, torus, ring, concentrated mesh
    bool wraps() const { return shape_.kind == FabricKind::torus || shape_.kind == FabricKind::ring; }
    unsigned columns() const { return shape_.columns; } // of a grid
    unsigned rows() const { return rows_; }

    unsigned routers() const { return static_cast<unsigned>(links_of_.size()); }
    unsigned endpoints() const { return static_cast<unsigned>(attach_.size()); }
    unsigned router_of(unsigned endpoint) const { return attach_[endpoint]; }
    std::string endpoint_name(unsigned endpoint) const;

    unsigned links() const { return static_cast<unsigned>(links_.size()); }
    const FabricLink& link(unsigned id) const { return links_[id]; }
    std::string link_name(unsigned id) const; // r0->r1
    // With the links from and to each endpoint.
    unsigned all_links() const { return links() + 2 * endpoints(); }
    unsigned injection(unsigned endpoint) const { return links() + endpoint; }
    unsigned ejection(unsigned endpoint) const { return links() + endpoints() + endpoint; }
    unsigned flit_cycles(unsigned id) const { return id < links() ? links_[id].flit_cycles : 1; }
    std::string signal_name(unsigned id) const; // r0_east on a grid, r0_r1, tile0_inject, tile0_eject
    const std::vector<unsigned>& links_of(unsigned router) const { return links_of_[router]; }     // leaving
    const std::vector<unsigned>& links_into(unsigned router) const { return links_into_[router]; } // by input port
    const std::vector<unsigned>& endpoints_of(unsigned router) const { return endpoints_of_[router]; }
    unsigned link_between(unsigned from, unsigned to) const; // kNone without one

private:
    void add_link(unsigned from, unsigned to);
    void make_grid_links();
    void make_tree_links();
    void change_links();
    void number_links();
    void pair_inputs();
    void attach_endpoints();

    const FabricShape shape_;
    unsigned rows_ = 1;
    std::vector<FabricLink> links_;
    std::vector<std::vector<unsigned>> links_of_;
    std::vector<std::vector<unsigned>> links_into_;
    std::vector<unsigned> attach_;
    std::vector<std::vector<unsigned>> endpoints_of_;
};

// How many routers a shape has, 0 if its numbers say none.
unsigned fabric_routers(const FabricShape& shape);

std::string fabric_endpoint_name(const FabricShape& shape, unsigned endpoint);

} // namespace systolica
