// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Either level of the network, for tests that hold for both.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "machine/noc/fabric/flit_network.h"
#include "machine/noc/fabric/packet_level_network.h"

namespace systolica::noc_test {

enum class Level { flit, packet };

inline std::unique_ptr<FabricNetwork> network(Level level, const FabricConfig& config) {
    if (level == Level::flit) {
        return std::make_unique<FlitLevelNetwork>(config);
    }
    return std::make_unique<PacketLevelNetwork>(config);
}

inline void run_dry(FabricNetwork& network) {
    for (std::uint64_t cycle = network.next_cycle(); cycle != FabricNetwork::kNever; cycle = network.next_cycle()) {
        network.advance(cycle);
    }
}

inline std::string level_name(const ::testing::TestParamInfo<Level>& info) {
    return info.param == Level::flit ? "Flit" : "Packet";
}

// Tests of this kind run at both levels.
class BothLevels : public ::testing::TestWithParam<Level> {
protected:
    static std::unique_ptr<FabricNetwork> network_of(const FabricConfig& config) { return network(GetParam(), config); }
};

} // namespace systolica::noc_test
