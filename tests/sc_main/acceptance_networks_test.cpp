// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Every bundled network on every bundled platform: accounts that add up, bounds that physics sets, work and weights
// that the network's own table names.

#include "acceptance_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <tuple>

namespace systolica {
namespace {

struct Bundled {
    const char* name;
    double clock_mhz;
    std::uint64_t pes;
    double peak_gb_per_s; // 0: unlimited
};

std::ostream& operator<<(std::ostream& out, const Bundled& platform) {
    return out << platform.name;
}

// From the platform files by hand: tiles x rows x columns; channels x 16 bits x data rate of the part.
constexpr Bundled kPlatforms[] = {
    {"edge_npu", 800, 4 * 32 * 32, 2 * 2 * 3.2},
    {"single_tile", 800, 32 * 32, 2 * 3.2},
    {"server_npu", 1000, 16 * 128 * 128, 32 * 2 * 4.266},
    {"scalesim", 1000, 32 * 32, 0},
};

const std::string kNetworks[] = {"alexnet",  "lenet",    "mobilenetv1",       "mobilenetv2", "mobilenetv3_small",
                                 "resnet18", "resnet50", "transformer_block", "vgg16"};

// Not platforms for one part of the machine alone, nor systems of several chips (only their links are simulated).
bool runs_networks(const std::string& platform) {
    const auto prefixes = {"dram_", "noc_", "simdit_", "quad_", "pod_"};
    return std::none_of(prefixes.begin(), prefixes.end(),
                        [&](const char* prefix) { return platform.rfind(prefix, 0) == 0; });
}

TEST(AcceptanceNetworks, NoBundledPlatformOrNetworkIsLeftOut) {
    for (const std::string& name : output_lines("list platforms")) {
        const bool known = std::any_of(std::begin(kPlatforms), std::end(kPlatforms),
                                       [&](const Bundled& platform) { return platform.name == name; });
        EXPECT_TRUE(known || !runs_networks(name)) << name;
    }
    for (const std::string& name : output_lines("list workloads")) {
        EXPECT_NE(std::find(std::begin(kNetworks), std::end(kNetworks), name), std::end(kNetworks)) << name;
    }
}

class AcceptanceNetwork : public testing::TestWithParam<std::tuple<Bundled, std::string>> {
protected:
    void SetUp() override {
        run_ = run_files(platform().name + (" " + network()));
        std::string table;
        for (const std::string& line : output_lines("show " + network() + " --csv")) {
            table += line + "\n";
        }
        shapes_ = CsvTable(table);
    }

    // One run, looked at from every side.
    void rows_add_up_to_the_summary() const;
    void every_row_is_compute_or_one_named_stall() const;
    void nothing_is_faster_than_the_hardware() const;
    void utilization_is_macs_of_peak() const;
    void weights_and_biases_are_read() const;
    void operations_that_cost_nothing_are_named() const;

    const Bundled& platform() const { return std::get<0>(GetParam()); }
    const std::string& network() const { return std::get<1>(GetParam()); }
    std::uint64_t total(const char* key) const { return run_.summary.at(key).get<std::uint64_t>(); }
    std::uint64_t dram(const char* key) const { return run_.summary.at("dram").at(key).get<std::uint64_t>(); }

    RunFiles run_;
    CsvTable shapes_{""}; // one row an operator, by the network's definition
};

void AcceptanceNetwork::rows_add_up_to_the_summary() const {
    const CsvTable& rows = run_.layers;
    for (const char* key :
         {"macs", "cycles", "compute_cycles", "stall_load", "stall_store", "stall_scratchpad", "stall_dependency"}) {
        EXPECT_EQ(rows.sum(key), total(key)) << key;
    }
    EXPECT_EQ(rows.sum("dram_read_bytes"), dram("read_bytes"));
    EXPECT_EQ(rows.sum("dram_write_bytes"), dram("write_bytes"));
    EXPECT_EQ(shapes_.sum("macs_per_image"), total("macs"));
    EXPECT_EQ(total("pes"), platform().pes);
    EXPECT_EQ(run_.summary["clock_mhz"], platform().clock_mhz);
    EXPECT_NEAR(run_.summary["dram"]["peak_gb_per_s"].get<double>(), platform().peak_gb_per_s, 1e-9);
}

void AcceptanceNetwork::every_row_is_compute_or_one_named_stall() const {
    const CsvTable& rows = run_.layers;
    std::uint64_t retired = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const std::string what = rows.text(i, "name");
        const std::uint64_t compute = rows.number(i, "compute_cycles");
        const std::vector<std::pair<std::string, std::uint64_t>> stalls{
            {"load", rows.number(i, "stall_load")},
            {"store", rows.number(i, "stall_store")},
            {"scratchpad", rows.number(i, "stall_scratchpad")},
            {"dependency", rows.number(i, "stall_dependency")}};
        std::uint64_t stalled = 0;
        std::uint64_t longest = 0;
        for (const auto& [name, cycles] : stalls) {
            stalled += cycles;
            longest = std::max(longest, cycles);
        }
        EXPECT_EQ(compute + stalled, rows.number(i, "cycles")) << what;

        // Compute cycles are of the array or of the vector unit alone: the larger part is at least half of them.
        const std::string limit = rows.text(i, "limited_by");
        if (limit == "compute" || limit == "vector") {
            EXPECT_GE(compute, longest) << what;
        } else {
            const auto named =
                std::find_if(stalls.begin(), stalls.end(), [&](const auto& s) { return s.first == limit; });
            ASSERT_NE(named, stalls.end()) << what << ": " << limit;
            EXPECT_EQ(named->second, longest) << what;
            EXPECT_GE(2 * longest, compute) << what;
        }

        // Operations retire in order; the last one with its stores.
        retired += rows.number(i, "cycles");
        EXPECT_LE(rows.number(i, "start_cycle"), retired) << what;
        EXPECT_LE(rows.number(i, "start_cycle"), rows.number(i, "end_cycle")) << what;
        EXPECT_LE(rows.number(i, "end_cycle"), total("cycles")) << what;
        EXPECT_EQ(rows.text(i, "pass"), "forward") << what;
        EXPECT_EQ(rows.number(i, "index"), i) << what;
    }
}

void AcceptanceNetwork::nothing_is_faster_than_the_hardware() const {
    const double cycles = static_cast<double>(total("cycles"));
    const double pes = static_cast<double>(platform().pes);
    const double seconds = run_.summary["time_s"].get<double>();
    EXPECT_NEAR(seconds, cycles / (platform().clock_mhz * 1e6), 1e-12); // edges are rounded to 1 ps
    EXPECT_GE(cycles, static_cast<double>(total("macs")) / pes);
    EXPECT_GE(dram("bus_bytes"), run_.dram_bytes());
    if (platform().peak_gb_per_s > 0) {
        EXPECT_LE(static_cast<double>(dram("bus_bytes")), platform().peak_gb_per_s * 1e9 * seconds);
    }
    // Each row's share of the array's time; no row computes its MACs in fewer cycles than all PEs need.
    for (std::size_t i = 0; i < run_.layers.rows(); ++i) {
        const auto begin = static_cast<double>(run_.layers.number(i, "start_cycle"));
        const auto end = static_cast<double>(run_.layers.number(i, "end_cycle"));
        EXPECT_GE((end - begin) * pes, static_cast<double>(run_.layers.number(i, "macs")))
            << run_.layers.text(i, "name");
    }
}

void AcceptanceNetwork::utilization_is_macs_of_peak() const {
    const double pes = static_cast<double>(platform().pes);
    EXPECT_NEAR(run_.summary["utilization"].get<double>(),
                static_cast<double>(total("macs")) / (pes * static_cast<double>(total("cycles"))), 1e-9);
    for (std::size_t i = 0; i < run_.layers.rows(); ++i) {
        const auto cycles = static_cast<double>(run_.layers.number(i, "cycles"));
        const auto macs = static_cast<double>(run_.layers.number(i, "macs"));
        EXPECT_NEAR(std::stod(run_.layers.text(i, "utilization")), cycles > 0 ? macs / (pes * cycles) : 0, 1e-6)
            << run_.layers.text(i, "name");
    }
}

// Weights are one byte each on all bundled platforms, biases four. Batch-norm is folded, which gives its convolution a
// bias. Rows that run keep the network's order.
void AcceptanceNetwork::weights_and_biases_are_read() const {
    std::size_t row = 0;
    std::uint64_t matrix_rows = 0;
    std::uint64_t weights = 0;
    for (std::size_t i = 0; i < shapes_.rows(); ++i) {
        const std::string op = shapes_.text(i, "op");
        if (op != "conv" && op != "dwconv" && op != "fc") {
            continue;
        }
        const std::string name = shapes_.text(i, "name");
        while (row < run_.layers.rows() && run_.layers.text(row, "name") != name) {
            ++row;
        }
        ASSERT_LT(row, run_.layers.rows()) << name << " has no row";
        const bool bias = shapes_.number(i, "bias") == 1;
        const bool norm =
            i + 1 < shapes_.rows() && shapes_.text(i + 1, "op") == "bn" && shapes_.text(i + 1, "inputs") == name;
        const std::uint64_t filters = shapes_.number(i, "out_c");
        const std::uint64_t bytes =
            shapes_.number(i, "params") - (bias ? filters : 0) + (bias || norm ? 4 * filters : 0);
        EXPECT_GE(run_.layers.number(row, "dram_read_bytes"), bytes) << name;
        EXPECT_EQ(run_.layers.number(row, "macs"), shapes_.number(i, "macs_per_image")) << name;
        weights += bytes;
        ++matrix_rows;
    }
    EXPECT_GT(matrix_rows, 3u);
    EXPECT_GE(dram("read_bytes"), weights);
    if (network() == "resnet50") {
        EXPECT_GE(weights, 25'500'000u);
    }
}

void AcceptanceNetwork::operations_that_cost_nothing_are_named() const {
    std::size_t views = 0;
    const auto& warnings = run_.summary["warnings"];
    for (std::size_t i = 0; i < run_.layers.rows(); ++i) {
        const std::string quoted = "'" + run_.layers.text(i, "name") + "'";
        const bool warned = std::any_of(warnings.begin(), warnings.end(), [&](const auto& text) {
            return text.template get<std::string>().find(quoted) != std::string::npos;
        });
        const std::string op = run_.layers.text(i, "op");
        EXPECT_EQ(warned, op == "flatten" || op == "reshape") << quoted;
        views += warned ? 1 : 0;
    }
    EXPECT_EQ(warnings.size(), views);
}

TEST_P(AcceptanceNetwork, AddsUpStaysWithinBoundsAndDoesItsWork) {
    rows_add_up_to_the_summary();
    every_row_is_compute_or_one_named_stall();
    nothing_is_faster_than_the_hardware();
    utilization_is_macs_of_peak();
    weights_and_biases_are_read();
    operations_that_cost_nothing_are_named();
}

std::string case_name(const testing::TestParamInfo<AcceptanceNetwork::ParamType>& entry) {
    return std::string(std::get<0>(entry.param).name) + "_" + std::get<1>(entry.param);
}

INSTANTIATE_TEST_SUITE_P(Bundled, AcceptanceNetwork,
                         testing::Combine(testing::ValuesIn(kPlatforms), testing::ValuesIn(kNetworks)), case_name);

} // namespace
} // namespace systolica
