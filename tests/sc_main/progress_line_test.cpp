// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/progress_line.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

TEST(ProgressLine, ShortRunsAreNotAskedForAText) {
    for (const bool enabled : {true, false}) {
        ProgressLine line(enabled);
        line.show([](double) -> std::string {
            ADD_FAILURE() << "too early";
            return "";
        });
    }
}

TEST(ProgressLine, SaysHowFarAReplayHasGotAndHowFast) {
    EXPECT_EQ(progress_text(1'200'000, 20'000'000, 0.5), "1,200,000 of 20,000,000 requests, 2.40 M/s");
    EXPECT_EQ(progress_text(0, 7, 0), "0 of 7 requests, 0.00 M/s");
}

TEST(ProgressLine, SaysWhichLayerARunHasReached) {
    Progress progress;
    progress.cycle = 3'000'000;
    progress.simulated_s = 0.00375;
    progress.operation = 12;
    progress.operations = 175;
    progress.name = "layer2.0.conv1";
    EXPECT_EQ(progress_text(progress, 2), "layer 12 of 175 layer2.0.conv1, 3.750 ms simulated, 1.5 Mcycles/s");
}

} // namespace
} // namespace systolica
