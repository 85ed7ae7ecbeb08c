// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "plan_checks.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "interpreter.h"
#include "machine/commands/tile_address.h"
#include "operator_reads.h"
#include "plan_memory.h"

namespace systolica {

namespace {

// Groups that work for the same operation (parts of a concat, groups of a convolution) count as one.
class Order {
public:
    explicit Order(const Plan& plan) {
        for (const Group& group : plan.groups) {
            if (level_.count(group.operation) == 0) {
                stored_.push_back(0);
                to_store_.push_back(0);
            }
            const std::size_t level = level_.emplace(group.operation, stored_.size() - 1).first->second;
            std::vector<std::uint32_t> rows{group.last_operation};
            for (const ChannelConstants& constants : group.constants) {
                rows.push_back(constants.operation);
            }
            for (const Operand& operand : group.operands) {
                rows.push_back(operand.operation);
            }
            for (const std::uint32_t row : rows) {
                level_.emplace(row, level);
            }
            for (const Share& share : group.shares) {
                const std::uint64_t outputs = share.empty() ? 0 : Nest(group.layer, group.tiling, share).outputs();
                to_store_[level] +=
                    group.output_stored && share.owner() ? outputs * plan.chip.precision.activation_bytes() : 0;
            }
        }
    }

    void stored(const Command& command) {
        if (command.opcode == Opcode::store && !in_tile_space(command.dma.memory_address)) {
            stored_[level_.at(command.operation)] += command.dma.bytes();
        }
    }
    // Everything before the operation that `command` loads for has been stored.
    bool may_load(const Command& command) {
        if (command.opcode != Opcode::load) {
            return true;
        }
        while (done_ < stored_.size() && stored_[done_] == to_store_[done_]) {
            ++done_;
        }
        return level_.at(command.operation) <= done_;
    }

private:
    std::map<std::uint32_t, std::size_t> level_; // by row of the plan
    std::vector<std::uint64_t> stored_, to_store_;
    std::size_t done_ = 0;
};

void check_events(const Plan& plan, const Interpreter& interpreter) {
    std::set<std::uint32_t> stored;
    for (const Group& group : plan.groups) {
        if (group.output_stored) {
            stored.insert(plan.tensors[static_cast<std::size_t>(group.output.tensor)].event);
        }
    }
    for (const PlannedTensor& tensor : plan.tensors) {
        if (stored.count(tensor.event) > 0) {
            EXPECT_EQ(interpreter.posts[tensor.event], tensor.threshold) << tensor.name;
        }
    }
    for (const auto& [event, threshold] : interpreter.waited) {
        if (plan.options.overlap == Overlap::layer) { // then only readers wait
            EXPECT_EQ(threshold, interpreter.posts[event]) << "a reader of event " << event;
        }
        EXPECT_GT(threshold, 0u);
    }
}

void check_rows(const Graph& graph, const Plan& plan, const Interpreter& interpreter) {
    ASSERT_EQ(plan.operations.size(), graph.operators.size());
    std::uint64_t reads = 0, writes = 0;
    for (std::uint32_t row = 0; row < plan.operations.size(); ++row) {
        const PlannedOperation& planned = plan.operations[row];
        const Interpreter::Totals& total = interpreter.totals[row];
        const Operator& op = graph.operators[row];
        const bool matrix = op.kind == OpKind::conv || op.kind == OpKind::fully_connected || op.kind == OpKind::matmul;
        const TransposedWork transposed = transposed_work(graph, op);
        const std::uint64_t products = op.kind == OpKind::conv_transpose ? transposed.macs : macs(graph, op);
        const std::uint64_t elements = matrix || planned.view              ? 0
                                       : op.kind == OpKind::conv_transpose ? transposed.unreached
                                                                           : graph.output_of(op).shape.elements();
        EXPECT_EQ(total.read_bytes, planned.dram_read_bytes) << planned.name;
        EXPECT_EQ(total.write_bytes, planned.dram_write_bytes) << planned.name;
        EXPECT_EQ(total.exchanged_bytes, planned.exchanged_bytes) << planned.name;
        EXPECT_EQ(total.macs, products) << planned.name;
        EXPECT_EQ(planned.macs, products) << planned.name;
        EXPECT_EQ(total.elements, elements) << planned.name;
        reads += total.read_bytes;
        writes += total.write_bytes;
        std::uint64_t matrix_commands = 0, vector_commands = 0;
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            const TileProgram program(plan, t);
            matrix_commands += program.commands(row, Queue::matrix);
            vector_commands += program.commands(row, Queue::vector);
        }
        EXPECT_EQ(matrix_commands, total.matrix_commands) << planned.name;
        EXPECT_EQ(vector_commands, total.vector_commands) << planned.name;
    }
    EXPECT_EQ(reads, plan.dram_read_bytes());
    EXPECT_EQ(writes, plan.dram_write_bytes());
}

// Positions of the nest are those of the tensors, but for the first channel (one group of a convolution).
bool windows_are_plain(const Plan& plan, const Group& group) {
    const auto plain = [](Access access) {
        access.start[0] = 0;
        return access.plain();
    };
    const PlannedTensor& in = plan.tensors[static_cast<std::size_t>(group.input.tensor)];
    return plain(group.input) && plain(group.output) && in.layout.rows == group.layer.images * group.layer.rows.in &&
           group.layer.rows.scale == Scale::none && group.layer.columns.scale == Scale::none && in.view_of < 0;
}

// Every input byte under the windows of a tile's share.
std::set<std::uint64_t> under_windows(const Plan& plan, const Group& group, const Share& share) {
    const Layer& layer = group.layer;
    const TensorLayout& in = plan.tensors[static_cast<std::size_t>(group.input.tensor)].layout;
    std::set<std::uint64_t> rows, columns, channels, bytes;
    const auto taps = [](const Axis& axis, const Range& outputs, std::uint64_t offset, std::set<std::uint64_t>& out) {
        for (std::uint64_t o = outputs.begin; o < outputs.end; ++o) {
            for (std::uint64_t k = 0; k < axis.kernel; ++k) {
                const std::uint64_t padded = o * axis.stride + k * axis.dilation;
                if (padded >= axis.pad_before && padded < axis.pad_before + axis.in) {
                    out.insert(offset + padded - axis.pad_before);
                }
            }
        }
    };
    for (std::uint64_t image = share.images.begin; image < share.images.end; ++image) {
        taps(layer.rows, share.rows, image * layer.rows.in, rows);
    }
    taps(layer.columns, {0, layer.columns.out}, 0, columns);
    for (std::uint64_t c = share.channels.begin; c < share.channels.end; ++c) {
        const std::uint64_t group_of_c = c / layer.out_group();
        const Range terms = share.terms.empty() ? Range{0, layer.in_group()} : share.terms;
        for (std::uint64_t i = terms.begin; i < terms.end; ++i) {
            channels.insert(group.input.start[0] + group_of_c * layer.in_group() + i);
        }
    }
    for (const std::uint64_t row : rows) {
        for (const std::uint64_t column : columns) {
            for (const std::uint64_t channel : channels) {
                bytes.insert(element_address(in, row, column, channel));
            }
        }
    }
    return bytes;
}

// Every output byte that a tile makes.
std::set<std::uint64_t> made(const Plan& plan, const Group& group, const Share& share) {
    const TensorLayout& out = plan.tensors[static_cast<std::size_t>(group.output.tensor)].layout;
    std::set<std::uint64_t> bytes;
    for (std::uint64_t image = share.images.begin; image < share.images.end; ++image) {
        for (std::uint64_t row = share.rows.begin; row < share.rows.end; ++row) {
            for (std::uint64_t column = 0; column < group.layer.columns.out; ++column) {
                for (std::uint64_t channel = share.channels.begin; channel < share.channels.end; ++channel) {
                    bytes.insert(element_address(out, image * group.layer.rows.out + row, column,
                                                 group.output.start[0] + channel));
                }
            }
        }
    }
    return bytes;
}

std::set<std::uint64_t> loaded(const Plan& one, unsigned tile) {
    std::set<std::uint64_t> bytes;
    TileProgram program(one, tile);
    Command command;
    while (program.next(Queue::load, command)) {
        for_bytes(command.dma, [&](std::uint64_t byte) { bytes.insert(byte); });
    }
    return bytes;
}

// Bytes of the tensor, by their place among the results that a tile keeps: block by block of channels, row by row.
std::vector<std::uint64_t> kept_bytes(const Plan& plan, const Group& group, const Share& share) {
    const TensorLayout& out = plan.tensors[static_cast<std::size_t>(group.output.tensor)].layout;
    std::vector<std::uint64_t> bytes;
    for (std::uint64_t c = share.channels.begin; c < share.channels.end; c += group.tiling.n_block) {
        for (std::uint64_t image = share.images.begin; image < share.images.end; ++image) {
            for (std::uint64_t row = share.rows.begin; row < share.rows.end; ++row) {
                for (std::uint64_t column = 0; column < group.layer.columns.out; ++column) {
                    for (std::uint64_t channel = c; channel < std::min(c + group.tiling.n_block, share.channels.end);
                         ++channel) {
                        const std::uint64_t first =
                            element_address(out, image * group.layer.rows.out + row, column, channel);
                        for (std::uint64_t byte = 0; byte < out.element_bytes; ++byte) {
                            bytes.push_back(first + byte);
                        }
                    }
                }
            }
        }
    }
    return bytes;
}

// Bytes of the input that a tile's loads bring from the pads of others.
std::set<std::uint64_t> fetched(const Plan& plan, const Group& before, const Group& group, unsigned tile) {
    std::set<std::uint64_t> bytes;
    TileProgram program(plan, tile);
    Command command;
    while (program.next(Queue::load, command)) {
        const bool from_tile = in_tile_space(command.dma.memory_address);
        if (!from_tile || command.operation != group.operation) {
            continue;
        }
        const TileAddress at = tile_address(command.dma.memory_address);
        EXPECT_NE(at.tile, tile);
        EXPECT_EQ(at.pad, Pad::ifmap);
        const std::vector<std::uint64_t> kept = kept_bytes(plan, before, before.shares[at.tile]);
        for_bytes(command.dma, [&](std::uint64_t address) {
            const std::uint64_t byte = kept.at(tile_address(address).byte);
            EXPECT_TRUE(bytes.insert(byte).second) << "tile " << tile << " fetches a byte twice";
        });
    }
    return bytes;
}

} // namespace

void check_plan(const Graph& graph, const Plan& plan, std::uint64_t seed) {
    Interpreter interpreter(plan, seed);
    Order order(plan);
    interpreter.on_retire = [&](unsigned, const Command& command) { order.stored(command); };
    bool in_order = true;
    if (plan.options.overlap != Overlap::layer) {
        interpreter.on_issue = [&](unsigned tile, const Command& command) {
            if (in_order && !order.may_load(command)) {
                in_order = false;
                ADD_FAILURE() << "tile " << tile << " loads for " << plan.operations[command.operation].name
                              << " before all operations before it have stored their results";
            }
        };
    }
    if (!interpreter.run()) {
        return;
    }
    if (plan.options.overlap == Overlap::none) {
        EXPECT_EQ(interpreter.most_in_flight, 1u);
    }
    check_rows(graph, plan, interpreter);
    check_events(plan, interpreter);
}

void check_memory(const Plan& plan, std::uint64_t seed) {
    Memory memory(plan);
    Interpreter interpreter(plan, seed);
    interpreter.on_issue = [&](unsigned, const Command& command) {
        if (command.opcode == Opcode::load) {
            memory.load(command.dma);
        }
    };
    interpreter.on_retire = [&](unsigned, const Command& command) {
        if (command.opcode == Opcode::store && !in_tile_space(command.dma.memory_address)) {
            memory.store(command.dma);
        }
    };
    if (!interpreter.run()) {
        return;
    }
    memory.all_stored();
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        const Group& group = plan.groups[g];
        const Plan one = only_group(plan, g);
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            if (group.shares[t].empty() || !windows_are_plain(plan, group)) {
                continue; // check_reads looks at these
            }
            const Group* before = group.input_kept ? &plan.groups.at(g - 1) : nullptr;
            std::set<std::uint64_t> there = before != nullptr ? made(plan, *before, before->shares[t]) : loaded(one, t);
            if (group.exchange.made_event != 0) {
                const std::set<std::uint64_t> others = fetched(plan, *before, group, t);
                for (const std::uint64_t byte : others) {
                    EXPECT_TRUE(there.insert(byte).second) << "tile " << t << " fetches what it has made itself";
                }
            }
            const std::set<std::uint64_t> needed = under_windows(plan, group, group.shares[t]);
            EXPECT_TRUE(std::includes(there.begin(), there.end(), needed.begin(), needed.end()))
                << "tile " << t << " has not all that it needs for " << plan.operations[group.operation].name;
        }
    }
}

void check_exact_needs(const Plan& plan, std::uint64_t seed) {
    const CostModel model(plan.chip, true);
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        Plan one = only_group(plan, g);
        Group& group = one.groups[0];
        if (group.input_kept) {
            continue; // not without the group before it
        }
        group.output_kept = false;
        group.output_stored = true;
        const Spread spread = spread_of(group.shares);
        Interpreter interpreter(one, seed);
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            interpreter.set_initial(
                t, exact_initial(group.layer, model.pad_needs(group.layer, group.tiling, spread.largest)));
        }
        if (!interpreter.run()) {
            ADD_FAILURE() << "in " << plan.operations[group.operation].name;
            return;
        }
    }
}

} // namespace systolica
