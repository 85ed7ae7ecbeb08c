// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The signals of a network: for each link whether flits cross it, for each endpoint how many packets wait or are
// entering at its injection link. The network tells some of it ahead, so each use is kept as two changes until their
// time comes.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/waves.h"
#include "machine/noc/cycle_queue.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/topology.h"

namespace systolica {

class LinkWaves : public WaveSource {
public:
    explicit LinkWaves(const Clock& clock) : clock_(clock) {}

    void add(const FabricTopology& topology, const WaveScope& scope);

    bool traced() const { return traced_; }            // is any of them asked for
    std::vector<FabricLinkUse>& log() { return log_; } // what the network does goes in here
    // A packet waits at an endpoint, or enters the network there.
    void enters(unsigned endpoint, std::uint64_t from, std::uint64_t to) { add_change(from, to, links_ + endpoint); }

    std::uint64_t next_change_ps() override;
    void show_next() override;

private:
    struct Signal {
        Wave wave;
        std::uint32_t level = 0;
    };

    void take_log();
    void add_change(std::uint64_t from, std::uint64_t to, std::uint32_t signal);

    Wave add(const WaveScope& scope, const std::string& name, unsigned width_bits);

    const Clock clock_;
    bool traced_ = false;
    unsigned links_ = 0;
    std::vector<Signal> signals_; // links, then endpoints
    std::vector<FabricLinkUse> log_;
    CycleQueue changes_; // signal * 2, + 1 to raise
    std::vector<std::uint32_t> touched_;
};

} // namespace systolica
