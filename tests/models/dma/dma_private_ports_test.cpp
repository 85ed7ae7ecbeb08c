// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The DMA engine on memory with an interface for each scratchpad: nothing is shared, nothing waits for turns.
#include <memory>

#include "models/dma/dma.h"
#include "models/dram/private_memory.h"
#include "models/scratchpad/scratchpad.h"
#include "tests/models/scratchpad/command_driver.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

using unit_test::CommandDriver;
using Times = std::vector<std::uint64_t>;

struct Bench {
    explicit Bench(unsigned port_bytes = 4096, unsigned max_burst_bytes = 4096, unsigned outstanding = 16)
        : dma("dma", Dma::Params{{max_burst_bytes, outstanding, true}, Clock(1'000'000), 1U << 31, 1, false, 4}) {
        loads.cmd_out.bind(dma.load_in);
        stores.cmd_out.bind(dma.store_in);
        dma.mem_out.bind(memory.mem_in);
        for (std::size_t i = 0; i < kPads; ++i) {
            pads.push_back(std::make_unique<Scratchpad>(
                pad_name(static_cast<Pad>(i)), Scratchpad::Params{{1 << 20, 1, port_bytes}, Clock(1'000'000)}));
            dma.pad_out[i].bind(pads.back()->dma_in);
        }
    }

    CommandDriver loads{"loads"};
    CommandDriver stores{"stores"};
    PrivateMemory memory{"memory", {Clock(1'000'000), {64, 64, 64, 64}}};
    Dma dma;
    std::vector<std::unique_ptr<Scratchpad>> pads;
};

Command transfer(Opcode opcode, Pad pad, std::uint32_t bytes, std::uint64_t offset = 0) {
    Command command;
    command.opcode = opcode;
    command.dma.memory_address = private_region(pad) + offset;
    command.dma.run_bytes = bytes;
    command.dma.pad_bytes = bytes;
    command.dma.pad = pad;
    return command;
}

TEST(DmaPrivatePorts, TransfersOfDifferentPadsRunFromTheSameCycleOn) {
    Bench bench;
    bench.loads.add(5, transfer(Opcode::load, Pad::ifmap, 800));   // 100 cycles
    bench.loads.add(5, transfer(Opcode::load, Pad::filter, 1600)); // 200
    bench.loads.add(5, transfer(Opcode::load, Pad::ofmap, 400));   // 50
    bench.stores.add(5, transfer(Opcode::store, Pad::vector, 240));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, (Times{105, 205, 205})); // in order
    EXPECT_EQ(bench.stores.retired, Times{35});
}

TEST(DmaPrivatePorts, LoadAndStoreOfAPadShareItsInterface) {
    Bench bench;
    bench.loads.add(0, transfer(Opcode::load, Pad::ofmap, 800));
    bench.stores.add(0, transfer(Opcode::store, Pad::ofmap, 800, 1 << 20));
    sc_core::sc_start();
    EXPECT_EQ(std::max(bench.loads.retired[0], bench.stores.retired[0]), 200u);
}

class DmaPrivateBursts : public testing::TestWithParam<std::pair<unsigned, unsigned>> {};

// 1000 bytes over 64 bits a cycle.
TEST_P(DmaPrivateBursts, TimeDoesNotDependOnThem) {
    const auto [burst_bytes, outstanding] = GetParam();
    Bench bench(4096, burst_bytes, outstanding);
    bench.loads.add(3, transfer(Opcode::load, Pad::ifmap, 1000));
    bench.stores.add(3, transfer(Opcode::store, Pad::filter, 1000));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, Times{3 + 125});
    EXPECT_EQ(bench.stores.retired, Times{3 + 125});
}

INSTANTIATE_TEST_SUITE_P(BytesAndWindow, DmaPrivateBursts,
                         testing::Values(std::pair(16U, 2U), std::pair(16U, 16U), std::pair(256U, 2U),
                                         std::pair(4096U, 1U)));

TEST(DmaPrivatePorts, PadThatIsSlowerThanTheInterfaceDecides) {
    Bench bench(4); // bytes a cycle, the interface moves 8
    bench.loads.add(0, transfer(Opcode::load, Pad::ifmap, 800));
    bench.stores.add(0, transfer(Opcode::store, Pad::filter, 800));
    sc_core::sc_start();
    EXPECT_EQ(bench.loads.retired, Times{200});
    EXPECT_EQ(bench.stores.retired, Times{200});
}

} // namespace
} // namespace systolica
