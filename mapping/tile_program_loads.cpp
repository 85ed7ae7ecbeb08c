// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/program_parts.h"
#include "mapping/reshape_view.h"
#include "mapping/result_boxes.h"
#include "mapping/tile_program.h"
#include "mapping/view_part.h"

#include <algorithm>

namespace systolica {

FilterPiece filter_piece(const Plan& plan, const Group& group, const Step& step) {
    const Precision& p = plan.chip.precision;
    const Layer& layer = group.layer;
    if (layer.weight_gradient) {
        return {0, step.filter_elements * layer.bytes.filter};
    }
    const std::uint64_t bias_bytes = layer.bias ? p.accumulator_bytes() : 0;
    const std::uint64_t channel_bytes = layer.in_group() * layer.kernel_positions() * layer.bytes.filter + bias_bytes;
    const std::uint64_t channels = step.channels.size();
    const std::uint64_t block = group.weight_base + step.channels.begin * channel_bytes;
    const std::uint64_t chunk = step.filter_elements * layer.bytes.filter;
    if (step.k.begin == 0) {
        return {block, channels * bias_bytes + chunk};
    }
    return {block + channels * (bias_bytes + layer.kernel_positions() * step.k.begin * layer.bytes.filter), chunk};
}

void TileProgram::loads(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    if (step.load_filter && layer.weight_gradient) {
        load_gradient(work, step, walk);
    } else if (step.load_filter && layer.product) {
        load_factor(work, step, walk);
    } else if (step.load_filter) {
        load_filter(work, step, walk);
    }
    // After the first weights, which need nobody.
    if (step.first && group.exchange.made_event != 0) {
        fetch_input(work, walk);
    }
    if (step.load_ifmap && !group.input_kept) {
        const Region region{step.images, step.new_rows, step.in_columns, step.in_channels};
        const bool array = layer.matrix;
        const LoadShare share = share_of(group.sharing.input, group.tiling.hold_ifmap ? 0 : step.channel_block);
        const std::vector<Box> boxes = boxes_of(group.input, shape_of(group.input.tensor), region);
        for (const int tensor : {group.input.tensor, group.input_beside}) {
            for (std::size_t i = 0; tensor >= 0 && i < boxes.size(); ++i) {
                load_box(boxes[i], tensor, array ? Semaphore::ifmap_space : Semaphore::operand_space,
                         array ? Semaphore::ifmap_data : Semaphore::operand_data, array ? Pad::ifmap : Pad::vector,
                         group.operation, walk, share);
            }
        }
    }
    if (step.load_constants && work.sums.owner) {
        load_constants(work, step, walk);
    }
    for (std::size_t i = 0; step.last_k && work.sums.owner && i < group.operands.size(); ++i) {
        load_operand(work, i, step, walk);
    }
    if (!walk.ready.empty() && !walk.loads_begun) {
        walk.loads_begun = true;
        add(walk.ready.front().acquire, Semaphore::ifmap_space, work.reserved_bytes);
        if (group.start_event != 0) {
            walk.ready.front().wait = {group.start_event, group.start_threshold};
        }
    }
}

// Parts of the input that other tiles have made, from their scratchpads.
void TileProgram::fetch_input(const Work& work, Walk& walk) const {
    const Group& group = *work.group;
    const MadeResults made{work.before->layer, work.before->tiling, work.before->shares};
    const std::vector<ExchangePiece>& pieces = group.exchange.pieces[tile_];
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const ExchangePiece& piece = pieces[i];
        std::vector<DmaArguments> transfers;
        append_transfers(made.layout(piece.from, group.layer.bytes.input), piece.box, transfers);
        const bool first_from = i == 0 || pieces[i - 1].from != piece.from;
        const bool last_from = i + 1 == pieces.size() || pieces[i + 1].from != piece.from;
        for (std::size_t j = 0; j < transfers.size(); ++j) {
            Command command;
            command.opcode = Opcode::load;
            command.operation = group.operation;
            command.dma = transfers[j];
            command.dma.pad = Pad::ifmap;
            command.dma.pad_bytes = narrow(transfers[j].bytes());
            command.dma.pad_address = pad_address(walk, Pad::ifmap, transfers[j].bytes());
            command.dma.sharers = piece.sharers;
            command.dma.follows = piece.follows;
            add(command.acquire, Semaphore::ifmap_space, transfers[j].bytes());
            add(command.release, Semaphore::ifmap_data, transfers[j].bytes());
            if (first_from && j == 0) {
                command.wait = {group.exchange.made_event + piece.from, 1};
            }
            if (last_from && j + 1 == transfers.size()) {
                command.post = group.exchange.read_event + piece.from;
            }
            push(command, walk);
        }
    }
}

const Shape& TileProgram::shape_of(int tensor) const {
    return plan_.tensors[static_cast<std::size_t>(tensor)].shape;
}

void TileProgram::load_operand(const Work& work, std::size_t index, const Step& step, Walk& walk) const {
    const Operand& operand = work.group->operands[index];
    for (const Box& box : operand_boxes(*work.group, index, shape_of(operand.tensor), step)) {
        load_box(box, operand.tensor, Semaphore::operand_space, Semaphore::operand_data, Pad::vector, operand.operation,
                 walk, {});
    }
}

// The second factor of a weight gradient: the gradient of the output, at the positions that are summed over.
void TileProgram::load_gradient(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Region region{step.images, all_of(step.rows), all_of(step.columns), step.channels};
    for (const Box& box : boxes_of(group.factor, shape_of(group.factor.tensor), region)) {
        load_box(box, group.factor.tensor, Semaphore::filter_space, Semaphore::filter_data, Pad::filter,
                 group.operation, walk, {});
    }
}

// Whole products, or a part of one.
void TileProgram::load_factor(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    const bool whole = layer.groups > 1;
    Region region{{0, 1}, all_of(whole ? Range{0, layer.out_group()} : step.channels), all_of({0, 1}), step.k};
    if (whole) {
        region.channels = step.in_channels;
    }
    const LoadShare share = share_of(group.sharing.filter, group.tiling.hold_filter ? 0 : step.position);
    for (const Box& box : boxes_of(group.factor, shape_of(group.factor.tensor), region)) {
        load_box(box, group.factor.tensor, Semaphore::filter_space, Semaphore::filter_data, Pad::filter,
                 group.operation, walk, share);
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
    const LoadShare share = share_of(work.group->sharing.filter, work.group->tiling.hold_filter ? 0 : step.position);
    command.dma.sharers = share.sharers;
    command.dma.follows = share.follows;
    command.dma.pad_address = pad_address(walk, Pad::filter, piece.bytes);
    command.dma.pad_bytes = narrow(piece.bytes);
    add(command.acquire, Semaphore::filter_space, piece.bytes);
    add(command.release, Semaphore::filter_data, piece.bytes);
    push(command, walk);
}

void TileProgram::load_constants(const Work& work, const Step& step, Walk& walk) const {
    const LoadShare share =
        share_of(work.group->sharing.constants, work.group->tiling.inputs_outer ? step.position : 0);
    for (const ChannelConstants& constants : work.group->constants) {
        std::uint64_t base = constants.base;
        Command command;
        if (constants.tensor >= 0) {
            const PlannedTensor& planned = plan_.tensors[static_cast<std::size_t>(constants.tensor)];
            base = planned.layout.base;
            wait_for(planned, constants.tensor, command, walk);
        }
        const std::uint64_t bytes = step.channels.size() * constants.bytes;
        command.opcode = Opcode::load;
        command.operation = constants.operation;
        command.dma.memory_address = base + constants.bytes * step.channels.begin;
        command.dma.run_bytes = narrow(bytes);
        command.dma.pad = Pad::vector;
        command.dma.sharers = share.sharers;
        command.dma.follows = share.follows;
        command.dma.pad_address = pad_address(walk, Pad::vector, bytes);
        command.dma.pad_bytes = narrow(bytes);
        add(command.acquire, Semaphore::operand_space, bytes);
        add(command.release, Semaphore::operand_data, bytes);
        push(command, walk);
    }
}

// A load that one tile alone comes to is its own.
LoadShare TileProgram::share_of(const SharedLoads& loads, std::uint64_t round) const {
    const std::uint64_t sharers = loads.any() ? loads.sharers(tile_, round) : 0;
    return sharers < 2 ? LoadShare{} : LoadShare{static_cast<std::uint16_t>(sharers), loads.follows(tile_, round)};
}

// The queue is in order: once it has waited, later loads come after.
void TileProgram::wait_for(const PlannedTensor& planned, int tensor, Command& command, Walk& walk) const {
    if (planned.event != 0 && std::find(walk.waited.begin(), walk.waited.end(), tensor) == walk.waited.end()) {
        command.wait = {planned.event, planned.threshold};
        walk.waited.push_back(tensor);
    }
}

void TileProgram::load_box(const Box& box, int tensor, Semaphore space, Semaphore data, Pad pad,
                           std::uint32_t operation, Walk& walk, const LoadShare& share) const {
    const PlannedTensor& planned = plan_.tensors[static_cast<std::size_t>(tensor)];
    if (planned.view_of >= 0) {
        for (const Box& part : boxes_behind(planned.shape, shape_of(planned.view_of), box)) {
            load_box(part, planned.view_of, space, data, pad, operation, walk, share);
        }
        return;
    }
    if (!planned.parts.empty()) {
        for (const ViewPart& part : planned.parts) {
            for (const Box& inside : boxes_in_part(planned.shape, shape_of(part.tensor), part, box)) {
                load_box(inside, part.tensor, space, data, pad, operation, walk, share);
            }
        }
        return;
    }
    std::vector<DmaArguments> transfers;
    append_transfers(planned.layout, box, transfers);
    for (const DmaArguments& transfer : transfers) {
        Command command;
        command.opcode = Opcode::load;
        command.operation = operation;
        command.dma = transfer;
        command.dma.sharers = share.sharers;
        command.dma.follows = share.follows;
        command.dma.pad = pad;
        command.dma.pad_bytes = narrow(transfer.bytes());
        command.dma.pad_address = pad_address(walk, pad, transfer.bytes());
        add(command.acquire, space, transfer.bytes());
        add(command.release, data, transfer.bytes());
        wait_for(planned, tensor, command, walk);
        push(command, walk);
    }
}

} // namespace systolica
