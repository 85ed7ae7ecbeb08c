// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/tile_program.h"

#include <algorithm>

namespace systolica {

namespace {

Span all_of(const Range& range) {
    return {range.begin, 1, range.size(), 0};
}

std::uint32_t narrow(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}

void add(std::array<Token, kTokens>& tokens, Semaphore semaphore, std::uint64_t amount) {
    if (amount == 0) {
        return;
    }
    for (Token& token : tokens) {
        if (token.semaphore == Semaphore::none) {
            token = {semaphore, narrow(amount)};
            return;
        }
    }
}

// Bias and one chunk of weights of a block of output channels, as they lie in memory.
struct FilterPiece {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
};

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

} // namespace

TileProgram::TileProgram(const Plan& plan, unsigned tile)
    : plan_(plan), serial_(plan.options.overlap == Overlap::none) {
    for (const Group& group : plan.groups) {
        const Share& share = group.shares[tile];
        if (!share.empty()) {
            work_.push_back({&group, Nest(group.layer, group.tiling, share)});
        }
    }
}

bool TileProgram::next(Queue queue, Command& command) {
    Walk& walk = walks_[static_cast<std::size_t>(queue)];
    while (walk.next_ready == walk.ready.size()) {
        if (walk.group == work_.size()) {
            return false;
        }
        walk.ready.clear();
        walk.next_ready = 0;
        expand(queue, walk);
        if (++walk.step == work_[walk.group].nest.steps()) {
            walk.step = 0;
            walk.waited.clear();
            ++walk.group;
        }
    }
    command = walk.ready[walk.next_ready++];
    return true;
}

std::array<std::uint32_t, kSemaphores> TileProgram::initial() const {
    std::array<std::uint32_t, kSemaphores> values{};
    const auto set = [&](Semaphore semaphore, std::uint64_t bytes) {
        values[static_cast<std::size_t>(semaphore)] = narrow(bytes);
    };
    const TileConfig& tile = plan_.chip.tile;
    set(Semaphore::ifmap_space, tile.pad(Pad::ifmap).capacity_bytes);
    set(Semaphore::filter_space, tile.pad(Pad::filter).capacity_bytes);
    set(Semaphore::ofmap_space, tile.pad(Pad::ofmap).capacity_bytes);
    set(Semaphore::operand_space, tile.pad(Pad::vector).capacity_bytes / 2);
    set(Semaphore::result_space, tile.pad(Pad::vector).capacity_bytes / 2);
    set(Semaphore::serial, 1);
    return values;
}

std::uint64_t TileProgram::commands(std::uint32_t operation, Queue queue) const {
    std::uint64_t count = 0;
    for (const Work& work : work_) {
        const Layer& layer = work.group->layer;
        if (queue == Queue::matrix && layer.matrix && work.group->operation == operation) {
            count += work.nest.steps();
        }
        if (queue == Queue::vector) {
            for (const Layer::Stage& stage : layer.stages) {
                count += stage.operation == operation ? work.nest.steps() / work.nest.k_blocks() : 0;
            }
        }
    }
    return count;
}

std::uint32_t TileProgram::operations() const {
    return narrow(plan_.operations.size());
}

void TileProgram::expand(Queue queue, Walk& walk) const {
    const Work& work = work_[walk.group];
    const bool has_work = queue == Queue::load || (queue == Queue::matrix && work.group->layer.matrix) ||
                          (queue == Queue::vector && !work.group->layer.stages.empty()) || queue == Queue::store;
    if (!has_work) {
        walk.step = work.nest.steps() - 1; // nothing of this group for this queue
        return;
    }
    const Step step = work.nest.step(walk.step);
    switch (queue) {
    case Queue::load:
        loads(work, step, walk);
        break;
    case Queue::matrix:
        matrix(work, step, walk);
        break;
    case Queue::vector:
        vector(work, step, walk);
        break;
    case Queue::store:
        stores(work, step, walk);
        break;
    }
}

void TileProgram::push(Command command, Walk& walk) const {
    if (serial_) {
        add(command.acquire, Semaphore::serial, 1);
        add(command.release, Semaphore::serial, 1);
    }
    walk.ready.push_back(command);
}

std::uint32_t TileProgram::pad_address(Walk& walk, Pad pad, std::uint64_t bytes) const {
    std::uint64_t& passed = walk.ring[static_cast<std::size_t>(pad)];
    const std::uint64_t address = passed % plan_.chip.tile.pad(pad).capacity_bytes;
    passed += bytes;
    return narrow(address);
}

void TileProgram::loads(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    if (step.load_filter) {
        load_filter(work, step, walk);
    }
    if (step.load_ifmap) {
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
    if (step.first && group.start_event != 0 && !walk.ready.empty() && walk.ready.front().wait.event == 0) {
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

void TileProgram::matrix(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    const Precision& p = plan_.chip.precision;
    Command command;
    command.opcode = Opcode::matrix;
    command.operation = group.operation;
    MatrixArguments& work_item = command.matrix;
    work_item.m = narrow(step.positions());
    work_item.n = narrow(layer.grouped() ? std::min(step.channels.size(), layer.out_group()) : step.channels.size());
    work_item.k = narrow(step.k.size() * layer.kernel_positions());
    work_item.groups = layer.grouped() ? narrow(step.channels.size() / work_item.n) : 1;
    work_item.accumulate = !step.first_k;
    work_item.begins_operation = step.first && group.begins_operation;
    work_item.ends_operation = step.last && group.ends_operation;

    const std::uint64_t filter_bytes = filter_piece(plan_, group, step).bytes;
    const std::uint64_t sums_bytes = step.outputs() * p.accumulator_bytes();
    const std::uint64_t freed_ifmap = step.freed_elements() * p.activation_bytes();
    const std::uint64_t freed_filter = step.free_filter ? filter_bytes : 0;
    work_item.ifmap_address = pad_address(walk, Pad::ifmap, freed_ifmap);
    work_item.filter_address = pad_address(walk, Pad::filter, freed_filter);
    work_item.ofmap_address = pad_address(walk, Pad::ofmap, step.last_k ? sums_bytes : 0);
    add(command.acquire, Semaphore::ifmap_data, step.ifmap_elements() * p.activation_bytes());
    add(command.acquire, Semaphore::filter_data, step.load_filter ? filter_bytes : 0);
    add(command.acquire, Semaphore::ofmap_space, step.first_k ? sums_bytes : 0);
    add(command.release, Semaphore::ifmap_space, freed_ifmap);
    add(command.release, Semaphore::filter_space, freed_filter);
    add(command.release, layer.stages.empty() ? Semaphore::ofmap_results : Semaphore::ofmap_data,
        step.last_k ? sums_bytes : 0);
    push(command, walk);
}

void TileProgram::vector(const Work& work, const Step& step, Walk& walk) const {
    if (!step.last_k) {
        return;
    }
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    const Precision& p = plan_.chip.precision;
    Command command;
    command.opcode = Opcode::vector;
    command.operation = group.last_operation;
    command.vector.elements = narrow(step.outputs());
    for (std::size_t i = 0; i < layer.stages.size(); ++i) {
        command.vector.stages[i] = {layer.stages[i].kernel, layer.stages[i].taps, layer.stages[i].operation};
    }
    const std::uint64_t result_bytes = step.outputs() * p.activation_bytes();
    const std::uint64_t extra_bytes = group.extra_inputs.size() * result_bytes;
    std::uint64_t operand_bytes = extra_bytes + (step.load_constants ? constants_bytes(work, step) : 0);
    std::uint64_t freed_bytes = extra_bytes + (step.free_constants ? constants_bytes(work, step) : 0);
    if (layer.matrix) {
        const std::uint64_t sums_bytes = step.outputs() * p.accumulator_bytes();
        command.vector.ofmap_read_bytes = narrow(sums_bytes);
        add(command.acquire, Semaphore::ofmap_data, sums_bytes);
        add(command.release, Semaphore::ofmap_space, sums_bytes);
        command.vector.vector_read_bytes = narrow(extra_bytes);
    } else {
        operand_bytes += step.ifmap_elements() * p.activation_bytes();
        freed_bytes += step.freed_elements() * p.activation_bytes();
        // A window operator reads its input once for each tap.
        command.vector.vector_read_bytes = narrow(extra_bytes + result_bytes * layer.stages.front().taps);
    }
    command.vector.vector_write_bytes = narrow(result_bytes);
    add(command.acquire, Semaphore::operand_data, operand_bytes);
    add(command.acquire, Semaphore::result_space, result_bytes);
    add(command.release, Semaphore::operand_space, freed_bytes);
    add(command.release, Semaphore::result_data, result_bytes);
    push(command, walk);
}

void TileProgram::stores(const Work& work, const Step& step, Walk& walk) const {
    if (!step.last_k) {
        return;
    }
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    const Precision& p = plan_.chip.precision;
    const PlannedTensor& out = plan_.tensors[static_cast<std::size_t>(group.output)];
    const bool from_sums = layer.stages.empty();
    Box box;
    box.rows = {step.images.begin * layer.rows.out + step.rows.begin, step.images.size(), step.rows.size(),
                layer.rows.out};
    box.columns = all_of(step.columns);
    box.channels = {group.output_channel + step.channels.begin, group.output_channel + step.channels.end};
    std::vector<DmaArguments> transfers;
    append_transfers(out.layout, box, transfers);
    for (std::size_t i = 0; i < transfers.size(); ++i) {
        Command command;
        command.opcode = Opcode::store;
        command.operation = group.last_operation;
        command.dma = transfers[i];
        const std::uint64_t bytes = command.dma.bytes();
        const std::uint64_t pad_bytes = from_sums ? bytes / p.activation_bytes() * p.accumulator_bytes() : bytes;
        command.dma.pad = from_sums ? Pad::ofmap : Pad::vector;
        command.dma.pad_bytes = narrow(pad_bytes);
        command.dma.pad_address = pad_address(walk, command.dma.pad, pad_bytes);
        add(command.acquire, from_sums ? Semaphore::ofmap_results : Semaphore::result_data, pad_bytes);
        add(command.release, from_sums ? Semaphore::ofmap_space : Semaphore::result_space, pad_bytes);
        if (step.last && i + 1 == transfers.size()) {
            command.post = out.event;
        }
        push(command, walk);
    }
}

} // namespace systolica
