// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A DMA engine between two drivers, a memory and four pads, at 1 GHz. Bursts are 256 bytes; the pads move 256 bytes in
// one cycle unless told otherwise.
#pragma once

#include <memory>

#include "models/dma/dma.h"
#include "models/scratchpad/scratchpad.h"
#include "tests/models/dma/test_memory.h"

namespace systolica::unit_test {

struct DmaBench {
    explicit DmaBench(const TestMemory::Params& memory_params, unsigned outstanding = 4, bool lt = false,
                      unsigned port_bytes = 32)
        : memory("memory", memory_params),
          dma("dma", Dma::Params{{256, outstanding}, Clock(1'000'000), 256, 4, lt, 4}) {
        loads.cmd_out.bind(dma.load_in);
        stores.cmd_out.bind(dma.store_in);
        dma.mem_out.bind(memory.mem_in);
        for (std::size_t i = 0; i < kPads; ++i) {
            pads.push_back(std::make_unique<Scratchpad>(
                pad_name(static_cast<Pad>(i)), Scratchpad::Params{{1 << 20, 8, port_bytes}, Clock(1'000'000)}));
            dma.pad_out[i].bind(pads.back()->dma_in);
        }
    }

    CommandDriver loads{"loads"};
    CommandDriver stores{"stores"};
    TestMemory memory;
    Dma dma;
    std::vector<std::unique_ptr<Scratchpad>> pads;
};

inline Command transfer(Opcode opcode, std::uint64_t address, std::uint32_t bytes, std::uint32_t operation = 0) {
    Command command;
    command.opcode = opcode;
    command.operation = operation;
    command.dma.memory_address = address;
    command.dma.run_bytes = bytes;
    command.dma.pad_bytes = bytes;
    command.dma.pad = opcode == Opcode::load ? Pad::ifmap : Pad::vector;
    return command;
}

} // namespace systolica::unit_test
