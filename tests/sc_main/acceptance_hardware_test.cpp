// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// More hardware never hurts. With the mapping chosen afresh a network may take a little longer (0.5 % with ideal
// memory, 2 % with LPDDR, whose row conflicts depend on small shifts in time); with the mapping held and ideal memory
// only as much as arbitration may shift.

#include "acceptance_hardware.h"
#include "acceptance_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace systolica {
namespace {

// What edge_npu and single_tile have, times each of `factors`, in one thing after another. A larger array is not among
// them: fill grows with it.
std::vector<HardwareLadder> ladders(unsigned channels, const std::vector<unsigned>& factors) {
    const std::pair<const char*, unsigned> amounts[] = {
        {"tile.scratchpad.ifmap.capacity_kib", 256},
        {"tile.scratchpad.filter.capacity_kib", 256},
        {"tile.scratchpad.ofmap.capacity_kib", 256},
        {"tile.scratchpad.vector.capacity_kib", 128},
        {"tile.scratchpad.ifmap.port_bytes", 32},
        {"tile.scratchpad.filter.port_bytes", 32},
        {"tile.scratchpad.ofmap.port_bytes", 32},
        {"tile.scratchpad.vector.port_bytes", 32},
        {"tile.vector_unit.lanes", 32},
        {"chip.noc.flit_bytes", 32},
        {"chip.dram.channels", channels},
        {"tile.dma.outstanding", 16},
        {"tile.dma.max_burst_bytes", 256},
    };
    std::vector<HardwareLadder> list;
    for (const auto& [key, amount] : amounts) {
        std::vector<unsigned> values;
        for (const unsigned factor : factors) {
            values.push_back(factor * amount);
        }
        list.push_back(ladder({key}, values));
    }
    return list;
}

// Each step of each ladder against the fastest below it, which may be the bare run.
void expect_never_slower(const std::string& run, const std::vector<HardwareLadder>& list, double tolerance,
                         bool bare_run_is_least) {
    const std::uint64_t bare = bare_run_is_least ? run_cycles(run) : 0;
    for (const HardwareLadder& more : list) {
        std::uint64_t least = bare;
        std::string best = "out it";
        for (const std::string& step : more) {
            const std::uint64_t cycles = run_cycles(run + step);
            if (least > 0) {
                EXPECT_LE(static_cast<double>(cycles), static_cast<double>(least) * (1 + tolerance))
                    << "systolica run " << run << step << ": " << cycles << " cycles, "
                    << 100.0 * (static_cast<double>(cycles) / static_cast<double>(least) - 1) << " % more than the "
                    << least << " with" << best;
            }
            if (least == 0 || cycles < least) {
                least = cycles;
                best = step;
            }
        }
    }
}

using Case = std::tuple<std::string, std::string>; // platform, network

class AcceptanceHardware : public testing::TestWithParam<Case> {
protected:
    std::string platform() const { return std::get<0>(GetParam()); }
    std::string run() const { return platform() + " " + std::get<1>(GetParam()); }
    unsigned channels() const { return platform() == "edge_npu" ? 2 : 1; }
};

TEST_P(AcceptanceHardware, MoreNeverHurtsWithIdealMemory) {
    expect_never_slower(run() + " --set chip.dram.model=ideal", ladders(channels(), {2, 4}), 0.005, true);
}

TEST_P(AcceptanceHardware, MoreNeverHurtsWithLpddr) {
    expect_never_slower(run(), ladders(channels(), {4}), 0.02, true);
}

// Queues, tokens and arrays alone would never be slower with more hardware (they are max-plus systems), but links and
// memory ports serve first come first served: a store that is ready earlier can go ahead of another tile's or the same
// tile's load. Measured up to 0.05 %; a thousandth is let through, and no more.
constexpr double kArbitration = 0.001;

class AcceptanceHeldMapping : public AcceptanceHardware {
protected:
    std::string held() const { return run() + " --map-for " + platform() + " --set chip.dram.model=ideal"; }
};

// Ladders that start below the platform, so that every width is scarce somewhere on its way.
TEST_P(AcceptanceHeldMapping, WiderIsNeverSlower) {
    const std::string pad = "tile.scratchpad.";
    const std::vector<HardwareLadder> widths{
        ladder({pad + "ifmap.port_bytes"}, {4, 32, 128}),  ladder({pad + "filter.port_bytes"}, {4, 32, 128}),
        ladder({pad + "ofmap.port_bytes"}, {16, 64, 128}), ladder({pad + "vector.port_bytes"}, {4, 32, 128}),
        ladder(pad_keys("port_bytes"), {8, 32, 64}),       ladder({"tile.vector_unit.lanes"}, {8, 32, 64}),
        ladder({"chip.noc.flit_bytes"}, {8, 32, 64}),
    };
    expect_never_slower(held(), widths, kArbitration, false);
}

TEST_P(AcceptanceHeldMapping, MoreScratchpadIsNeverSlower) {
    const std::vector<HardwareLadder> capacities{
        ladder({"tile.scratchpad.ifmap.capacity_kib"}, {1024}), ladder({"tile.scratchpad.filter.capacity_kib"}, {1024}),
        ladder({"tile.scratchpad.ofmap.capacity_kib"}, {1024}), ladder({"tile.scratchpad.vector.capacity_kib"}, {512})};
    expect_never_slower(held(), capacities, kArbitration, true);
}

// Ideal memory has to have a rate for its bandwidth to matter, and for the widths on the way to it.
TEST_P(AcceptanceHeldMapping, MoreBandwidthIsNeverSlower) {
    expect_never_slower(held(), {ladder({"chip.dram.bandwidth_gb_per_s"}, {4, 8, 13, 51, 200})}, kArbitration, false);
    const std::vector<HardwareLadder> widths{ladder({"tile.vector_unit.lanes"}, {8, 32, 128}),
                                             ladder({"chip.noc.flit_bytes"}, {8, 32, 128})};
    expect_never_slower(held() + " --set chip.dram.bandwidth_gb_per_s=12.8", widths, kArbitration, false);
}

std::string case_name(const testing::TestParamInfo<Case>& entry) {
    return std::get<0>(entry.param) + "_" + std::get<1>(entry.param);
}

INSTANTIATE_TEST_SUITE_P(Networks, AcceptanceHardware,
                         testing::Combine(testing::Values(std::string("edge_npu"), std::string("single_tile")),
                                          testing::Values(std::string("resnet18"), std::string("mobilenetv2"),
                                                          std::string("alexnet"))),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Networks, AcceptanceHeldMapping,
                         testing::Values(Case{"edge_npu", "resnet18"}, Case{"edge_npu", "mobilenetv2"},
                                         Case{"edge_npu", "alexnet"}, Case{"single_tile", "resnet18"}),
                         case_name);

TEST(AcceptanceHardwareResNet50, MoreNeverHurts) {
    const std::vector<HardwareLadder> few{
        ladder({"tile.scratchpad.ifmap.capacity_kib"}, {1024}),
        ladder({"tile.scratchpad.filter.capacity_kib"}, {1024}),
        ladder({"chip.noc.flit_bytes"}, {64}),
        ladder({"chip.dram.channels"}, {4}),
        ladder(pad_keys("port_bytes"), {64}),
    };
    expect_never_slower("edge_npu resnet50", few, 0.02, true);
    expect_never_slower("edge_npu resnet50 --set chip.dram.model=ideal", few, 0.005, true);
}

} // namespace
} // namespace systolica
