// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The traffic of what waits for the backward pass, against the loads and stores of a run.

#include "mapping/training/kept_traffic.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "shadow_memory.h"
#include "training_cases.h"

namespace systolica {
namespace {

bool first_time_forward(const TrainingOperation& operation) {
    return operation.pass == Pass::forward && !operation.recomputation;
}

// Bytes that going back loads of what the forward pass stored, or of the image and the labels.
std::uint64_t read_going_back(const TrainingCase& one, const Plan& plan, const ShadowMemory& memory) {
    const DataFlow flow(one.graph);
    const auto from_outside = [&](std::uint64_t address) {
        return std::any_of(plan.tensors.begin(), plan.tensors.end(), [&](const PlannedTensor& tensor) {
            const bool holds = tensor.event == 0 && tensor.view_of < 0 && tensor.parts.empty() &&
                               address >= tensor.layout.base && address < tensor.layout.base + tensor.layout.bytes();
            return holds &&
                   std::any_of(one.graph.tensors.begin(), one.graph.tensors.end(), [&](const TrainingTensor& t) {
                       return t.name == tensor.name && t.producer < 0 &&
                              (t.role == TensorRole::activation || t.role == TensorRole::label);
                   });
        });
    };
    std::uint64_t bytes = 0;
    for (std::uint32_t row = 0; row < one.graph.operations.size(); ++row) {
        if (first_time_forward(one.graph.operations[row])) {
            continue;
        }
        for (const int writer : flow.writers(row)) {
            if (writer == kFromOutside) {
                for (const std::uint64_t address : memory.loads(row, writer)) {
                    bytes += from_outside(address) ? 1 : 0;
                }
            } else if (first_time_forward(one.graph.operations[static_cast<std::size_t>(writer)])) {
                bytes += memory.loads(row, writer).size();
            }
        }
    }
    return bytes;
}

// Bytes of the results of the forward pass that going back reads.
std::uint64_t written_to_be_kept(const TrainingCase& one) {
    const Precision& p = one.chip.precision;
    std::uint64_t bytes = 0;
    for (const TrainingTensor& tensor : one.graph.tensors) {
        const bool made = tensor.producer >= 0 && !tensor.view() &&
                          first_time_forward(one.graph.operations[static_cast<std::size_t>(tensor.producer)]);
        const bool wide = tensor.role == TensorRole::statistics;
        bytes +=
            made && tensor.kept ? tensor.shape.elements() * (wide ? p.accumulator_bytes() : p.activation_bytes()) : 0;
    }
    return bytes;
}

TEST(KeptTraffic, IsWhatTheForwardPassStoresForTheWayBackAndWhatThatLoads) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        for (const Kinds kinds : {Kinds::of_images, Kinds::all}) {
            const TrainingCase one = random_training_case(seed, kinds);
            SCOPED_TRACE("seed " + std::to_string(seed) + " " + one.text());
            try {
                const Plan plan = one.plan();
                Interpreter interpreter(plan, seed);
                ShadowMemory memory(one.graph, plan, 1);
                memory.watch(interpreter);
                ASSERT_TRUE(interpreter.run());
                const KeptTraffic traffic = kept_traffic(plan);
                EXPECT_EQ(traffic.written_bytes, written_to_be_kept(one));
                EXPECT_EQ(traffic.read_bytes, read_going_back(one, plan, memory));
            } catch (const InputError&) {
            }
            ASSERT_FALSE(HasFailure());
        }
    }
}

} // namespace
} // namespace systolica
