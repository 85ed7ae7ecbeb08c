// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/channel_dependency.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace systolica {

namespace {

class Dependencies {
public:
    Dependencies(const FabricTopology& topology, const FabricRouting& routing, const FabricConfig& config)
        : topology_(topology),
          routing_(routing),
          config_(config),
          vcs_(config.virtual_channels),
          after_(std::size_t{topology.links()} * vcs_) {}

    void collect() {
        for (unsigned to = 0; to < topology_.routers(); ++to) {
            if (topology_.endpoints_of(to).empty()) {
                continue;
            }
            for (unsigned message = 0; message < config_.message_classes; ++message) {
                seen_.clear();
                for (unsigned from = 0; from < topology_.routers(); ++from) {
                    if (from != to && !topology_.endpoints_of(from).empty()) {
                        start(from, to, message);
                    }
                }
            }
        }
    }

    // The links on a circle, the first one again at the end.
    std::vector<unsigned> cycle() const {
        enum Mark : char { fresh, open, closed };
        std::vector<Mark> marks(after_.size(), fresh);
        std::vector<std::pair<unsigned, std::set<unsigned>::const_iterator>> path;
        for (unsigned first = 0; first < after_.size(); ++first) {
            if (marks[first] != fresh) {
                continue;
            }
            marks[first] = open;
            path.emplace_back(first, after_[first].begin());
            while (!path.empty()) {
                auto& [here, next] = path.back();
                if (next == after_[here].end()) {
                    marks[here] = closed;
                    path.pop_back();
                } else if (const unsigned there = *next++; marks[there] == fresh) {
                    marks[there] = open;
                    path.emplace_back(there, after_[there].begin());
                } else if (marks[there] == open) {
                    return circle(path, there);
                }
            }
        }
        return {};
    }

    std::string name(unsigned channel) const {
        return topology_.link_name(channel / vcs_) + " vc " + std::to_string(channel % vcs_);
    }

private:
    using Path = std::vector<std::pair<unsigned, std::set<unsigned>::const_iterator>>;

    static std::vector<unsigned> circle(const Path& path, unsigned closing) {
        auto step = std::find_if(path.begin(), path.end(), [&](const auto& s) { return s.first == closing; });
        std::vector<unsigned> channels;
        for (; step != path.end(); ++step) {
            channels.push_back(step->first);
        }
        channels.push_back(closing);
        return channels;
    }

    void start(unsigned from, unsigned to, unsigned message) {
        for (unsigned variant = 0; variant < routing_.variants(); ++variant) {
            walk(from, to, message, routing_.start(from, to, variant));
        }
    }

    // Follows all choices once for each router and state on the way to `to`.
    void walk(unsigned from, unsigned to, unsigned message, RouteState state) {
        std::vector<std::tuple<unsigned, unsigned, RouteState>> open{{from, FabricTopology::kNone, state}};
        while (!open.empty()) {
            const auto [router, held, carried] = open.back();
            open.pop_back();
            if (router == to) {
                continue;
            }
            for (const RouteChoice& choice : routing_.next(router, to, carried)) {
                const VcRange range = vc_range(config_, routing_.classes(), message, choice.vc_class);
                const unsigned channel = choice.link * vcs_ + range.first;
                if (held != FabricTopology::kNone) {
                    after_[held].insert(channel);
                }
                if (seen_.insert({channel, choice.state}).second) {
                    open.emplace_back(topology_.link(choice.link).to, channel, choice.state);
                }
            }
        }
    }

    const FabricTopology& topology_;
    const FabricRouting& routing_;
    const FabricConfig& config_;
    const unsigned vcs_;
    std::vector<std::set<unsigned>> after_;          // by link * virtual channels + virtual channel
    std::set<std::pair<unsigned, RouteState>> seen_; // channel and state, on the way to one router
};

} // namespace

std::string dependency_cycle(const FabricTopology& topology, const FabricRouting& routing, const FabricConfig& config) {
    Dependencies dependencies(topology, routing, config);
    dependencies.collect();
    std::string text;
    for (const unsigned channel : dependencies.cycle()) {
        text += (text.empty() ? "" : ", ") + dependencies.name(channel);
    }
    return text;
}

} // namespace systolica
