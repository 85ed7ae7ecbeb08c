// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "training_checks.h"

#include <gtest/gtest.h>

#include "executed_work.h"
#include "group_order.h"
#include "shadow_memory.h"
#include "training_reads.h"
#include "training_stores.h"

namespace systolica {

namespace {

void check_rows(const Plan& plan, const Interpreter& interpreter) {
    for (std::uint32_t row = 0; row < plan.operations.size(); ++row) {
        const PlannedOperation& planned = plan.operations[row];
        const Interpreter::Totals& total = interpreter.totals[row];
        EXPECT_EQ(total.read_bytes, planned.dram_read_bytes) << planned.name;
        EXPECT_EQ(total.write_bytes, planned.dram_write_bytes) << planned.name;
        std::uint64_t matrix_commands = 0, vector_commands = 0;
        for (unsigned t = 0; t < plan.chip.tiles; ++t) {
            const TileProgram program(plan, t);
            matrix_commands += program.commands(row, Queue::matrix);
            vector_commands += program.commands(row, Queue::vector);
        }
        EXPECT_EQ(matrix_commands, total.matrix_commands) << planned.name;
        EXPECT_EQ(vector_commands, total.vector_commands) << planned.name;
    }
}

void check_events(const Plan& plan, const Interpreter& interpreter) {
    for (const auto& [event, threshold] : interpreter.waited) {
        EXPECT_GT(threshold, 0u);
        if (plan.options.overlap == Overlap::layer) { // else groups of one operation wait for each other
            EXPECT_EQ(threshold, interpreter.posts[event]) << "waits for event " << event;
        }
    }
}

// Where operations do not overlap a group loads when all before it have stored their results.
void check_apart(const Plan& plan, std::uint64_t seed) {
    Interpreter interpreter(plan, seed);
    GroupOrder order(plan);
    bool apart = true;
    interpreter.on_issue = [&](unsigned tile, const Command& command) {
        if (!order.issue(tile, command) && apart) {
            apart = false;
            ADD_FAILURE() << "tile " << tile << " loads for " << plan.operations[command.operation].name
                          << " too early";
        }
    };
    interpreter.on_retire = [&](unsigned tile, const Command& command) { order.retire(tile, command); };
    interpreter.run();
    EXPECT_LE(interpreter.most_in_flight, plan.options.overlap == Overlap::none ? 1u : kQueues * 3);
}

} // namespace

void check_training_plan(const TrainingGraph& graph, const Plan& plan, BackwardLowering lowering,
                         std::uint64_t cell_bytes, std::uint64_t seed) {
    for (const Group& group : plan.groups) {
        ASSERT_LE(group.layer.stages.size(), kVectorStages) << plan.operations[group.operation].name;
    }
    Interpreter interpreter(plan, seed);
    ShadowMemory memory(graph, plan, cell_bytes);
    memory.watch(interpreter);
    if (!interpreter.run()) {
        return;
    }
    if (plan.options.overlap != Overlap::layer) {
        check_apart(plan, seed);
    }
    check_rows(plan, interpreter);
    check_events(plan, interpreter);
    check_work(graph, plan, lowering, interpreter);
    if (cell_bytes == 1) {
        check_training_reads(graph, plan, memory);
        check_training_stores(graph, plan, memory);
    }
}

void check_every_order(const TrainingGraph& graph, const Plan& plan, std::uint64_t cell_bytes, std::uint64_t seed) {
    for (unsigned tile = 0; tile < plan.chip.tiles; ++tile) {
        for (const Queue queue : {Queue::load, Queue::store}) {
            Interpreter interpreter(plan, seed);
            ShadowMemory memory(graph, plan, cell_bytes);
            memory.watch(interpreter);
            interpreter.hold_back(tile, queue);
            if (!interpreter.run()) {
                ADD_FAILURE() << "with the " << queue_name(queue) << " queue of tile " << tile << " held back";
                return;
            }
        }
    }
}

} // namespace systolica
