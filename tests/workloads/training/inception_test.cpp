// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The rules of the reference tables that no bundled network shows, on the first blocks of GoogLeNet (Szegedy et al.,
// CVPR 2015): local response normalisation, pools with ceil_mode, concatenation, a fork of four.
#include <gtest/gtest.h>

#include "workloads/training/table.h"
#include "workloads/yaml_reader.h"

namespace systolica {
namespace {

const char* const kInception =
    "name: inception\n"
    "input: {channels: 3, height: 224, width: 224}\n"
    "operators:\n"
    "  - {name: conv1, op: conv, out_channels: 64, kernel: 7, stride: 2, pad: 3, bias: true}\n"
    "  - {name: conv1.relu, op: relu}\n"
    "  - {name: pool1, op: maxpool, kernel: 3, stride: 2, ceil_mode: true}\n"
    "  - {name: norm1, op: lrn, size: 5}\n"
    "  - {name: b1, op: conv, out_channels: 64, kernel: 1, inputs: norm1}\n"
    "  - {name: b2, op: conv, out_channels: 128, kernel: 3, pad: 1, inputs: norm1}\n"
    "  - {name: b3, op: conv, out_channels: 32, kernel: 5, pad: 2, inputs: norm1}\n"
    "  - {name: b4, op: maxpool, kernel: 3, stride: 1, pad: 1, ceil_mode: true, inputs: norm1}\n"
    "  - {name: cat, op: concat, inputs: [b1, b2, b3, b4]}\n"
    "  - {name: gap, op: gap}\n"
    "  - {name: flatten, op: flatten}\n"
    "  - {name: fc, op: fc, out_channels: 10, bias: true}\n"
    "  - {name: softmax_ce, op: softmax_ce}\n";

std::string row(const std::string& table, const std::string& name) {
    const std::size_t at = table.find("," + name + ",");
    const std::size_t begin = table.rfind('\n', at) + 1;
    return at == std::string::npos ? "" : table.substr(begin, table.find('\n', begin) - begin);
}

TEST(TrainingTable, InceptionBlockFollowsTheRules) {
    const std::string table = training_csv(training_graph(read_yaml_workload(kInception, "i.yaml", 4), {}));
    // E = 64 x 56 x 56 = 200704 elements of norm1, pooled from 64 x 112 x 112 = 802816 (ceil((112 - 3) / 2) + 1 = 56).
    EXPECT_EQ(row(table, "pool1"),
              "2,pool1,fwd,maxpool,pool1,conv1.relu,64,56,56,0,0,0,0,1806336,0,0,0,802816,0,401408,0");
    EXPECT_EQ(row(table, "norm1"),
              "3,norm1,fwd,lrn,norm1,pool1,64,56,56,0,0,602112,0,1003520,0,200704,0,200704,0,401408,0");
    EXPECT_EQ(row(table, "cat"), "8,cat,fwd,concat,cat,b1;b2;b3;b4,288,56,56,0,0,0,0,0,0,0,0,0,0,0,0");
    // 13 operations forward, the loss's gradient, 4 of fc, 1 of the pool; 3 of each convolution. The concatenation has
    // no row going back: its branches take their parts of the pool's gradient.
    EXPECT_EQ(table.find("cat.bwd"), std::string::npos);
    EXPECT_EQ(row(table, "b4.bwd"),
              "19,b4.bwd,bwd,maxpool_bwd,b4,gap.bwd;b4,64,56,56,0,0,0,0,200704,0,0,0,401408,0,200704,0");
    // Four branches are three additions, the last branch's gradient first.
    EXPECT_EQ(row(table, "norm1.grad_acc0"),
              "29,norm1.grad_acc0,bwd,grad_add,norm1,b4.bwd;b3.dX,64,56,56,0,0,200704,0,0,0,0,0,401408,0,200704,0");
    EXPECT_EQ(
        row(table, "norm1.grad_acc1"),
        "30,norm1.grad_acc1,bwd,grad_add,norm1,norm1.grad_acc0;b2.dX,64,56,56,0,0,200704,0,0,0,0,0,401408,0,200704,0");
    EXPECT_EQ(
        row(table, "norm1.grad_acc2"),
        "31,norm1.grad_acc2,bwd,grad_add,norm1,norm1.grad_acc1;b1.dX,64,56,56,0,0,200704,0,0,0,0,0,401408,0,200704,0");
    EXPECT_EQ(row(table, "norm1.bwd"),
              "32,norm1.bwd,bwd,lrn_bwd,norm1,norm1.grad_acc2;pool1;norm1,64,56,56,0,0,802816,0,"
              "1003520,0,200704,0,802816,0,200704,0");
}

} // namespace
} // namespace systolica
