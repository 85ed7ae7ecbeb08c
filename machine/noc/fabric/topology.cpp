// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/topology.h"

#include <algorithm>

namespace systolica {

namespace {

unsigned tree_routers(unsigned arity, unsigned levels) {
    unsigned routers = 0;
    unsigned level = 1;
    for (unsigned l = 0; l < levels; ++l) {
        routers += level;
        level *= arity;
    }
    return routers;
}

} // namespace

unsigned fabric_routers(const FabricShape& shape) {
    switch (shape.kind) {
    case FabricKind::ring:
    case FabricKind::custom:
        return shape.columns;
    case FabricKind::crossbar:
        return 1;
    case FabricKind::tree:
        return tree_routers(shape.arity, shape.levels);
    default:
        return shape.columns * shape.rows;
    }
}

std::string fabric_endpoint_name(const FabricShape& shape, unsigned endpoint) {
    return endpoint < shape.endpoint_names.size() ? shape.endpoint_names[endpoint] : "node" + std::to_string(endpoint);
}

FabricTopology::FabricTopology(const FabricShape& shape)
    : shape_(shape),
      rows_(shape.kind == FabricKind::ring ? 1 : shape.rows),
      links_of_(fabric_routers(shape)),
      links_into_(links_of_.size()),
      endpoints_of_(links_of_.size()) {
    if (is_grid()) {
        make_grid_links();
    } else if (shape_.kind == FabricKind::tree) {
        make_tree_links();
    }
    change_links();
    number_links();
    pair_inputs();
    attach_endpoints();
}

bool FabricTopology::is_grid() const {
    return shape_.kind == FabricKind::mesh || shape_.kind == FabricKind::concentrated_mesh || wraps();
}

std::string FabricTopology::endpoint_name(unsigned endpoint) const {
    return fabric_endpoint_name(shape_, endpoint);
}

std::string FabricTopology::link_name(unsigned id) const {
    return "r" + std::to_string(links_[id].from) + "->r" + std::to_string(links_[id].to);
}

std::string FabricTopology::signal_name(unsigned id) const {
    if (id >= links()) {
        const unsigned endpoint = (id - links()) % endpoints();
        return endpoint_name(endpoint) + (id < links() + endpoints() ? "_inject" : "_eject");
    }
    const unsigned from = links_[id].from;
    const unsigned to = links_[id].to;
    const std::string router = "r" + std::to_string(from) + "_";
    if (!is_grid()) {
        return router + "r" + std::to_string(to);
    }
    const unsigned columns = this->columns();
    const bool along_row = from / columns == to / columns;
    const unsigned at = along_row ? from % columns : from / columns;
    const unsigned next = along_row ? to % columns : to / columns;
    const unsigned size = along_row ? columns : rows_;
    const bool forward = next == (at + 1) % size && !(size == 2 && next < at);
    return router + (along_row ? (forward ? "east" : "west") : (forward ? "south" : "north"));
}

unsigned FabricTopology::link_between(unsigned from, unsigned to) const {
    const auto& out = links_of_[from];
    const auto found = std::find_if(out.begin(), out.end(), [&](unsigned id) { return links_[id].to == to; });
    return found == out.end() ? kNone : *found;
}

void FabricTopology::add_link(unsigned from, unsigned to) {
    links_.push_back({from, to, shape_.link.latency_cycles, shape_.link.flit_cycles});
}

// East, west, south, north. A ring of two routers has one link each way, not two side by side.
void FabricTopology::make_grid_links() {
    const auto neighbour = [&](unsigned position, unsigned size, bool forward, auto&& add) {
        const bool inside = forward ? position + 1 < size : position > 0;
        if (inside || (wraps() && size > 2)) {
            add((position + (forward ? 1 : size - 1)) % size);
        }
    };
    for (unsigned row = 0; row < rows_; ++row) {
        for (unsigned column = 0; column < columns(); ++column) {
            const unsigned router = row * columns() + column;
            const auto to_column = [&](unsigned c) { add_link(router, row * columns() + c); };
            const auto to_row = [&](unsigned r) { add_link(router, r * columns() + column); };
            neighbour(column, columns(), true, to_column);
            neighbour(column, columns(), false, to_column);
            neighbour(row, rows_, true, to_row);
            neighbour(row, rows_, false, to_row);
        }
    }
}

// Router 0 is the root; the children of router i are arity * i + 1 and on.
void FabricTopology::make_tree_links() {
    for (unsigned child = 1; child < routers(); ++child) {
        add_link(child, (child - 1) / shape_.arity);
        add_link((child - 1) / shape_.arity, child);
    }
}

void FabricTopology::change_links() {
    if (shape_.kind == FabricKind::custom) {
        links_ = shape_.links;
        return;
    }
    for (const FabricLink& change : shape_.links) {
        const auto same = [&](const FabricLink& link) { return link.from == change.from && link.to == change.to; };
        const auto found = std::find_if(links_.begin(), links_.end(), same);
        if (found != links_.end()) {
            *found = change;
        }
    }
}

void FabricTopology::number_links() {
    std::stable_sort(links_.begin(), links_.end(),
                     [](const FabricLink& a, const FabricLink& b) { return a.from < b.from; });
    for (unsigned id = 0; id < links(); ++id) {
        links_of_[links_[id].from].push_back(id);
    }
}

void FabricTopology::pair_inputs() {
    for (unsigned router = 0; router < routers(); ++router) {
        for (const unsigned out : links_of_[router]) {
            const unsigned back = link_between(links_[out].to, router);
            if (back != kNone) {
                links_into_[router].push_back(back);
            }
        }
    }
    for (unsigned id = 0; id < links(); ++id) {
        if (link_between(links_[id].to, links_[id].from) == kNone) {
            links_into_[links_[id].to].push_back(id);
        }
    }
}

void FabricTopology::attach_endpoints() {
    attach_ = shape_.attach;
    if (attach_.empty()) {
        const bool tree = shape_.kind == FabricKind::tree;
        const unsigned first = tree ? tree_routers(shape_.arity, shape_.levels - 1) : 0;
        for (unsigned router = first; router < routers(); ++router) {
            attach_.insert(attach_.end(), shape_.concentration, router);
        }
    }
    for (unsigned endpoint = 0; endpoint < endpoints(); ++endpoint) {
        endpoints_of_[attach_[endpoint]].push_back(endpoint);
    }
}

} // namespace systolica
