// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "operator_reads.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "mapping/tile_program.h"

namespace systolica {

namespace {

struct Place {
    std::uint64_t n, c, h, w;
};

Shape shape_of(const Graph& graph, int tensor) {
    return graph.tensors[static_cast<std::size_t>(tensor)].shape;
}

template <typename Visit>
void for_places(const Shape& shape, Visit visit) {
    for (std::uint64_t n = 0; n < shape.n; ++n) {
        for (std::uint64_t c = 0; c < shape.c; ++c) {
            for (std::uint64_t h = 0; h < shape.h; ++h) {
                for (std::uint64_t w = 0; w < shape.w; ++w) {
                    visit(Place{n, c, h, w});
                }
            }
        }
    }
}

// First byte of an element; views are followed element by element.
std::uint64_t byte_of(const Plan& plan, int tensor, Place at) {
    const PlannedTensor* planned = &plan.tensors[static_cast<std::size_t>(tensor)];
    while (planned->view_of >= 0) {
        const std::uint64_t index = (at.c * planned->shape.h + at.h) * planned->shape.w + at.w;
        planned = &plan.tensors[static_cast<std::size_t>(planned->view_of)];
        const Shape& s = planned->shape;
        at = {at.n, index / (s.h * s.w), index / s.w % s.h, index % s.w};
    }
    return element_address(planned->layout, at.n * planned->shape.h + at.h, at.w, at.c);
}

// Positions of an input axis that a resize to `out` looks at for position o.
std::vector<std::uint64_t> resized(OpKind kind, std::uint64_t in, std::uint64_t out, std::uint64_t o) {
    const double ratio = static_cast<double>(in) / static_cast<double>(out);
    if (kind == OpKind::resize_nearest) {
        return {o * in / out};
    }
    const double at = std::max(0.0, (static_cast<double>(o) + 0.5) * ratio - 0.5);
    const auto below = static_cast<std::uint64_t>(at);
    return {below, std::min(in - 1, below + 1)};
}

// Elements of the first input that no output needs are left out only by these.
std::vector<Place> needed_of_input(const Graph& graph, const Operator& op) {
    const Shape in = graph.input_of(op).shape;
    const Shape out = graph.output_of(op).shape;
    std::vector<Place> places;
    if (op.kind == OpKind::resize_nearest || op.kind == OpKind::resize_bilinear) {
        for_places({out.n, out.c, out.h, out.w}, [&](const Place& at) {
            for (const std::uint64_t h : resized(op.kind, in.h, out.h, at.h)) {
                for (const std::uint64_t w : resized(op.kind, in.w, out.w, at.w)) {
                    places.push_back({at.n, at.c, h, w});
                }
            }
        });
        return places;
    }
    if (op.kind == OpKind::conv_transpose) {
        const Window& w = op.window;
        const auto reaches = [](std::uint64_t i, std::uint64_t stride, std::uint64_t kernel, std::uint64_t dilation,
                                std::uint64_t pad, std::uint64_t size) {
            for (std::uint64_t k = 0; k < kernel; ++k) {
                const std::uint64_t o = i * stride + k * dilation;
                if (o >= pad && o - pad < size) {
                    return true;
                }
            }
            return false;
        };
        for_places(in, [&](const Place& at) {
            if (reaches(at.h, w.stride_h, w.kernel_h, w.dilation_h, w.pad_top, out.h) &&
                reaches(at.w, w.stride_w, w.kernel_w, w.dilation_w, w.pad_left, out.w)) {
                places.push_back(at);
            }
        });
        return places;
    }
    for_places(in, [&](const Place& at) {
        const std::uint64_t along = axis_of(op) == Dim::channels ? at.c : axis_of(op) == Dim::height ? at.h : at.w;
        const bool in_slice = along >= op.start && along - op.start < out.of(axis_of(op));
        if (op.kind != OpKind::slice || in_slice) {
            places.push_back(at);
        }
    });
    return places;
}

void add_bytes(const Plan& plan, int tensor, const std::vector<Place>& places, std::set<std::uint64_t>& bytes) {
    const std::uint64_t size = plan.tensors[static_cast<std::size_t>(tensor)].layout.element_bytes;
    for (const Place& at : places) {
        for (std::uint64_t b = 0; b < size; ++b) {
            bytes.insert(byte_of(plan, tensor, at) + b);
        }
    }
}

std::vector<Place> all_places(const Shape& shape) {
    std::vector<Place> places;
    for_places(shape, [&](const Place& at) { places.push_back(at); });
    return places;
}

bool windowed(OpKind kind) { // with gaps, borders or corners: something may be loaded that is not used
    return kind == OpKind::conv || kind == OpKind::max_pool || kind == OpKind::avg_pool ||
           kind == OpKind::conv_transpose || kind == OpKind::resize_nearest || kind == OpKind::resize_bilinear;
}

std::vector<std::set<std::uint64_t>> loaded_by_row(const Plan& plan) {
    std::vector<std::set<std::uint64_t>> loaded(plan.operations.size());
    for (unsigned t = 0; t < plan.chip.tiles; ++t) {
        TileProgram program(plan, t);
        Command command;
        while (program.next(Queue::load, command)) {
            const DmaArguments& d = command.dma;
            for (std::uint64_t i = 0; i < std::uint64_t{d.count[0]} * d.count[1] * d.count[2]; ++i) {
                const std::uint64_t run = d.memory_address + i % d.count[0] * d.stride_bytes[0] +
                                          i / d.count[0] % d.count[1] * d.stride_bytes[1] +
                                          i / d.count[0] / d.count[1] * d.stride_bytes[2];
                for (std::uint64_t b = 0; b < d.run_bytes; ++b) {
                    loaded[command.operation].insert(run + b);
                }
            }
        }
    }
    return loaded;
}

// Rows whose first input comes from the operation before it in the same group, or was left on chip.
std::set<std::pair<std::uint32_t, int>> without_a_load(const Graph& graph, const Plan& plan) {
    std::set<std::pair<std::uint32_t, int>> rows;
    for (const Group& group : plan.groups) {
        if (group.input_kept) {
            rows.insert({group.operation, graph.operators[group.operation].inputs[0]});
        }
        std::uint32_t before = group.operation;
        for (const Layer::Stage& stage : group.layer.stages) {
            if (stage.operation != group.operation) {
                rows.insert({stage.operation, graph.operators[before].output});
                before = stage.operation;
            }
        }
    }
    return rows;
}

// For each output of an axis the taps of all outputs that lie a stride apart from it, 0 where the windows of these,
// from the first to the last tap, hold no input.
std::vector<std::uint64_t> taps(std::uint64_t in, std::uint64_t out, std::uint64_t kernel, std::uint64_t stride,
                                std::uint64_t dilation, std::uint64_t pad) {
    std::vector<std::uint64_t> counts(out, 0);
    std::vector<bool> reached(stride, false);
    for (std::uint64_t o = 0; o < out; ++o) {
        std::int64_t first = 0, last = 0; // inputs, stride times
        for (std::uint64_t k = kernel; k-- > 0;) {
            const auto at = static_cast<std::int64_t>(o + pad) - static_cast<std::int64_t>(k * dilation);
            if (at % static_cast<std::int64_t>(stride) == 0) {
                first = counts[o] == 0 ? at : first;
                last = at;
                ++counts[o];
            }
        }
        if (counts[o] > 0 && last >= 0 && first < static_cast<std::int64_t>(in * stride)) {
            reached[(o + pad) % stride] = true;
        }
    }
    for (std::uint64_t o = 0; o < out; ++o) {
        counts[o] = reached[(o + pad) % stride] ? counts[o] : 0;
    }
    return counts;
}

} // namespace

std::uint64_t element_address(const TensorLayout& t, std::uint64_t row, std::uint64_t column, std::uint64_t channel) {
    std::size_t b = 0;
    while (t.boundaries[b + 1] <= channel) {
        ++b;
    }
    const std::uint64_t first = t.boundaries[b];
    const std::uint64_t block = t.boundaries[b + 1] - first;
    return t.base + (first * t.rows * t.width + (row * t.width + column) * block + channel - first) * t.element_bytes;
}

TransposedWork transposed_work(const Shape& coarse, const Shape& fine, const Window& w, std::uint64_t groups) {
    TransposedWork work;
    const auto columns = taps(coarse.w, fine.w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left);
    for (const std::uint64_t rows : taps(coarse.h, fine.h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top)) {
        for (const std::uint64_t column : columns) {
            work.macs += fine.n * fine.c * rows * column * (coarse.c / groups);
            work.unreached += rows * column == 0 ? fine.n * fine.c : 0;
        }
    }
    return work;
}

TransposedWork transposed_work(const Graph& graph, const Operator& op) {
    return op.kind == OpKind::conv_transpose
               ? transposed_work(graph.input_of(op).shape, graph.output_of(op).shape, op.window, op.groups)
               : TransposedWork{};
}

void check_reads(const Graph& graph, const Plan& plan) {
    const std::vector<std::set<std::uint64_t>> loaded = loaded_by_row(plan);
    const auto skipped = without_a_load(graph, plan);
    for (std::uint32_t row = 0; row < plan.operations.size(); ++row) {
        const Operator& op = graph.operators[row];
        if (plan.operations[row].view) {
            EXPECT_TRUE(loaded[row].empty()) << op.name;
            continue;
        }
        std::set<std::uint64_t> needed, may;
        for (std::size_t i = 0; i < op.inputs.size(); ++i) {
            const int tensor = op.inputs[i];
            add_bytes(plan, tensor, all_places(shape_of(graph, tensor)), may);
            if (skipped.count({row, tensor}) == 0 && op.kind != OpKind::conv && op.kind != OpKind::max_pool &&
                op.kind != OpKind::avg_pool) { // those have a check of their own
                add_bytes(plan, tensor, i == 0 ? needed_of_input(graph, op) : all_places(shape_of(graph, tensor)),
                          needed);
            }
        }
        EXPECT_TRUE(std::includes(loaded[row].begin(), loaded[row].end(), needed.begin(), needed.end()))
            << op.name << " does not read all that it needs";
        if (!windowed(op.kind)) {
            for (const std::uint64_t byte : loaded[row]) {
                EXPECT_TRUE(may.count(byte) == 0 || needed.count(byte) > 0) << op.name << " reads byte " << byte;
            }
        }
    }
}

} // namespace systolica
