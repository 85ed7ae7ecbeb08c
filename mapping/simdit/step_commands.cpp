// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/step_commands.h"

#include <algorithm>

#include "machine/dram/private_port.h"

namespace systolica {

namespace {

constexpr unsigned kTensorLog2 = 36;         // bytes from one tensor of an interface to the next
constexpr std::uint64_t kBlockGapBytes = 64; // between the blocks of a transfer

std::uint32_t narrow(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

std::uint64_t address(Pad pad, SimditTensor tensor) {
    return private_region(pad) + (std::uint64_t{static_cast<unsigned>(tensor)} << kTensorLog2);
}

} // namespace

Command SimditStepCommands::transfer(Opcode opcode, Pad pad, SimditTensor tensor, std::uint64_t bytes,
                                     unsigned blocks) const {
    Command command;
    command.opcode = opcode;
    command.operation = operation_;
    command.dma.memory_address = address(pad, tensor);
    command.dma.run_bytes = narrow(bytes);
    command.dma.count[0] = blocks;
    command.dma.stride_bytes[0] = narrow(bytes + kBlockGapBytes);
    command.dma.pad = pad;
    command.dma.pad_bytes = narrow(bytes * blocks);
    return command;
}

Command SimditStepCommands::load(Pad pad, SimditTensor tensor, std::uint64_t bytes, unsigned blocks) const {
    return transfer(Opcode::load, pad, tensor, bytes, blocks);
}

Command SimditStepCommands::store(Pad pad, SimditTensor tensor, std::uint64_t bytes, unsigned blocks) const {
    return transfer(Opcode::store, pad, tensor, bytes, blocks);
}

// A fraction of a tile takes a fraction of its cycles, filling and draining included (SimDIT counts so). As a command
// that is a pass of so many vectors; a fraction below filling and draining takes one cycle more than these do.
Command SimditStepCommands::matrix(const SimditProductTiling& tile, const SimditProductStep& step) const {
    const std::uint64_t positions = tile.out_h * tile.out_w * tile.images;
    const std::uint64_t kernel = tile.kernel_h * tile.kernel_w;
    const std::uint64_t passes = kernel * (tile.in_channels / config_.rows) * (tile.out_channels / config_.cols);
    const std::uint64_t fill = (config_.rows - 1) + (config_.cols - 1);
    const bool whole = step.compute_cycles == positions * passes + fill;
    Command command;
    command.opcode = Opcode::matrix;
    command.operation = operation_;
    command.matrix.m = narrow(whole ? positions : step.compute_cycles > fill ? step.compute_cycles - fill : 1);
    command.matrix.n = narrow(whole ? tile.out_channels : config_.cols);
    command.matrix.k = narrow(whole ? kernel * tile.in_channels : config_.rows);
    command.matrix.accumulate = step.psum_load_bytes > 0;
    command.matrix.begins_operation = true; // each tile fills and drains the array
    command.matrix.ends_operation = true;
    return command;
}

// Cycles that the vectors do not divide are given as those of one vector; a step shorter than the filling of the
// pipeline takes one cycle more than that. What is loaded is read once, what is stored is written once.
Command SimditStepCommands::vector(const SimditVectorStep& step) const {
    const std::uint64_t fill = simdit_fill_cycles(config_.pipeline_stages, config_.lanes);
    const std::uint64_t body = step.compute_cycles > fill ? step.compute_cycles - fill : 1;
    const std::uint64_t count = step.vectors > 0 && body % step.vectors == 0 ? step.vectors : 1;
    const auto bytes = [](const auto& transfers) {
        std::uint64_t sum = 0;
        for (const SimditTransfers& transfer : transfers) {
            sum += transfer.count * transfer.bytes;
        }
        return narrow(sum);
    };
    Command command = end();
    command.vector.elements = narrow(count * config_.lanes);
    command.vector.stages[0] = {VectorKernel::program, narrow(body / count), operation_};
    command.vector.vector_read_bytes = bytes(step.loads);
    command.vector.vector_write_bytes = bytes(step.stores);
    return command;
}

Command SimditStepCommands::end() const {
    Command command;
    command.opcode = Opcode::vector;
    command.operation = operation_;
    return command;
}

std::vector<Command> SimditStepCommands::loads(const SimditProductStep& step) const {
    std::vector<Command> commands;
    const auto add = [&](Pad pad, SimditTensor tensor, std::uint64_t bytes) {
        if (bytes > 0) {
            commands.push_back(load(pad, tensor, bytes));
        }
    };
    add(Pad::ofmap, SimditTensor::first, step.psum_load_bytes);
    add(Pad::ifmap, SimditTensor::first, step.ifmap_bytes);
    add(Pad::filter, SimditTensor::first, step.weight_bytes);
    add(Pad::filter, SimditTensor::second, step.bias_bytes);
    return commands;
}

std::vector<Command> SimditStepCommands::loads(const SimditVectorStep& step) const {
    std::vector<Command> commands;
    constexpr std::array kTensors{SimditTensor::first, SimditTensor::second};
    for (std::size_t i = 0; i < kTensors.size(); ++i) {
        if (step.loads[i].count * step.loads[i].bytes > 0) {
            commands.push_back(load(Pad::vector, kTensors[i], step.loads[i].bytes, step.loads[i].count));
        }
    }
    return commands;
}

std::vector<Command> SimditStepCommands::stores(const SimditVectorStep& step) const {
    std::vector<Command> commands;
    constexpr std::array kTensors{SimditTensor::small_result, SimditTensor::large_result, SimditTensor::spilled};
    for (std::size_t i = 0; i < kTensors.size(); ++i) {
        if (step.stores[i].count * step.stores[i].bytes > 0) {
            commands.push_back(store(Pad::vector, kTensors[i], step.stores[i].bytes, step.stores[i].count));
        }
    }
    return commands;
}

} // namespace systolica
