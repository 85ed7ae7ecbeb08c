// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whole networks on SimDIT's machine against SimDIT's results (tests/golden/simdit): the operations of an inference or
// of a training iteration come from workloads/, their cycles and bytes from machine/simdit, nothing from the results.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "../machine/simdit/reference.h"
#include "machine/simdit/accesses.h"
#include "machine/simdit/cost.h"
#include "simdit_programs.h"
#include "workloads/reader.h"

namespace systolica {
namespace {

using simdit_reference::count;
using simdit_reference::number;
using simdit_reference::Row;

std::string net_of(const Row& row) {
    std::string name = row.at("net");
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return name;
}

SimditProgram program_of(const SimditConfig& config, const Row& row) {
    const std::string net = net_of(row);
    return row.at("mode") == "Inference"
               ? simdit_inference(config, net, count(row, "batch"))
               : simdit_training(config, simdit_network(net, count(row, "batch")), net != "vgg16");
}

bool is_convolution(const SimditTask& task) {
    const std::string word = task.word;
    return word == "conv" || word == "conv_bias";
}

struct Sum {
    double cycles = 0;
    double dram_kb = 0;
    unsigned operations = 0;

    void add(const SimditConfig& config, const SimditWork& work) {
        cycles += static_cast<double>(simdit_cost(config, work).cycles());
        dram_kb += simdit_accesses(config, work).dram() / 1024;
        ++operations;
    }
};

struct Priced {
    Sum all;
    Sum convolutions;
    std::map<std::pair<std::string, std::string>, Sum> classes; // op, pass

    double share_of_others() const { return 100 * (1 - convolutions.cycles / all.cycles); }
};

Priced price(const SimditConfig& config, const SimditProgram& program, bool training) {
    Priced priced;
    for (const SimditOperation& operation : program) {
        for (const SimditTask& task : operation.tasks) {
            priced.all.add(config, task.work);
            priced.classes[{task.word, training ? simdit_pass(task, operation.pass) : ""}].add(config, task.work);
            if (is_convolution(task)) {
                priced.convolutions.add(config, task.work);
            }
        }
    }
    return priced;
}

class Reference {
public:
    // As SimDIT counts, or with fused tiles that wait for their loads.
    Priced run(const Row& row, bool fused_tiles_wait = false) const {
        SimditConfig config = machines_.at({row.at("mode"), row.at("design")});
        config.fused_tiles_wait = fused_tiles_wait;
        SimditProgram program = program_of(config, row);
        if (row.at("fusion") == "1") {
            fuse(config, program);
        }
        return price(config, program, row.at("mode") == "Training");
    }

private:
    const std::map<std::pair<std::string, std::string>, SimditConfig> machines_ = simdit_reference::machines();
};

std::string name(const Row& row) {
    return row.at("mode") + " " + row.at("design") + " " + row.at("net") + " batch " + row.at("batch") + " fusion " +
           row.at("fusion");
}

void expect_within(double percent, double ours, double theirs) {
    EXPECT_LE(std::abs(ours / theirs - 1) * 100, percent) << "ours " << ours << ", SimDIT's " << theirs;
}

class SimditTotals : public testing::TestWithParam<const char*> {};

// The rules are SimDIT's own, so that what is left are fractions of cycles.
TEST_P(SimditTotals, EveryRowHasSimditsCyclesTrafficAndShareOfOtherOperations) {
    const Reference reference;
    const std::vector<Row> rows = simdit_reference::table(GetParam());
    ASSERT_GE(rows.size(), 12u);
    for (const Row& row : rows) {
        SCOPED_TRACE(name(row));
        const Priced priced = reference.run(row);
        expect_within(0.05, priced.all.cycles, number(row, "total_cycles"));
        expect_within(0.1, priced.convolutions.cycles, number(row, "conv_cycles"));
        expect_within(0.05, priced.all.dram_kb, number(row, "dram_total_kb"));
        EXPECT_NEAR(priced.share_of_others(), number(row, "nonconv_share_pct"), 0.05);
    }
}

INSTANTIATE_TEST_SUITE_P(Modes, SimditTotals, testing::Values("training_totals.csv", "inference_totals.csv"));

TEST(SimditClasses, EveryClassOfOperationsHasSimditsCycles) {
    const Reference reference;
    std::map<std::string, Priced> runs;
    for (const Row& row : simdit_reference::table("classes.csv")) {
        SCOPED_TRACE(name(row) + ": " + row.at("op") + " " + row.at("pass"));
        const auto run = runs.find(name(row)) != runs.end() ? runs.find(name(row))
                                                            : runs.emplace(name(row), reference.run(row)).first;
        const auto found = run->second.classes.find({row.at("op"), row.at("pass")});
        ASSERT_NE(found, run->second.classes.end());
        const double theirs = number(row, "compute_cycles") + number(row, "stall_cycles");
        // A batch-norm's gradient is one operation of SimDIT's and two of ours.
        const unsigned parts = row.at("op") == "batchnorm_grad_x_mu" ? 2 : 1;
        EXPECT_EQ(found->second.operations, count(row, "operations") * parts);
        if (row.at("op") == "reduce_sum") {
            // Where the batch does not fit, SimDIT counts the loads of its first part only.
            EXPECT_GE(found->second.cycles, theirs);
            EXPECT_LE(found->second.cycles - theirs, 2e-5 * run->second.all.cycles);
        } else {
            // Its residual networks update 1,024 classes' weights, not 1,000.
            expect_within(row.at("op") == "sgd2d" ? 2 : 0.5, found->second.cycles, theirs);
        }
    }
    EXPECT_EQ(runs.size(), 66u);
}

// Array, bits and scratchpads of a row of the study; everything else is inference's.
SimditConfig study_machine(const Row& row) {
    const auto bytes = [&row](const char* key) { return static_cast<std::uint64_t>(number(row, key) * 1024); };
    SimditConfig config;
    config.rows = config.cols = config.lanes = count(row, "array");
    config.weight_bits = config.activation_bits = count(row, "bits");
    config.weight_buffer_bytes = bytes("wbuf_kB");
    config.ifmap_buffer_bytes = bytes("ibuf_kB");
    config.ofmap_buffer_bytes = bytes("obuf_kB_total");
    config.bias_buffer_bytes = std::uint64_t{8} * 1024 * config.rows / 64;
    config.vector1_buffer_bytes = config.vector2_buffer_bytes = bytes("vmem_kB_total") / 2;
    config.weight_bits_per_cycle = count(row, "bw_w");
    config.ifmap_bits_per_cycle = count(row, "bw_i");
    config.ofmap_bits_per_cycle = count(row, "bw_o");
    config.vector_bits_per_cycle = count(row, "bw_v");
    return config;
}

TEST(SimditStudy, BandwidthAndScratchpadSplitsHaveSimditsOrderAndTotals) {
    const std::vector<Row> rows = simdit_reference::table("bw_sram_study.csv");
    ASSERT_EQ(rows.size(), 6u);
    std::vector<std::pair<double, double>> totals; // SimDIT's, ours
    for (const Row& row : rows) {
        const SimditConfig config = study_machine(row);
        const Priced priced = price(config, simdit_inference(config, "resnet50", 1), false);
        expect_within(0.05, priced.all.cycles, number(row, "total_cycles"));
        totals.emplace_back(number(row, "total_cycles"), priced.all.cycles);
    }
    std::sort(totals.begin(), totals.end());
    for (std::size_t i = 1; i < totals.size(); ++i) {
        EXPECT_LT(totals[i - 1].second, totals[i].second);
    }
}

// The networks as they are bundled are SimDIT's, once VGG-16 has no gradient of its image and its convolutions' biases
// do not learn.
TEST(SimditBundled, ProgramsOfTheBundledNetworksAreSimdits) {
    const auto machines = simdit_reference::machines();
    for (const Row& row : simdit_reference::table("training_totals.csv")) {
        SCOPED_TRACE(name(row));
        const std::string net = net_of(row);
        SimditConfig config = machines.at({"Training", row.at("design")});
        config.convolution_bias_gradients = false;
        const SimditProgram bundled = simdit_training(config, read_workload(net, count(row, "batch")), net != "vgg16");
        const Priced priced = price(config, bundled, true);
        expect_within(0.05, priced.all.cycles, number(row, "total_cycles"));
        EXPECT_NEAR(priced.share_of_others(), number(row, "nonconv_share_pct"), 0.05);
    }
}

// Cycles that the inputs of a program's fused convolutions alone take on their interface, and the other operations
// after that: no schedule is faster.
double least_fused_cycles(const SimditConfig& config, const SimditProgram& program) {
    double cycles = 0;
    for (const SimditOperation& operation : program) {
        if (operation.view()) {
            continue;
        }
        const SimditCost cost = simdit_cost(config, operation.tasks.front().work);
        const SimditProduct* product = operation.product_task();
        double alone = static_cast<double>(cost.cycles());
        if (product != nullptr && product->result_stays) {
            const double following = static_cast<double>(product->following_cycles);
            alone = std::max(static_cast<double>(cost.compute_cycles),
                             static_cast<double>(cost.ifmap_bytes) * 8 / config.ifmap_bits_per_cycle - following);
        }
        cycles += alone;
    }
    return cycles;
}

// Why fused_tiles_wait exists: SimDIT's fusion takes away the waiting for inputs, too.
TEST(SimditFusion, SimditsFusedTotalCanBeLessThanItsInterfacesNeed) {
    const Reference reference;
    unsigned impossible = 0;
    for (const Row& row : simdit_reference::table("inference_totals.csv")) {
        if (row.at("fusion") == "0") {
            continue;
        }
        SCOPED_TRACE(name(row));
        SimditConfig config = simdit_reference::machines().at({"Inference", row.at("design")});
        SimditProgram program = program_of(config, row);
        fuse(config, program);
        const double ours = price(config, program, false).all.cycles;
        const double least = least_fused_cycles(config, program);
        EXPECT_GE(ours, least);
        EXPECT_GE(ours, number(row, "total_cycles") * 0.999);
        if (least > number(row, "total_cycles")) {
            ++impossible;
            expect_within(1, ours, least);
        } else {
            expect_within(2.5, ours, number(row, "total_cycles"));
        }
    }
    EXPECT_GE(impossible, 2u);
}

} // namespace
} // namespace systolica
