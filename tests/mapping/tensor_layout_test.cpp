// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/tensor_layout.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "random_numbers.h"

namespace systolica {
namespace {

// The header's sentence: channel blocks outermost, in a block rows, in a row pixels, in a pixel the block's channels.
std::uint64_t address(const TensorLayout& t, std::uint64_t row, std::uint64_t column, std::uint64_t channel) {
    std::size_t b = 0;
    while (t.boundaries[b + 1] <= channel) {
        ++b;
    }
    const std::uint64_t block = t.boundaries[b + 1] - t.boundaries[b];
    const std::uint64_t before = t.boundaries[b] * t.rows * t.width;
    return t.base + (before + (row * t.width + column) * block + channel - t.boundaries[b]) * t.element_bytes;
}

std::multiset<std::uint64_t> addresses(const TensorLayout& t, const Box& box) {
    std::multiset<std::uint64_t> bytes;
    for (std::uint64_t r = 0; r < box.rows.count(); ++r) {
        for (std::uint64_t c = 0; c < box.columns.count(); ++c) {
            for (std::uint64_t channel = box.channels.begin; channel < box.channels.end; ++channel) {
                const auto at = [](const Span& span, std::uint64_t nth) {
                    const std::uint64_t i = nth + span.cut_front; // cuts are at the very ends
                    return span.start + i / span.length * span.stride + i % span.length;
                };
                const std::uint64_t first = address(t, at(box.rows, r), at(box.columns, c), channel);
                for (std::uint64_t e = 0; e < t.element_bytes; ++e) {
                    bytes.insert(first + e);
                }
            }
        }
    }
    return bytes;
}

std::multiset<std::uint64_t> addresses(const std::vector<DmaArguments>& transfers) {
    std::multiset<std::uint64_t> bytes;
    for (const DmaArguments& d : transfers) {
        for (std::uint64_t i = 0; i < d.count[0]; ++i) {
            for (std::uint64_t j = 0; j < d.count[1]; ++j) {
                for (std::uint64_t k = 0; k < d.count[2]; ++k) {
                    const std::uint64_t run =
                        d.memory_address + i * d.stride_bytes[0] + j * d.stride_bytes[1] + k * d.stride_bytes[2];
                    for (std::uint64_t b = 0; b < d.run_bytes; ++b) {
                        bytes.insert(run + b);
                    }
                }
            }
        }
    }
    return bytes;
}

TensorLayout random_layout(RandomNumbers& random) {
    TensorLayout t;
    t.base = 4096 * random.below(4);
    t.rows = random.between(1, 9);
    t.width = random.between(1, 7);
    t.element_bytes = random.pick<std::uint64_t>({1, 2, 4});
    t.boundaries = {0};
    const std::uint64_t usual = random.between(1, 4);
    for (std::uint64_t b = random.between(1, 4); b > 0; --b) { // mostly equal blocks, some of another size
        t.boundaries.push_back(t.boundaries.back() + (random.one_in(3) ? random.between(1, 5) : usual));
    }
    return t;
}

Span random_span(std::uint64_t whole, RandomNumbers& random) {
    Span span;
    span.length = random.between(1, whole);
    const std::uint64_t room = whole - span.length;
    if (room > 0 && random.flip()) { // a second and further run behind a stride, contiguous runs included
        span.stride = span.length + random.below(room);
        span.groups = room / span.stride + 1;
    }
    const std::uint64_t covered = (span.groups - 1) * span.stride + span.length;
    span.start = random.between(0, whole - covered);
    if (span.groups > 1 && random.flip()) { // what padding cuts off
        span.cut_front = random.below(span.length);
        span.cut_back = random.below(span.length);
    }
    return span;
}

Box random_box(const TensorLayout& t, RandomNumbers& random) {
    Box box;
    box.rows = random_span(t.rows, random);
    box.columns = random.flip() ? Span{0, 1, t.width, 0} : random_span(t.width, random);
    box.channels = {0, t.channels()};
    if (random.flip()) {
        box.channels.begin = random.below(t.channels());
        box.channels.end = random.between(box.channels.begin + 1, t.channels());
    }
    return box;
}

TEST(TensorLayout, TransfersTouchEveryByteOfABoxOnceAndNoOther) {
    RandomNumbers random(2);
    for (int i = 0; i < 3000; ++i) {
        const TensorLayout t = random_layout(random);
        const Box box = random_box(t, random);
        std::vector<DmaArguments> transfers;
        append_transfers(t, box, transfers);
        ASSERT_EQ(addresses(transfers), addresses(t, box)) << "case " << i;
    }
}

TEST(TensorLayout, TransferBytesAddUpToTheBox) {
    RandomNumbers random(3);
    for (int i = 0; i < 1000; ++i) {
        const TensorLayout t = random_layout(random);
        const Box box = random_box(t, random);
        std::vector<DmaArguments> transfers;
        append_transfers(t, box, transfers);
        std::uint64_t bytes = 0;
        for (const DmaArguments& transfer : transfers) {
            bytes += transfer.bytes();
        }
        ASSERT_EQ(bytes, box.elements() * t.element_bytes);
    }
}

TEST(TensorLayout, AnEmptyBoxMovesNothing) {
    TensorLayout t{0, 4, 4, 1, {0, 8}};
    std::vector<DmaArguments> transfers;
    append_transfers(t, {{0, 1, 0, 0}, {0, 1, 4, 0}, {0, 8}}, transfers);
    append_transfers(t, {{0, 1, 4, 0}, {0, 1, 4, 0}, {3, 3}}, transfers);
    EXPECT_TRUE(transfers.empty());
}

TEST(TensorLayout, AWholeTensorOfOneBlockIsOneRun) {
    TensorLayout t{64, 6, 5, 2, {0, 3}};
    std::vector<DmaArguments> transfers;
    append_transfers(t, {{0, 1, 6, 0}, {0, 1, 5, 0}, {0, 3}}, transfers);
    ASSERT_EQ(transfers.size(), 1u);
    EXPECT_EQ(transfers[0].run_bytes, 6u * 5 * 3 * 2);
    EXPECT_EQ(transfers[0].memory_address, 64u);
}

TEST(TensorLayout, FourRepetitionsBecomeSeveralDescriptorsOfThree) {
    // Pixels with gaps, in runs of two, in rows with gaps, in two blocks of channels: five levels, the run included.
    TensorLayout t{0, 16, 16, 1, {0, 4, 8}};
    const Box box{{1, 3, 2, 4}, {1, 3, 2, 4}, {0, 8}};
    std::vector<DmaArguments> transfers;
    append_transfers(t, box, transfers);
    EXPECT_GT(transfers.size(), 1u);
    EXPECT_EQ(addresses(transfers), addresses(t, box));
}

TEST(TensorLayout, StridesBeyond32BitsAreSplit) {
    // A row of 2^33 bytes: its neighbour cannot be reached by a 32-bit stride.
    TensorLayout t{0, 3, std::uint64_t{1} << 31, 4, {0, 1}};
    std::vector<DmaArguments> transfers;
    append_transfers(t, {{0, 1, 3, 0}, {5, 1, 2, 0}, {0, 1}}, transfers);
    ASSERT_EQ(transfers.size(), 3u);
    for (std::uint64_t r = 0; r < 3; ++r) {
        EXPECT_EQ(transfers[r].memory_address, (r << 33) + 20);
        EXPECT_EQ(transfers[r].bytes(), 8u);
    }
}

TEST(TensorLayout, RunsBeyond32BitsAreRepetitions) {
    // 3 x 2^31 contiguous bytes: more than a 32-bit run.
    TensorLayout t{0, 3, std::uint64_t{1} << 21, 1, {0, 1024}};
    std::vector<DmaArguments> transfers;
    append_transfers(t, {{0, 1, 3, 0}, {0, 1, std::uint64_t{1} << 21, 0}, {0, 1024}}, transfers);
    std::uint64_t bytes = 0;
    for (const DmaArguments& transfer : transfers) {
        bytes += transfer.bytes();
    }
    EXPECT_EQ(bytes, std::uint64_t{3} << 31);
}

TEST(TensorLayout, AFlattenedViewHoldsTheSameBytesByImage) {
    RandomNumbers random(4);
    for (int i = 0; i < 300; ++i) {
        TensorLayout t = random_layout(random);
        const std::uint64_t height = random.between(1, 3);
        const std::uint64_t images = random.between(1, 3);
        t.rows = images * height;
        const TensorLayout flat = t.flattened(height);
        ASSERT_EQ(flat.rows, images);
        ASSERT_EQ(flat.width, 1u);
        ASSERT_EQ(flat.channels(), t.channels() * t.width * height);
        for (std::uint64_t image = 0; image < images; ++image) {
            const Box whole{{image * height, 1, height, 0}, {0, 1, t.width, 0}, {0, t.channels()}};
            const Box pixel{{image, 1, 1, 0}, {0, 1, 1, 0}, {0, flat.channels()}};
            std::vector<DmaArguments> transfers;
            append_transfers(flat, pixel, transfers);
            ASSERT_EQ(addresses(transfers), addresses(t, whole)) << "case " << i;
        }
    }
}

} // namespace
} // namespace systolica
