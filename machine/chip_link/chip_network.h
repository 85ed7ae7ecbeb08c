// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Which links a system has and how a message gets from chip to chip: around a ring the shorter way (of equals the
// ascending one); on a mesh or torus first along the row, then along the column, on a torus the shorter way; directly
// on `full` and through the switch; on custom links the path with fewest links, of equals over the lowest chip numbers.
// Between two chips of a ring, or along a torus side of two, there are two links, one a side of the chip.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "machine/chip_link/config.h"

namespace systolica {

class ChipNetwork {
public:
    struct Link { // one direction
        unsigned from = 0, to = 0;
    };

    explicit ChipNetwork(const SystemConfig& system);

    unsigned chips() const { return chips_; }
    const ChipGrid& grid() const { return grid_; }
    ChipTopology topology() const { return topology_; }

    // Links between chips. With a switch: link i of chips() leads from chip i to the switch, the others come from it.
    bool switched() const { return topology_ == ChipTopology::fabric; }
    const std::vector<Link>& links() const { return links_; }

    // The link on which chip `at` sends what is meant for chip `to`. `side`: which of two links between neighbours.
    unsigned link_towards(unsigned at, unsigned to, unsigned side) const;

    // Chips in an order in which neighbours are joined by a link, the last with the first, where the topology is known
    // to have one; else by number.
    std::vector<unsigned> ring_order() const;

    // Chips to which no path leads from chip 0; only custom links can leave any.
    std::vector<unsigned> unreachable() const;

private:
    void add_links(const SystemConfig& system);
    void add_pair(unsigned a, unsigned b);
    void add_grid_links(bool wrap);
    void find_paths();
    unsigned next_chip(unsigned at, unsigned to) const;

    unsigned chips_;
    ChipTopology topology_;
    ChipGrid grid_;
    std::vector<Link> links_;
    std::map<std::pair<unsigned, unsigned>, std::vector<unsigned>> between_; // links by their ends
    std::vector<std::vector<unsigned>> next_;                                // custom: [to][at]; chips_: no path
};

} // namespace systolica
