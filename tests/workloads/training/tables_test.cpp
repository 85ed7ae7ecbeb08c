// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/training/table.h"

#include <gtest/gtest.h>

#include "base/strict_yaml.h"
#include "tests/workloads/golden_tables.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

using test::cells;
using test::kGoldenWorkloads;
using test::lines;

class TrainingTable : public testing::TestWithParam<const char*> {};

TEST_P(TrainingTable, EveryRowEqualsTheReferenceTable) {
    const std::vector<std::string> golden = lines(read_text_file(kGoldenWorkloads + GetParam() + "_training.csv"));
    ASSERT_GT(golden.size(), 60u);
    // Counts are for an image and an iteration, so that the batch must not show.
    for (const std::uint64_t batch : {std::uint64_t{1}, std::uint64_t{32}}) {
        const std::vector<std::string> ours = lines(training_csv(training_graph(read_workload(GetParam(), batch), {})));
        ASSERT_EQ(ours.size(), golden.size());
        for (std::size_t i = 0; i < golden.size(); ++i) {
            EXPECT_EQ(ours[i], golden[i]);
        }
    }
}

// What the table leaves to the reader: totals for a batch. Columns of totals.csv: net, batch, params, bn_params, then
// macs, elementwise, reduce, special, read, write for forward, backward and update.
TEST_P(TrainingTable, TotalsOfABatchEqualTheReferenceTable) {
    int found = 0;
    for (const std::string& line : lines(read_text_file(kGoldenWorkloads + "totals.csv"))) {
        const std::vector<std::string> row = cells(line);
        if (row[0] != GetParam()) {
            continue;
        }
        ++found;
        const TrainingGraph graph = training_graph(read_workload(GetParam(), std::stoull(row[1])), {});
        std::vector<std::uint64_t> sums(18, 0);
        for (const TrainingOperation& operation : graph.operations) {
            const std::size_t at = operation.pass == Pass::forward ? 0 : operation.pass == Pass::update ? 12 : 6;
            const OperationCounts counts = graph.counts(operation);
            sums[at] += counts.macs;
            sums[at + 1] += counts.elementwise;
            sums[at + 2] += counts.reduce;
            sums[at + 3] += counts.special;
            sums[at + 4] += counts.read;
            sums[at + 5] += counts.write;
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            EXPECT_EQ(std::to_string(sums[i]), row[4 + i]) << "column " << 4 + i;
        }
    }
    EXPECT_EQ(found, 2); // batch 1 and 32
}

INSTANTIATE_TEST_SUITE_P(All, TrainingTable,
                         testing::Values("resnet18", "resnet50", "vgg16", "alexnet", "mobilenetv1", "mobilenetv2"),
                         [](const auto& network) { return std::string(network.param); });

} // namespace
} // namespace systolica
