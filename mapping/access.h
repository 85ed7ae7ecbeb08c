// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How the loop nest of a layer and a tensor lie to each other: which axis of the tensor the channels, rows and columns
// of the nest run along, and where in it they begin.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mapping/layer.h"
#include "mapping/tensor_layout.h"
#include "workloads/graph.h"

namespace systolica {

using AxisOrder = std::array<Dim, 3>; // of a tensor, that channels, rows and columns of a nest run along

constexpr AxisOrder kAxesInOrder{Dim::channels, Dim::height, Dim::width};

// An operator along height or width works as if this axis were the channels; a transpose takes its input in the order
// of its result.
AxisOrder input_order(const Operator& op);
AxisOrder output_order(const Operator& op);
Shape in_order(const Shape& shape, const AxisOrder& order); // as the nest sees it

struct Access {
    int tensor = -1;
    AxisOrder axes = kAxesInOrder;
    std::array<std::uint64_t, 3> start{};       // position of the nest's first channel, row and column
    std::array<std::uint64_t, 3> step{1, 1, 1}; // between neighbours
    std::uint64_t per_group = 0; // a product: so many channels of the nest are one channel of an image; 0: no product

    // Channels, rows and columns are those of the tensor.
    bool plain() const {
        return axes == kAxesInOrder && start == std::array<std::uint64_t, 3>{} &&
               step == std::array<std::uint64_t, 3>{1, 1, 1} && per_group == 0;
    }
};

// A part of a nest; rows are those of each image.
struct Region {
    Range images;
    Span rows;
    Span columns;
    Range channels;
};

// Rows of a table for the positions of a region of a nest of so many rows and columns. Which rows an index asks for is
// not known before it runs: they are taken scattered over the table, always the same for the same position.
std::vector<Box> gathered_boxes(const Region& region, std::uint64_t rows, std::uint64_t columns,
                                std::uint64_t table_rows);

// The part of the tensor behind it. `shape` is the tensor's; where `stretch` says so its only position counts for all.
std::vector<Box> boxes_of(const Access& access, const Shape& shape, const Region& region, const Stretch& stretch = {});

} // namespace systolica
