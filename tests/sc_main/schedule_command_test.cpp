// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "acceptance_run.h"
#include "golden_scale_out.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

nlohmann::json schedule(const std::string& options) {
    const Program program;
    const Outcome outcome = program.run("schedule --json " + options);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out);
}

TEST(ScheduleCommand, EveryGoldenRowExactly) {
    const CsvTable golden(golden_text("pipeline_checks.csv"));
    ASSERT_EQ(golden.rows(), 18u);
    for (std::size_t row = 0; row < golden.rows(); ++row) {
        const std::string name = golden.text(row, "schedule") == "1f1b_flush" ? "1f1b" : golden.text(row, "schedule");
        const auto json =
            schedule("--stages " + golden.text(row, "stages_p") + " --microbatches " +
                     golden.text(row, "microbatches_m") + " --batches " + golden.text(row, "batches") + " --schedule " +
                     name + " --forward " + golden.text(row, "t_fwd") + " --backward " + golden.text(row, "t_bwd"));
        EXPECT_EQ(json["makespan"], golden.number(row, "makespan")) << "row " << row;
        EXPECT_EQ(json["weight_versions"], name == "2bw" ? 2 : 1);
        const double work = 3.0 * static_cast<double>(golden.number(row, "microbatches_m")) *
                            static_cast<double>(golden.number(row, "batches"));
        EXPECT_NEAR(json["bubble_fraction"].get<double>(),
                    1 - work / static_cast<double>(golden.number(row, "makespan")), 1e-12);
    }
}

TEST(ScheduleCommand, TimesMayHaveDecimals) {
    EXPECT_EQ(schedule("--stages 4 --microbatches 8 --schedule gpipe --link-delay 0.5")["makespan"], 36);
    EXPECT_EQ(schedule("--stages 4 --microbatches 8 --schedule 1f1b --link-delay 0.5")["makespan"], 41);
    // One stage, three microbatches of 0.1 + 0.2.
    EXPECT_EQ(schedule("--stages 1 --microbatches 3 --forward 0.1 --backward 0.2")["makespan"].dump(), "0.9");
}

TEST(ScheduleCommand, StepsAsATable) {
    const Program program;
    const Outcome outcome = program.run("schedule --stages 2 --microbatches 2 --schedule 1f1b --csv");
    // Stage 0: F0 F1 B0 B1, stage 1: F0 B0 F1 B1, by hand.
    EXPECT_EQ(outcome.out, "stage,batch,microbatch,pass,start,end,weight_version\n"
                           "0,0,0,forward,0,1,0\n0,0,1,forward,1,2,0\n0,0,0,backward,4,6,0\n0,0,1,backward,7,9,0\n"
                           "1,0,0,forward,1,2,0\n1,0,0,backward,2,4,0\n1,0,1,forward,4,5,0\n1,0,1,backward,5,7,0\n");
}

TEST(ScheduleCommand, MistakesAreOneLine) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"--microbatches 2", "--stages: expected a whole number, got nothing"},
        {"--stages 0 --microbatches 2", "--stages: expected a whole number from 1 to 4096, got '0'"},
        {"--stages 2 --microbatches 2 --forward -1",
         "--forward: expected a time such as 2 or 0.5 (any unit, up to 9 digits and 6 decimals), got '-1'"},
        {"--stages 2 --microbatches 2 --schedule 1f2b", "--schedule: expected gpipe or 1f1b or 2bw, got '1f2b' "
                                                        "(did you mean '1f1b'?)"},
        {"--stages 4096 --microbatches 1000000",
         "expected at most 4,000,000 steps (2 x stages x microbatches x batches), got 4096 stages, 1000000 "
         "microbatches and 1 batches"},
        {"--stages 2 --microbatches 2 --csv --json", "expected --csv or --json, got both"},
    };
    const Program program;
    for (const auto& [options, expected] : cases) {
        const Outcome outcome = program.run("schedule " + options);
        EXPECT_EQ(outcome.code, 2) << options;
        EXPECT_EQ(outcome.err, "systolica: schedule: " + expected + "\n");
    }
}

} // namespace
} // namespace systolica
