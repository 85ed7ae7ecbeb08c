// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Updates behind all gradients: the same operations, each after what it needs.
#include "workloads/training/updates_last.h"

#include "workloads/reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace systolica {
namespace {

std::vector<std::string> names(const TrainingGraph& graph, bool updates) {
    std::vector<std::string> list;
    for (const TrainingOperation& operation : graph.operations) {
        if ((operation.pass == Pass::update) == updates) {
            list.push_back(operation.name);
        }
    }
    return list;
}

TEST(UpdatesLast, KeepsOrderAndNeeds) {
    for (const char* network : {"lenet", "resnet18", "mobilenetv2"}) {
        TrainingOptions options;
        options.micro_batch = 1;
        const TrainingGraph before = training_graph(read_workload(network, 2), options);
        const TrainingGraph after = updates_last(before);
        EXPECT_EQ(names(after, false), names(before, false)) << network;
        EXPECT_EQ(names(after, true), names(before, true)) << network;
        const auto first = std::find_if(after.operations.begin(), after.operations.end(),
                                        [](const TrainingOperation& it) { return it.pass == Pass::update; });
        EXPECT_TRUE(std::all_of(first, after.operations.end(),
                                [](const TrainingOperation& it) { return it.pass == Pass::update; }));
        for (std::size_t i = 0; i < after.operations.size(); ++i) {
            const TrainingOperation& operation = after.operations[i];
            for (const int need : operation.needs) {
                EXPECT_LT(need, static_cast<int>(i)) << network << ", " << operation.name;
            }
            const auto same = std::find_if(before.operations.begin(), before.operations.end(),
                                           [&](const TrainingOperation& it) { return it.name == operation.name; });
            ASSERT_NE(same, before.operations.end());
            // What it reads comes from the same operations as before.
            for (const int input : operation.inputs) {
                const auto tensor = static_cast<std::size_t>(input);
                const int now = after.tensors[tensor].producer, then = before.tensors[tensor].producer;
                ASSERT_EQ(now < 0, then < 0);
                if (now >= 0) {
                    EXPECT_EQ(after.operations[static_cast<std::size_t>(now)].name,
                              before.operations[static_cast<std::size_t>(then)].name);
                }
            }
        }
    }
}

} // namespace
} // namespace systolica
