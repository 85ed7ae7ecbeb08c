// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/results.h"

#include "sc_main/report.h"
#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace systolica {
namespace {

RunResult sample() {
    RunResult result;
    result.platform = "p";
    result.workload = "w";
    result.clock_mhz = 800;
    result.cycles = 300;
    result.limited_by = "dram";
    result.warnings = {"first warning"};
    OperationResult row;
    row.name = "conv, \"big\"";
    row.op = "conv";
    row.cycles = 100;
    row.compute_cycles = 40;
    row.stall_load = 60;
    row.utilization = 1.0 / 3;
    row.limited_by = "load";
    result.operations.push_back(row);
    row.index = 1;
    row.name = "a_layer_name_that_is_longer_than_any_table_wants.conv2";
    row.cycles = 200;
    result.operations.push_back(row);
    return result;
}

// The order of docs/reference.md, which scripts may rely on.
TEST(Results, SummaryKeysHaveTheirOrder) {
    std::vector<std::string> keys;
    const auto json = summary_json(sample(), HostUsage());
    for (const auto& entry : json.items()) {
        keys.push_back(entry.key());
    }
    EXPECT_EQ(keys, (std::vector<std::string>{"platform",
                                              "workload",
                                              "mode",
                                              "batch",
                                              "clock_mhz",
                                              "pes",
                                              "cycles",
                                              "time_s",
                                              "macs",
                                              "utilization",
                                              "samples_per_s",
                                              "compute_cycles",
                                              "vector_cycles",
                                              "stall_load",
                                              "stall_store",
                                              "stall_scratchpad",
                                              "stall_dependency",
                                              "limited_by",
                                              "dram",
                                              "noc",
                                              "warnings",
                                              "host"}));
    EXPECT_EQ(json["dram"].size(), 10u); // energy only where the part has a table of currents
    EXPECT_EQ(json["noc"].size(), 5u);
    EXPECT_EQ(json["warnings"][0], "first warning");
}

TEST(Results, LayersCsvHasTheColumnsOfTheContract) {
    const std::string csv = layers_csv(sample());
    EXPECT_EQ(csv.substr(0, csv.find('\n')),
              "index,name,op,pass,m,n,k,macs,start_cycle,end_cycle,cycles,compute_cycles,utilization,limited_by,"
              "stall_load,stall_store,stall_scratchpad,stall_dependency,"
              "sram_ifmap_reads,sram_filter_reads,sram_ofmap_writes,dram_read_bytes,dram_write_bytes");
    EXPECT_NE(csv.find("\n0,\"conv, \"\"big\"\"\",conv,forward,0,0,0,0,0,0,100,40,0.333333,load,60,0,0,0,0,0,0,0,0\n"),
              std::string::npos)
        << csv;
}

TEST(Results, NamesThatAreNoUtf8DoNotBreakTheJson) {
    RunResult result = sample();
    result.workload = "caf\xe9";
    nlohmann::json parsed;
    EXPECT_NO_THROW(parsed = nlohmann::json::parse(json_text(summary_json(result, HostUsage()))));
    EXPECT_TRUE(parsed.contains("workload"));
}

TEST(Report, TheFirstLineSaysWhatLimitsTheRun) {
    std::ostringstream out;
    print_headline(out, sample());
    const std::string text = out.str();
    EXPECT_NE(text.substr(0, text.find('\n')).find("limited by dram"), std::string::npos) << text;
}

TEST(Report, TotalsAreTheSumOfTheRows) {
    std::ostringstream out;
    print_layers(out, sample(), false);
    const std::string text = out.str();
    const std::string total = text.substr(text.rfind("total"));
    EXPECT_NE(total.find("300"), std::string::npos);
    EXPECT_NE(total.find("100.0"), std::string::npos);
    EXPECT_EQ(text.find("longer_than"), std::string::npos);
    EXPECT_NE(text.find("wants.conv2"), std::string::npos); // ends tell layers apart
}

TEST(TextTable, NumbersAreGrouped) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(25557032), "25,557,032");
    EXPECT_EQ(percent(1, 3), "33.3");
    EXPECT_EQ(percent(1, 0), "-");
    EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
    EXPECT_EQ(shortened("abcdefghijk", 8), "ab..hijk");
}

} // namespace
} // namespace systolica
