// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/tile_program.h"

#include "mapping/program_parts.h"
#include "mapping/result_boxes.h"

#include <algorithm>

namespace systolica {

TileProgram::TileProgram(const Plan& plan, unsigned tile)
    : plan_(plan), tile_(tile), serial_(plan.options.overlap == Overlap::none) {
    std::uint64_t kept = 0;
    OfmapRings rings(plan);
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        const Group& group = plan.groups[g];
        const Share& share = group.shares[tile];
        if (!share.empty()) {
            const Nest nest(group.layer, group.tiling, share);
            const std::uint64_t output = nest.outputs() * group.layer.bytes.output;
            const auto before = std::count_if(group.shares.begin(), group.shares.begin() + tile,
                                              [](const Share& other) { return !other.empty(); });
            Work work{&group, nest};
            work.before = group.input_kept ? plan.groups.data() + g - 1 : nullptr;
            work.after = group.output_kept ? plan.groups.data() + g + 1 : nullptr;
            work.kept_bytes = group.input_kept ? kept : 0;
            work.reserved_bytes = group.output_kept ? output : 0;
            work.active_before = static_cast<std::uint64_t>(before);
            work.sums = rings.exchange(group, tile);
            if (group.exchange.made_event != 0) {
                work.fetched_bytes = group.exchange.elements(tile) * group.layer.bytes.input;
            }
            work_.push_back(work);
            kept = output;
        } else {
            kept = 0;
        }
        rings.pass(group);
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
            walk.loads_begun = walk.stores_begun = false;
            walk.sent_bytes = 0;
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
        if (queue == Queue::vector && work.sums.owner) {
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
                          (queue == Queue::vector && !work.group->layer.stages.empty() && work.sums.owner) ||
                          queue == Queue::store;
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

void TileProgram::matrix(const Work& work, const Step& step, Walk& walk) const {
    const Group& group = *work.group;
    const Layer& layer = group.layer;
    const Precision& p = plan_.chip.precision;
    Command command;
    command.opcode = Opcode::matrix;
    command.operation = group.operation;
    MatrixArguments& work_item = command.matrix;
    work_item.m = narrow(step.m);
    work_item.n = narrow(layer.grouped() ? std::min(step.channels.size(), layer.out_group()) : step.channels.size());
    work_item.k = narrow(step.depth);
    work_item.groups = layer.grouped() ? narrow(step.channels.size() / work_item.n) : 1;
    work_item.accumulate = !step.first_k;
    work_item.begins_operation = step.first && group.begins_operation;
    work_item.ends_operation = step.last && group.ends_operation;

    const std::uint64_t filter_bytes = filter_piece(plan_, group, step).bytes;
    const std::uint64_t sums_bytes = step.sums() * p.accumulator_bytes();
    // A kept input is there whole from the first command to the last.
    const std::uint64_t taken_ifmap = step.ifmap_elements() * layer.bytes.input;
    const std::uint64_t freed_ifmap = group.input_kept ? (step.last ? work.kept_bytes + work.fetched_bytes : 0)
                                                       : step.freed_elements() * layer.bytes.input;
    const std::uint64_t freed_filter = step.free_filter ? filter_bytes : 0;
    work_item.ifmap_address = pad_address(walk, Pad::ifmap, freed_ifmap);
    work_item.filter_address = pad_address(walk, Pad::filter, freed_filter);
    work_item.ofmap_address = pad_address(walk, Pad::ofmap, step.last_k ? sums_bytes : 0);
    add(command.acquire, group.input_kept ? Semaphore::kept_data : Semaphore::ifmap_data,
        group.input_kept ? (step.first ? work.kept_bytes : 0) : taken_ifmap);
    if (group.exchange.made_event != 0) {
        add(command.acquire, Semaphore::ifmap_data, step.first ? work.fetched_bytes : 0);
        if (step.last && group.exchange.readers[tile_] > 0) {
            command.wait = {group.exchange.read_event + tile_, group.exchange.readers[tile_]};
        }
    }
    add(command.acquire, Semaphore::filter_data, step.load_filter ? filter_bytes : 0);
    add(command.acquire, Semaphore::ofmap_space, step.first_k ? sums_bytes : 0);
    add(command.release, Semaphore::ifmap_space, freed_ifmap);
    add(command.release, Semaphore::filter_space, freed_filter);
    const bool stored = layer.stages.empty() || !work.sums.owner;
    add(command.release, stored ? Semaphore::ofmap_results : Semaphore::ofmap_data, step.last_k ? sums_bytes : 0);
    if (work.sums.owner && work.sums.senders > 0 && step.last_k) {
        command.post = work.sums.there(block_of(work, walk));
    }
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
    command.wait = all_sent(work, walk);
    for (std::size_t i = 0; i < layer.stages.size(); ++i) {
        command.vector.stages[i] = {layer.stages[i].kernel, layer.stages[i].taps, layer.stages[i].operation};
    }
    const std::uint64_t output_bytes = layer.output ? step.outputs() * layer.bytes.output : 0;
    std::uint64_t stored_bytes = group.output_stored ? output_bytes : 0;
    for (const ResultForm& result : layer.results) {
        stored_bytes += step.completes(result.lacks) ? step.outputs(result.lacks) * result.values * result.bytes : 0;
    }
    std::uint64_t extra_bytes = 0;
    for (const OperandForm& operand : layer.operands) {
        extra_bytes += step.outputs(operand.stretch) * operand.bytes;
    }
    const std::uint64_t constants = step.channels.size() * layer.constant_bytes;
    std::uint64_t operand_bytes = extra_bytes + (step.load_constants ? constants : 0);
    std::uint64_t freed_bytes = extra_bytes + (step.free_constants ? constants : 0);
    if (layer.matrix) {
        command.vector.ofmap_read_bytes = narrow(step.outputs() * p.accumulator_bytes());
        add(command.acquire, Semaphore::ofmap_data, step.sums() * p.accumulator_bytes());
        add(command.release, Semaphore::ofmap_space, step.sums() * p.accumulator_bytes());
        command.vector.vector_read_bytes = narrow(extra_bytes);
    } else {
        operand_bytes += step.ifmap_elements() * layer.bytes.input;
        freed_bytes += step.freed_elements() * layer.bytes.input;
        // A window operator reads its input once for each tap.
        command.vector.vector_read_bytes =
            narrow(extra_bytes + step.outputs() * layer.bytes.input * layer.stages.front().taps);
    }
    command.vector.vector_write_bytes = narrow(stored_bytes);
    command.vector.ifmap_write_bytes = narrow(group.output_kept ? output_bytes : 0);
    add(command.acquire, Semaphore::operand_data, operand_bytes);
    add(command.acquire, Semaphore::result_space, stored_bytes);
    add(command.release, Semaphore::operand_space, freed_bytes);
    add(command.release, Semaphore::result_data, stored_bytes);
    add(command.release, Semaphore::kept_data, group.output_kept ? output_bytes : 0);
    if (step.last && work.after != nullptr && work.after->exchange.made_event != 0) {
        command.post = work.after->exchange.made_event + tile_;
    }
    push(command, walk);
}

void TileProgram::stores(const Work& work, const Step& step, Walk& walk) const {
    if (!step.last_k) {
        return;
    }
    if (!work.sums.owner) {
        send_sums(work, step, walk);
        return;
    }
    const Group& group = *work.group;
    const auto tensor = [&](int index) -> const PlannedTensor& {
        return plan_.tensors[static_cast<std::size_t>(index)];
    };
    if (group.output_stored && group.layer.output) {
        const PlannedTensor& out = tensor(group.output.tensor);
        const std::vector<Box> boxes = output_boxes(group, out.shape, step, work.active_before);
        store_box(out, boxes, group.last_operation, group.layer.stages.empty(), step.last, walk);
        if (group.layer.stages.empty() && work.sums.senders > 0) {
            walk.ready.front().wait = all_sent(work, walk);
            walk.stores_begun = true; // the loads of this group have waited for what comes before
        }
    }
    for (std::size_t i = 0; i < group.results.size(); ++i) {
        if (step.completes(group.layer.results[i].lacks)) {
            const PlannedTensor& out = tensor(group.results[i].tensor);
            store_box(out, result_boxes(group, i, out.shape, step, work.active_before), group.results[i].operation,
                      false, step.last, walk);
        }
    }
    if (!walk.ready.empty() && !walk.stores_begun) {
        walk.stores_begun = true;
        if (group.start_event != 0) { // also where nothing is loaded
            walk.ready.front().wait = {group.start_event, group.start_threshold};
        } else if (group.store_event != 0) {
            walk.ready.front().wait = {group.store_event, group.store_threshold};
        }
    }
}

void TileProgram::store_box(const PlannedTensor& to, const std::vector<Box>& boxes, std::uint32_t operation,
                            bool from_sums, bool last, Walk& walk) const {
    std::vector<DmaArguments> transfers;
    for (const Box& box : boxes) {
        append_transfers(to.layout, box, transfers);
    }
    for (std::size_t i = 0; i < transfers.size(); ++i) {
        Command command;
        command.opcode = Opcode::store;
        command.operation = operation;
        command.dma = transfers[i];
        const std::uint64_t bytes = command.dma.bytes();
        const std::uint64_t pad_bytes =
            from_sums ? bytes / to.layout.element_bytes * plan_.chip.precision.accumulator_bytes() : bytes;
        command.dma.pad = from_sums ? Pad::ofmap : Pad::vector;
        command.dma.pad_bytes = narrow(pad_bytes);
        command.dma.pad_address = pad_address(walk, command.dma.pad, pad_bytes);
        add(command.acquire, from_sums ? Semaphore::ofmap_results : Semaphore::result_data, pad_bytes);
        add(command.release, from_sums ? Semaphore::ofmap_space : Semaphore::result_space, pad_bytes);
        if (last && i + 1 == transfers.size()) {
            command.post = to.event;
        }
        push(command, walk);
    }
}

} // namespace systolica
