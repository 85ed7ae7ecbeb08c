// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From the gradient of a convolution's result to that of its input: as plain convolutions, one for each place within a
// stride, and as one convolution over the gradient with zeros between its elements.

#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "../random_layers.h"
#include "mapping/group_forms.h"

namespace systolica {
namespace {

constexpr int kCases = 1500;

struct Convolution {
    Shape image, result;
    Window window;
    std::uint64_t groups = 1;
};

// Any kernel, stride and dilation, other padding on each side; also strides that leave inputs out.
Convolution random_convolution(RandomNumbers& random) {
    Convolution one;
    const Axis rows = random_axis(random), columns = random_axis(random);
    one.groups = random.one_in(3) ? 2 : 1;
    one.image = {random.between(1, 2), one.groups * random.between(1, 3), rows.in, columns.in};
    one.result = {one.image.n, one.groups * random.between(1, 3), rows.out, columns.out};
    Window& w = one.window;
    std::tie(w.kernel_h, w.kernel_w) = std::tie(rows.kernel, columns.kernel);
    std::tie(w.stride_h, w.stride_w) = std::tie(rows.stride, columns.stride);
    std::tie(w.dilation_h, w.dilation_w) = std::tie(rows.dilation, columns.dilation);
    std::tie(w.pad_top, w.pad_left) = std::tie(rows.pad_before, columns.pad_before);
    return one;
}

std::string text(const Convolution& one) {
    const Window& w = one.window;
    std::string all;
    for (const std::uint64_t number :
         {one.image.h, one.image.w, one.result.h, one.result.w, w.kernel_h, w.kernel_w, w.stride_h, w.stride_w,
          w.dilation_h, w.dilation_w, w.pad_top, w.pad_left, one.groups}) {
        all += " " + std::to_string(number);
    }
    return "image, result, kernel, stride, dilation, pad, groups:" + all;
}

using Pair = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>; // of image and result, row, column

// Elements of the image and of the result that a weight connects; which one follows from both.
std::set<Pair> connected(const Convolution& one) {
    const Window& w = one.window;
    std::set<Pair> pairs;
    for (std::uint64_t y = 0; y < one.result.h; ++y) {
        for (std::uint64_t x = 0; x < one.result.w; ++x) {
            for (std::uint64_t ky = 0; ky < w.kernel_h; ++ky) {
                for (std::uint64_t kx = 0; kx < w.kernel_w; ++kx) {
                    const std::uint64_t row = y * w.stride_h + ky * w.dilation_h - w.pad_top; // below 0: very large
                    const std::uint64_t column = x * w.stride_w + kx * w.dilation_w - w.pad_left;
                    if (row < one.image.h && column < one.image.w) {
                        pairs.insert({row, column, y, x});
                    }
                }
            }
        }
    }
    return pairs;
}

template <typename Visit>
void for_taps(const Axis& axis, std::uint64_t out, Visit visit) {
    for (std::uint64_t k = 0; k < axis.kernel; ++k) {
        std::uint64_t in = 0;
        if (input_position(axis, out, k, in)) {
            visit(in);
        }
    }
}

TEST(InputGradient, PhasesTogetherConnectEachPairOfElementsOnce) {
    RandomNumbers random(11);
    for (int i = 0; i < kCases; ++i) {
        const Convolution one = random_convolution(random);
        SCOPED_TRACE(text(one));
        std::map<Pair, int> times;
        std::map<std::pair<std::uint64_t, std::uint64_t>, int> made;
        for (const Group& group : adjoint_groups(one.result, one.image, one.window, one.groups, false)) {
            const Layer& layer = group.layer;
            EXPECT_EQ(layer.images, one.image.n);
            EXPECT_EQ(layer.out_channels, one.image.c);
            for (std::uint64_t y = 0; y < layer.rows.out; ++y) {
                for (std::uint64_t x = 0; x < layer.columns.out; ++x) {
                    const std::uint64_t row = group.output.start[1] + y * group.output.step[1];
                    const std::uint64_t column = group.output.start[2] + x * group.output.step[2];
                    ++made[{row, column}];
                    for_taps(layer.rows, y, [&](std::uint64_t in_row) {
                        for_taps(layer.columns, x, [&](std::uint64_t in_column) {
                            ++times[{row, column, group.input.start[1] + in_row, group.input.start[2] + in_column}];
                        });
                    });
                }
            }
            if (layer.matrix) {
                EXPECT_EQ(layer.in_channels, one.result.c);
                EXPECT_EQ(layer.groups, one.groups);
            }
        }
        const std::set<Pair> expected = connected(one);
        EXPECT_EQ(times.size(), expected.size());
        for (const auto& [pair, count] : times) {
            EXPECT_EQ(count, 1);
            EXPECT_EQ(expected.count(pair), 1u);
        }
        EXPECT_EQ(made.size(), one.image.h * one.image.w) << "each element is made";
        for (const auto& [element, count] : made) {
            EXPECT_EQ(count, 1);
        }
        ASSERT_FALSE(HasFailure());
    }
}

TEST(InputGradient, PhasesTogetherHaveNoMoreWeightsThanTheKernel) {
    RandomNumbers random(12);
    for (int i = 0; i < kCases; ++i) {
        const Convolution one = random_convolution(random);
        SCOPED_TRACE(text(one));
        std::uint64_t taps = 0;
        for (const Group& group : adjoint_groups(one.result, one.image, one.window, one.groups, false)) {
            taps += group.layer.matrix ? group.layer.kernel_positions() : 0;
        }
        ASSERT_LE(taps, one.window.kernel_h * one.window.kernel_w);
    }
}

TEST(InputGradient, OfStrideOneIsOneConvolutionWithTheSameKernel) {
    // 3x3 with padding 1 on 8x6 pixels, 4 to 12 channels in two groups.
    Window window;
    window.kernel_h = window.kernel_w = 3;
    window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = 1;
    const std::vector<Group> groups = adjoint_groups({1, 12, 8, 6}, {1, 4, 8, 6}, window, 2, false);
    ASSERT_EQ(groups.size(), 1u);
    const Layer& layer = groups[0].layer;
    EXPECT_EQ(layer.macs(), 8u * 6 * 4 * (12 / 2) * 9);
    EXPECT_EQ(layer.rows.kernel * layer.columns.kernel, 9u);
    EXPECT_EQ(layer.rows.pad_before, 1u);
    EXPECT_TRUE(groups[0].begins_operation && groups[0].ends_operation);
}

TEST(InputGradient, OfAPointwiseConvolutionOfStrideTwoLeavesThreeQuartersZero) {
    Window window;
    window.stride_h = window.stride_w = 2;
    const std::vector<Group> groups = adjoint_groups({1, 16, 4, 4}, {1, 8, 8, 8}, window, 1, false);
    ASSERT_EQ(groups.size(), 4u);
    std::uint64_t macs = 0, zeros = 0;
    for (const Group& group : groups) {
        macs += group.layer.macs();
        zeros += group.layer.matrix ? 0 : group.layer.out_elements();
    }
    EXPECT_EQ(macs, 4u * 4 * 8 * 16);
    EXPECT_EQ(zeros, 3u * 4 * 4 * 8);
}

// Inputs a stride apart; a window is as long as the kernel with its holes.
std::set<std::uint64_t> covering(const Axis& axis, const Range& outputs) {
    std::set<std::uint64_t> inputs;
    for (std::uint64_t in = 0; in < axis.in; ++in) {
        for (std::uint64_t o = outputs.begin; o < outputs.end; ++o) {
            const std::uint64_t padded = o + axis.pad_before;
            if (padded >= in * axis.stride && padded < in * axis.stride + axis.extent()) {
                inputs.insert(in);
            }
        }
    }
    return inputs;
}

template <typename Check>
void for_random_spreads(Check check) {
    RandomNumbers random(13);
    for (int i = 0; i < 4000; ++i) {
        Axis axis = random_axis(random);
        std::swap(axis.in, axis.out);
        axis.scale = Scale::spread;
        Range outputs;
        outputs.begin = random.below(axis.out);
        outputs.end = random.between(outputs.begin + 1, axis.out);
        SCOPED_TRACE(::testing::Message() << "in " << axis.in << " out " << axis.out << " kernel " << axis.kernel
                                          << " stride " << axis.stride << " dilation " << axis.dilation << " pad "
                                          << axis.pad_before << " outputs " << outputs.begin << ".." << outputs.end);
        check(axis, outputs);
        ASSERT_FALSE(::testing::Test::HasFailure());
    }
}

TEST(SpreadAxis, WindowHoldsTheInputsWhoseWindowsCoverAnOutput) {
    for_random_spreads([](const Axis& axis, const Range& outputs) {
        const std::set<std::uint64_t> expected = covering(axis, outputs);
        const Range window = axis.window(outputs);
        EXPECT_LE(window.end, axis.in);
        if (expected.empty()) {
            EXPECT_TRUE(window.empty() || window.size() == 1);
        } else {
            EXPECT_EQ(window.begin, *expected.begin());
            EXPECT_EQ(window.end, *expected.rbegin() + 1);
        }
        EXPECT_EQ(axis.needed(outputs).count(), window.size()); // no gaps: inputs are neighbours
    });
}

TEST(SpreadAxis, NoWindowIsLargerThanTheLargest) {
    for_random_spreads([](const Axis& axis, const Range& outputs) {
        EXPECT_LE(axis.window(outputs).size(), axis.largest_window(outputs.size()));
    });
}

TEST(SpreadAxis, WindowsOfRowsThatFollowGrowAtBothEnds) { // what a ring of rows relies on
    for_random_spreads([](const Axis& axis, const Range& outputs) {
        if (outputs.end < axis.out) {
            const Range now = axis.window(outputs);
            const Range next = axis.window({outputs.end, outputs.end + 1});
            EXPECT_LE(now.begin, next.begin);
            EXPECT_LE(now.end, next.end);
        }
    });
}

} // namespace
} // namespace systolica
