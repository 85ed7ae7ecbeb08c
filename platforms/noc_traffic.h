// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Synthetic traffic, or that of a file, through the network of a chip alone. The nodes are the tiles, in rows as long
// as those of the grid; patterns that a network without a grid does not know take them in a single row. All packets are
// of one class, so that they share all virtual channels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/noc/config.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/topology.h"
#include "machine/noc/fabric/traffic_file.h"
#include "machine/noc/fabric/traffic_run.h"
#include "platforms/description.h"

namespace systolica {

struct NocTrafficOptions {
    std::optional<TrafficPattern> pattern; // none: the packets
    std::vector<TimedPacket> packets;
    double flits_per_node_cycle = 0.1;
    unsigned packet_flits = 4;
    unsigned flits_per_node = 0; // closed batch; 0: open loop
    std::uint64_t seed = 1;
    bool multicast = true; // false: multicasts and reductions of a file as single packets
    unsigned repeat = 1;   // batches and files one after another; an open loop is sampled so much longer
};

struct NocTrafficResult {
    TrafficResult traffic;
    std::string busiest_link; // between routers, empty without any
    std::uint64_t busiest_link_flits = 0;
};

class NocTraffic {
public:
    // "expected ..., got ..." where the pattern does not fit the number of tiles, else empty.
    static std::string problem(const Platform& platform, TrafficPattern pattern);

    NocTraffic(const Platform& platform, NocTrafficOptions options);

    void run();
    const NocTrafficResult& result() const { return result_; }

private:
    TrafficResult run_pattern();
    std::vector<TimedPacket> repeated() const;
    void find_busiest_link();

    const NocTrafficOptions options_;
    const FabricConfig fabric_;
    const FabricTopology topology_;
    const unsigned nodes_;
    const unsigned rows_; // in which the nodes lie
    std::unique_ptr<FabricNetwork> network_;
    NocTrafficResult result_;
};

} // namespace systolica
