// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/view_dims.h"

#include <algorithm>
#include <set>

#include "workloads/shape_rules.h"

namespace systolica {

namespace {

bool is_result(const OnnxValue& value) {
    return value.kind == OnnxValue::Kind::result;
}

std::set<std::size_t> axis_set(const OnnxNode& node, const std::vector<std::int64_t>& axes, std::size_t rank) {
    std::set<std::size_t> set;
    for (const std::int64_t axis : axes) {
        if (!set.insert(node.axis(axis, rank, "axes")).second) {
            OnnxNode::refuse("axes", "expected each axis once, got " + std::to_string(axis) + " again");
        }
    }
    return set;
}

Dims squeezed(const OnnxNode& node, const OnnxValue& value) {
    std::set<std::size_t> axes = axis_set(node, node.integers("axes", 1), value.dims.size());
    if (!node.has("axes", 1)) {
        for (std::size_t i = is_result(value) ? 1 : 0; i < value.dims.size(); ++i) {
            if (value.dims[i] == 1) {
                axes.insert(i);
            }
        }
    }
    Dims dims;
    for (std::size_t i = 0; i < value.dims.size(); ++i) {
        if (axes.count(i) == 0) {
            dims.push_back(value.dims[i]);
        } else if (value.dims[i] != 1 || (i == 0 && is_result(value))) {
            OnnxNode::refuse("axes", "expected dimensions of 1 that are not the batch, got axis " + std::to_string(i) +
                                         " of " + dims_text(value));
        }
    }
    return dims;
}

Dims unsqueezed(const OnnxNode& node, const OnnxValue& value) {
    const std::vector<std::int64_t> added = node.integers("axes", 1);
    if (added.empty()) {
        OnnxNode::refuse("axes", "expected a list of axes, got nothing");
    }
    const std::size_t rank = value.dims.size() + added.size();
    const std::set<std::size_t> axes = axis_set(node, added, rank);
    if (is_result(value) && axes.count(0) != 0) {
        OnnxNode::refuse("axes", "expected the batch to stay the leading dimension, got a new one before it");
    }
    Dims dims;
    for (std::size_t i = 0, old = 0; i < rank; ++i) {
        dims.push_back(axes.count(i) != 0 ? 1 : value.dims[old++]);
    }
    return dims;
}

Dims flattened(const OnnxNode& node, const OnnxValue& value) {
    const std::int64_t given = node.integer("axis", 1);
    const std::size_t rank = value.dims.size();
    const std::size_t axis = given == static_cast<std::int64_t>(rank) ? rank : node.axis(given, rank);
    if (is_result(value) && axis == 0) {
        OnnxNode::refuse("axis", "expected the batch to stay the leading dimension, got axis 0");
    }
    return {*product(value.dims, 0, axis), *product(value.dims, axis, rank)};
}

// A wanted shape with its zeros filled in, the leading dimension of a result apart.
struct Target {
    OnnxNumber lead{1, false};
    Dims rest;            // 0 where it follows from the others
    std::size_t open = 0; // position of that 0 in rest
    bool has_open = false;
    bool lead_open = false;
};

[[noreturn]] void refuse_target(const std::string& message) {
    OnnxNode::refuse("shape", message);
}

Target read_target(const OnnxNode& node, const OnnxValue& value, const std::vector<OnnxNumber>& numbers) {
    const bool copy_zeros = !node.flag("allowzero", false);
    Target target;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        OnnxNumber number = numbers[i];
        const bool lead = is_result(value) && i == 0;
        if (number.value == 0 && copy_zeros) {
            if (i >= value.dims.size()) {
                refuse_target("expected a dimension, got 0 beyond those of the input");
            }
            number = {static_cast<double>(value.dims[i]), lead};
        }
        const bool open = number.value == -1 && !number.batch;
        if (open && (target.has_open || target.lead_open)) {
            refuse_target("expected at most one -1, got two");
        }
        if (!open &&
            (number.value < 1 || number.value > static_cast<double>(kMaxDimension) || (number.batch && !lead))) {
            refuse_target(number.batch
                              ? "expected the batch to stay the leading dimension, got it elsewhere"
                              : "expected dimensions from 1 to " + std::to_string(kMaxDimension) + ", got another");
        }
        if (lead) {
            target.lead = number;
            target.lead_open = open;
            continue;
        }
        target.open = open ? target.rest.size() : target.open;
        target.has_open = target.has_open || open;
        target.rest.push_back(open ? 0 : static_cast<std::uint64_t>(number.value));
    }
    return target;
}

std::string elements_text(const OnnxValue& value) {
    return "expected " + std::to_string(elements(value)) + " elements" + (is_result(value) ? " an image" : "") +
           " like " + dims_text(value) + ", got another number";
}

// How often the leading dimension counts the batch.
std::uint64_t leading_factor(const OnnxNode& node, const Target& target) {
    const auto lead = static_cast<std::uint64_t>(target.lead.value);
    const std::uint64_t batch = node.fixed_batch() == 0 ? 1 : node.fixed_batch(); // an open one was traced with 1
    if (target.lead.batch) {
        return lead;
    }
    if (lead % batch != 0) {
        refuse_target("expected the batch of the network's input, " + std::to_string(batch) +
                      ", to stay the leading dimension, got " + std::to_string(lead));
    }
    return lead / batch;
}

Dims reshaped(const OnnxNode& node, const OnnxValue& value) {
    std::vector<OnnxNumber> numbers;
    if (node.has("shape")) { // operator set 1
        for (const std::int64_t dim : node.integer_list("shape")) {
            numbers.push_back({static_cast<double>(dim), false});
        }
    } else {
        numbers = node.numbers(1);
    }
    if (is_result(value) && numbers.empty()) {
        refuse_target("expected the batch to stay the leading dimension, got none");
    }
    Target target = read_target(node, value, numbers);
    const std::uint64_t all = elements(value);
    Dims known = target.rest;
    if (target.has_open) {
        known[target.open] = 1;
    }
    if (!target.lead_open && is_result(value)) {
        known.push_back(leading_factor(node, target));
    }
    const std::uint64_t count = product(known, 0, known.size()).value_or(0);
    const bool open = target.has_open || target.lead_open;
    if (count == 0 || (open ? all % count != 0 : all != count)) {
        refuse_target(elements_text(value));
    }
    if (target.has_open) {
        target.rest[target.open] = all / count;
    }
    if (is_result(value)) {
        target.rest.insert(target.rest.begin(), target.lead_open ? all / count : known.back());
    }
    return target.rest;
}

} // namespace

Dims view_dims(const OnnxNode& node, const OnnxValue& value) {
    return node.type() == "Squeeze"     ? squeezed(node, value)
           : node.type() == "Unsqueeze" ? unsqueezed(node, value)
           : node.type() == "Flatten"   ? flattened(node, value)
                                        : reshaped(node, value);
}

std::vector<std::size_t> transpose_order(const OnnxNode& node, std::size_t rank) {
    std::vector<std::size_t> order;
    for (const std::int64_t axis : node.integer_list("perm")) {
        order.push_back(node.axis(axis, rank, "perm"));
    }
    if (!node.has("perm")) {
        for (std::size_t i = rank; i-- > 0;) {
            order.push_back(i);
        }
    }
    if (order.size() != rank || std::set<std::size_t>(order.begin(), order.end()).size() != rank) {
        OnnxNode::refuse("perm", "expected each of " + std::to_string(rank) + " axes once, got another list");
    }
    return order;
}

std::vector<SliceRange> slice_ranges(const OnnxNode& node, const OnnxValue& value) {
    const Dims& dims = value.dims;
    const std::vector<std::int64_t> starts = node.integers("starts", 1);
    const std::vector<std::int64_t> ends = node.integers("ends", 2);
    std::vector<std::int64_t> axes = node.integers("axes", 3);
    const std::vector<std::int64_t> steps = node.has(4) ? node.integers(4) : std::vector<std::int64_t>{};
    if (!node.has("axes", 3)) {
        for (std::size_t i = 0; i < starts.size(); ++i) {
            axes.push_back(static_cast<std::int64_t>(i));
        }
    }
    if (starts.empty() || starts.size() != ends.size() || starts.size() != axes.size() ||
        (!steps.empty() && steps.size() != starts.size())) {
        OnnxNode::refuse("starts", "expected as many starts, ends, axes and steps, got " +
                                       std::to_string(starts.size()) + ", " + std::to_string(ends.size()) + ", " +
                                       std::to_string(axes.size()) + ", " + std::to_string(steps.size()));
    }
    axis_set(node, axes, dims.size());
    std::vector<SliceRange> ranges;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (!steps.empty() && steps[i] != 1) {
            OnnxNode::refuse("steps", "expected 1, got " + std::to_string(steps[i]));
        }
        const std::size_t axis = node.axis(axes[i], dims.size(), "axes");
        if (is_result(value) && axis == 0) {
            if (starts[i] != 0 || ends[i] < static_cast<std::int64_t>(kMaxDimension) - 1) { // int32's largest: all
                OnnxNode::refuse("axes", "expected the whole batch, got a part of it");
            }
            continue;
        }
        const auto length = static_cast<std::int64_t>(dims[axis]);
        const auto clamped = [&](std::int64_t at) {
            return std::clamp(at < 0 ? at + length : at, std::int64_t{0}, length);
        };
        const std::int64_t start = clamped(starts[i]);
        const std::int64_t end = std::max(start, clamped(ends[i]));
        if (start == end) {
            OnnxNode::refuse("starts", "expected a part of the " + std::to_string(length) + " positions of axis " +
                                           std::to_string(axis) + ", got none");
        }
        ranges.push_back({axis, static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)});
    }
    return ranges;
}

Dims broadcast_dims(const Dims& a, const Dims& b, const std::function<void()>& refuse) {
    Dims out(std::max(a.size(), b.size()), 1);
    for (std::size_t k = 0; k < out.size(); ++k) {
        const std::uint64_t x = k < a.size() ? a[a.size() - 1 - k] : 1;
        const std::uint64_t y = k < b.size() ? b[b.size() - 1 - k] : 1;
        if (x != y && x != 1 && y != 1) {
            refuse();
        }
        out[out.size() - 1 - k] = x == 1 ? y : x;
    }
    return out;
}

} // namespace systolica
