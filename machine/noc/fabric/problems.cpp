// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/problems.h"

#include <map>
#include <memory>
#include <utility>

#include "machine/noc/fabric/channel_dependency.h"
#include "machine/noc/fabric/routing.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

namespace {

constexpr unsigned kMostRouters = 4096; // a routing table holds a link for each pair

class Checks {
public:
    explicit Checks(const FabricConfig& config) : config_(config), shape_(config.shape) {}

    std::vector<FabricProblem> run() {
        check_numbers();
        if (problems_.empty()) {
            check_attachments();
            check_links();
        }
        if (problems_.empty()) {
            check_routing();
        }
        return std::move(problems_);
    }

private:
    void problem(const std::string& key, const std::string& expected, const std::string& got) {
        problems_.push_back({key, "expected " + expected + ", got " + got});
    }
    void at_least(const std::string& key, unsigned least, unsigned value) {
        if (value < least) {
            problem(key, "at least " + std::to_string(least), std::to_string(value));
        }
    }

    void check_numbers() {
        at_least("columns", 1, shape_.columns);
        at_least("rows", 1, shape_.rows);
        at_least("arity", 1, shape_.arity);
        at_least("levels", 1, shape_.levels);
        at_least("concentration", 1, shape_.concentration);
        at_least("link.latency_cycles", 1, shape_.link.latency_cycles);
        at_least("link.flit_cycles", 1, shape_.link.flit_cycles);
        at_least("buffer_flits", 1, config_.buffer_flits);
        at_least("router_cycles", 1, config_.router_cycles);
        at_least("combine_cycles", 1, config_.combine_cycles);
        at_least("message_classes", 1, config_.message_classes);
        at_least("virtual_channels", std::max(1U, config_.message_classes), config_.virtual_channels);
        if (problems_.empty() && too_many_routers()) {
            problem("", "at most " + std::to_string(kMostRouters) + " routers", "more");
        }
    }

    bool too_many_routers() const {
        if (shape_.kind != FabricKind::tree) {
            return shape_.columns > kMostRouters || shape_.rows > kMostRouters || fabric_routers(shape_) > kMostRouters;
        }
        unsigned level = 1;
        for (unsigned l = 1; l < shape_.levels && level <= kMostRouters; ++l) {
            level = shape_.arity > kMostRouters ? kMostRouters + 1 : level * shape_.arity;
        }
        return shape_.levels > kMostRouters || level > kMostRouters || fabric_routers(shape_) > kMostRouters;
    }

    std::string router_range() const { return "a router from 0 to " + std::to_string(fabric_routers(shape_) - 1); }

    void check_attachments() {
        for (std::size_t i = 0; i < shape_.attach.size(); ++i) {
            if (shape_.attach[i] >= fabric_routers(shape_)) {
                problem("attach[" + std::to_string(i) + "]", router_range(), std::to_string(shape_.attach[i]));
            }
        }
    }

    void check_links() {
        std::map<std::pair<unsigned, unsigned>, std::size_t> seen;
        for (std::size_t i = 0; i < shape_.links.size(); ++i) {
            const FabricLink& link = shape_.links[i];
            const std::string key = "links[" + std::to_string(i) + "]";
            const std::size_t before = problems_.size();
            check_end(key + ".from", link.from);
            check_end(key + ".to", link.to);
            at_least(key + ".latency_cycles", 1, link.latency_cycles);
            at_least(key + ".flit_cycles", 1, link.flit_cycles);
            if (problems_.size() != before) {
                continue;
            }
            const std::string ends = "r" + std::to_string(link.from) + "->r" + std::to_string(link.to);
            const auto [first, added] = seen.insert({{link.from, link.to}, i});
            if (link.from == link.to) {
                problem(key, "two different routers", ends);
            } else if (!added) {
                problem(key, "each link once", ends + " as in links[" + std::to_string(first->second) + "]");
            } else if (!in_shape(link)) {
                problem(key, std::string("a link of the ") + fabric_kind_name(shape_.kind), ends);
            }
        }
    }

    void check_end(const std::string& key, unsigned router) {
        if (router >= fabric_routers(shape_)) {
            problem(key, router_range(), std::to_string(router));
        }
    }

    bool in_shape(const FabricLink& link) {
        if (shape_.kind == FabricKind::custom) {
            return true;
        }
        if (!plain_) {
            FabricShape plain = shape_;
            plain.links.clear();
            plain_ = std::make_unique<FabricTopology>(plain);
        }
        return plain_->link_between(link.from, link.to) != FabricTopology::kNone;
    }

    void check_routing() {
        const FabricTopology topology(shape_);
        const bool table = config_.routing == FabricRoutingKind::table;
        if (!table && !topology.is_grid()) {
            problem("routing", std::string("table on a ") + fabric_kind_name(shape_.kind),
                    fabric_routing_name(config_.routing));
        } else if (config_.routing == FabricRoutingKind::west_first && topology.wraps()) {
            problem("routing", std::string("xy, yx, o1turn or table on a ") + fabric_kind_name(shape_.kind),
                    "west_first");
        } else if (topology.endpoints() == 0) {
            problem("attach", "at least one endpoint", "none");
        } else if (check_connected(topology)) {
            check_routes(topology);
        }
    }

    // Names the first pair without a path.
    bool check_connected(const FabricTopology& topology) {
        for (unsigned from = 0; from < topology.endpoints(); ++from) {
            if (topology.endpoints_of(topology.router_of(from)).front() != from) {
                continue; // its router has been looked at
            }
            const std::vector<bool> reached = reach(topology, topology.router_of(from));
            for (unsigned to = 0; to < topology.endpoints(); ++to) {
                if (!reached[topology.router_of(to)]) {
                    problem("links", "a path from " + place(topology, from) + " to " + place(topology, to), "none");
                    return false;
                }
            }
        }
        return true;
    }

    static std::string place(const FabricTopology& topology, unsigned endpoint) {
        return topology.endpoint_name(endpoint) + " (r" + std::to_string(topology.router_of(endpoint)) + ")";
    }

    static std::vector<bool> reach(const FabricTopology& topology, unsigned from) {
        std::vector<bool> reached(topology.routers());
        std::vector<unsigned> open{from};
        reached[from] = true;
        while (!open.empty()) {
            const unsigned router = open.back();
            open.pop_back();
            for (const unsigned id : topology.links_of(router)) {
                if (!reached[topology.link(id).to]) {
                    reached[topology.link(id).to] = true;
                    open.push_back(topology.link(id).to);
                }
            }
        }
        return reached;
    }

    // The up*/down* rule may leave a pair without a way where links lead one way only.
    void check_routes(const FabricTopology& topology) {
        const auto routing = make_routing(topology, config_.routing);
        for (unsigned from = 0; from < topology.endpoints(); ++from) {
            for (unsigned to = 0; to < topology.endpoints(); ++to) {
                const unsigned source = topology.router_of(from);
                const unsigned target = topology.router_of(to);
                if (source != target && routing->next(source, target, routing->start(source, target, 0)).count == 0) {
                    problem("routing", "a path from " + place(topology, from) + " to " + place(topology, to),
                            "none that is free of deadlock");
                    return;
                }
            }
        }
        const std::string cycle = dependency_cycle(topology, *routing, config_);
        if (!cycle.empty()) {
            const unsigned parts = routing->classes() * config_.message_classes;
            const bool few = config_.virtual_channels < parts;
            problem(few ? "virtual_channels" : "routing",
                    few ? "at least " + std::to_string(parts) + " against deadlock" : "no deadlock",
                    (few ? std::to_string(config_.virtual_channels) + ", which deadlocks by " : "the cycle ") + cycle);
        }
    }

    const FabricConfig& config_;
    const FabricShape& shape_;
    std::unique_ptr<FabricTopology> plain_;
    std::vector<FabricProblem> problems_;
};

} // namespace

const char* fabric_kind_name(FabricKind kind) {
    switch (kind) {
    case FabricKind::mesh:
        return "mesh";
    case FabricKind::torus:
        return "torus";
    case FabricKind::ring:
        return "ring";
    case FabricKind::crossbar:
        return "crossbar";
    case FabricKind::concentrated_mesh:
        return "concentrated mesh";
    case FabricKind::tree:
        return "tree";
    case FabricKind::custom:
        break;
    }
    return "custom network";
}

const char* fabric_routing_name(FabricRoutingKind kind) {
    switch (kind) {
    case FabricRoutingKind::xy:
        return "xy";
    case FabricRoutingKind::yx:
        return "yx";
    case FabricRoutingKind::o1turn:
        return "o1turn";
    case FabricRoutingKind::west_first:
        return "west_first";
    case FabricRoutingKind::table:
        break;
    }
    return "table";
}

std::vector<FabricProblem> fabric_problems(const FabricConfig& config) {
    return Checks(config).run();
}

} // namespace systolica
