// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/link_waves.h"

#include <algorithm>

namespace systolica {

void LinkWaves::add(const FabricTopology& topology, const WaveScope& scope) {
    links_ = topology.all_links();
    signals_.clear();
    for (unsigned link = 0; link < links_; ++link) {
        signals_.push_back({add(scope.child("link").child(topology.signal_name(link)), "busy", 1)});
    }
    for (unsigned endpoint = 0; endpoint < topology.endpoints(); ++endpoint) {
        signals_.push_back({add(scope.child(topology.endpoint_name(endpoint)), "backlog", 16)});
    }
    scope.add_source(*this);
}

Wave LinkWaves::add(const WaveScope& scope, const std::string& name, unsigned width_bits) {
    const Wave wave = scope.add(name, width_bits);
    traced_ = traced_ || wave.traced();
    return wave;
}

void LinkWaves::take_log() {
    for (const FabricLinkUse& use : log_) {
        add_change(use.from, use.to, use.link);
    }
    log_.clear();
}

void LinkWaves::add_change(std::uint64_t from, std::uint64_t to, std::uint32_t signal) {
    if (signals_[signal].wave.traced()) {
        changes_.push(from, 0, 2 * signal + 1);
        changes_.push(to, 0, 2 * signal);
    }
}

std::uint64_t LinkWaves::next_change_ps() {
    take_log();
    const std::uint64_t cycle = changes_.next();
    return cycle == CycleQueue::kNever ? kNever : clock_.edge_ps(cycle);
}

// Levels first, then signals: a packet right behind another leaves the link busy without a glitch.
void LinkWaves::show_next() {
    const std::uint64_t cycle = changes_.next();
    touched_.clear();
    changes_.drain(cycle, [&](std::uint64_t, CycleQueue::Value change) {
        signals_[change / 2].level += change % 2 != 0 ? 1U : ~0U;
        touched_.push_back(change / 2);
    });
    for (const std::uint32_t signal : touched_) {
        signals_[signal].wave.set(clock_.edge_ps(cycle), signals_[signal].level);
    }
}

} // namespace systolica
