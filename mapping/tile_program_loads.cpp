// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/program_parts.h"
#include "mapping/tile_program.h"

#include <algorithm>

namespace systolica {

FilterPiece filter_piece(const Plan& plan, const Group& group, const Step& step) {
    const Precision& p = plan.chip.precision;
    const Layer& layer = group.layer;
    const std::uint64_t bias_bytes = layer.bias ? p.accumulator_bytes() : 0;
    const std::uint64_t channel_bytes = layer.in_group() * layer.kernel_positions() * p.weight_bytes() + bias_bytes;
    const std::uint64_t channels = step.channels.size();
    const std::uint64_t block = group.weight_base + step.channels.begin * channel_bytes;
    const std::uint64_t chunk = channels * layer.kernel_positions() * step.k.size() * p.weight_bytes();
    if (step.first_k) {
        return {block, channels * bias_bytes + chunk};
    }
    return {block + channels * (bias_bytes + layer.kernel_positions() * step.k.begin * p.weight_bytes()), chunk};
}

void TileProgram::loads(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    if (step.load_filter) {
        load_filter(work, step, walk);
    }
    if (step.load_ifmap && !group.input_kept) {
        Box box;
        box.columns = step.in_columns;
        box.channels = {group.input_channel + step.in_channels.begin, group.input_channel + step.in_channels.end};
        const bool stacked = step.new_rows.groups == 1;
        const std::uint64_t images = stacked ? 1 : step.images.size();
        for (std::uint64_t i = 0; i < images; ++i) { // rows with gaps cannot be stacked over images
            box.rows = step.new_rows;
            box.rows.start += (step.images.begin + i) * layer.rows.in;
            if (stacked) {
                box.rows.groups = step.images.size();
                box.rows.stride = layer.rows.in;
            }
            if (layer.matrix) {
                load_box(box, group.input, Semaphore::ifmap_space, Semaphore::ifmap_data, Pad::ifmap, group.operation,
                         walk);
            } else {
                load_box(box, group.input, Semaphore::operand_space, Semaphore::operand_data, Pad::vector,
                         group.operation, walk);
            }
        }
    }
    if (step.load_constants) {
        load_constants(work, step, walk);
    }
    for (std::size_t i = 0; step.last_k && i < group.extra_inputs.size(); ++i) {
        Box box;
        box.rows = {step.images.begin * layer.rows.out + step.rows.begin, step.images.size(), step.rows.size(),
                    layer.rows.out};
        box.columns = all_of(step.columns);
        box.channels = {group.output_channel + step.channels.begin, group.output_channel + step.channels.end};
        load_box(box, group.extra_inputs[i], Semaphore::operand_space, Semaphore::operand_data, Pad::vector,
                 group.extra_operations[i], walk);
    }
    if (step.first && work.reserved_bytes > 0) {
        add(walk.ready.front().acquire, Semaphore::ifmap_space, work.reserved_bytes);
    }
    if (step.first && group.start_event != 0) {
        walk.ready.front().wait = {group.start_event, group.start_threshold};
    }
}

void TileProgram::load_filter(const Work& work, const Step& step, Walk& walk) const {
    const FilterPiece piece = filter_piece(plan_, *work.group, step);
    Command command;
    command.opcode = Opcode::load;
    command.operation = work.group->operation;
    command.dma.memory_address = piece.address;
    command.dma.run_bytes = narrow(piece.bytes);
    command.dma.pad = Pad::filter;
    command.dma.pad_address = pad_address(walk, Pad::filter, piece.bytes);
    command.dma.pad_bytes = narrow(piece.bytes);
    add(command.acquire, Semaphore::filter_space, piece.bytes);
    add(command.release, Semaphore::filter_data, piece.bytes);
    push(command, walk);
}

std::uint64_t TileProgram::constants_bytes(const Work& work, const Step& step) const {
    return step.channels.size() * work.group->layer.channel_constants * plan_.chip.precision.accumulator_bytes();
}

void TileProgram::load_constants(const Work& work, const Step& step, Walk& walk) const {
    const std::uint64_t bytes = constants_bytes(work, step);
    Command command;
    command.opcode = Opcode::load;
    command.operation = work.group->constants_operation;
    command.dma.memory_address = work.group->constants_base + bytes / step.channels.size() * step.channels.begin;
    command.dma.run_bytes = narrow(bytes);
    command.dma.pad = Pad::vector;
    command.dma.pad_address = pad_address(walk, Pad::vector, bytes);
    command.dma.pad_bytes = narrow(bytes);
    add(command.acquire, Semaphore::operand_space, bytes);
    add(command.release, Semaphore::operand_data, bytes);
    push(command, walk);
}

void TileProgram::load_box(const Box& box, int tensor, Semaphore space, Semaphore data, Pad pad,
                           std::uint32_t operation, Walk& walk) const {
    const PlannedTensor& planned = plan_.tensors[static_cast<std::size_t>(tensor)];
    std::vector<DmaArguments> transfers;
    append_transfers(planned.layout, box, transfers);
    for (const DmaArguments& transfer : transfers) {
        Command command;
        command.opcode = Opcode::load;
        command.operation = operation;
        command.dma = transfer;
        command.dma.pad = pad;
        command.dma.pad_bytes = narrow(transfer.bytes());
        command.dma.pad_address = pad_address(walk, pad, transfer.bytes());
        add(command.acquire, space, transfer.bytes());
        add(command.release, data, transfer.bytes());
        if (planned.event != 0 && std::find(walk.waited.begin(), walk.waited.end(), tensor) == walk.waited.end()) {
            command.wait = {planned.event, planned.threshold};
            walk.waited.push_back(tensor); // the queue is in order: later loads come after
        }
        push(command, walk);
    }
}

} // namespace systolica
