// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/tensors.h"

#include <algorithm>

#include "mapping/training/store_waits.h"

namespace systolica {

namespace {

constexpr std::uint64_t kAlignment = 4096;

} // namespace

std::uint64_t TrainingTensors::element_bytes(int tensor) {
    const Precision& p = plan_.chip.precision;
    switch (of(tensor).role) {
    case TensorRole::activation:
        return p.activation_bytes();
    case TensorRole::gradient:
        return p.gradient_bytes();
    case TensorRole::statistics:
    case TensorRole::label:
        return p.accumulator_bytes();
    default:
        return p.master_bytes() * known(tensor).values;
    }
}

int TrainingTensors::new_root(std::uint64_t bytes, bool passing) {
    Lifetime lifetime;
    lifetime.bytes = bytes;
    lifetime.passing = passing;
    roots_.push_back(lifetime);
    return static_cast<int>(roots_.size()) - 1;
}

int TrainingTensors::add(const std::string& name, const Shape& shape, std::uint64_t bytes, int root,
                         std::uint64_t offset) {
    PlannedTensor tensor;
    tensor.name = name;
    tensor.shape = shape;
    tensor.layout.rows = shape.n * shape.h;
    tensor.layout.width = shape.w;
    tensor.layout.element_bytes = bytes;
    tensor.layout.boundaries = {0, shape.c};
    const int index = static_cast<int>(plan_.tensors.size());
    plan_.tensors.push_back(tensor);
    places_.resize(plan_.tensors.size());
    places_.back() = {root, offset};
    return index;
}

int TrainingTensors::alias(int index) {
    const PlannedTensor copy = planned(index);
    const Place place = places_[static_cast<std::size_t>(index)];
    const int other = add(copy.name, copy.shape, copy.layout.element_bytes, place.root, place.offset);
    planned(other).layout = copy.layout;
    planned(other).one_block = copy.one_block;
    planned(other).kept = copy.kept;
    return other;
}

void TrainingTensors::widen(int tensor, std::uint64_t values) {
    known(tensor).values = values;
}

int TrainingTensors::current(int tensor) {
    int& now = known(tensor).planned;
    if (now >= 0) {
        return now;
    }
    const TrainingTensor& it = of(tensor);
    if (!it.viewed.empty()) {
        return now = view(tensor);
    }
    Shape shape = it.shape;
    shape.c /= known(tensor).values;
    const std::uint64_t bytes = element_bytes(tensor);
    now = add(it.name, shape, bytes, new_root(shape.elements() * bytes, false));
    planned(now).kept = it.kept;
    return now;
}

int TrainingTensors::next(int tensor, const Shape& shape) {
    const TrainingTensor& it = of(tensor);
    if (known(tensor).planned < 0 && it.producer >= 0 && it.role != TensorRole::state &&
        it.role != TensorRole::parameter) {
        const std::uint64_t bytes = element_bytes(tensor);
        const int made = add(it.name, shape, bytes, new_root(it.shape.elements() * bytes, true));
        planned(made).kept = it.kept;
        return known(tensor).planned = made;
    }
    const int before = current(tensor);
    return known(tensor).planned = alias(before);
}

int TrainingTensors::seen(int index, const Shape& shape) {
    if (planned(index).shape == shape) {
        return index;
    }
    const int other = alias(index);
    PlannedTensor& tensor = planned(other);
    tensor.event = planned(index).event;
    tensor.threshold = planned(index).threshold;
    tensor.shape = shape;
    tensor.layout.rows = shape.n * shape.h;
    tensor.layout.width = shape.w;
    tensor.layout.boundaries = {0, shape.c};
    return other;
}

void TrainingTensors::has_bias(int weights, int bias) {
    known(weights).bias = bias;
    known(bias).bias_of = weights;
}

int TrainingTensors::weights(int tensor) {
    Known& it = known(tensor);
    if (it.copy >= 0) {
        return it.copy;
    }
    const Precision& p = plan_.chip.precision;
    const Shape& shape = of(tensor).shape;
    const std::uint64_t bias = it.bias < 0 ? 0 : of(it.bias).shape.c * p.accumulator_bytes();
    if (p.weight_bytes() == p.master_bytes()) {
        it.copy = current(tensor);
        roots_[static_cast<std::size_t>(places_[static_cast<std::size_t>(it.copy)].root)].bytes += bias;
    } else {
        const std::uint64_t bytes = shape.c * p.weight_bytes();
        it.copy = add(of(tensor).name + ".copy", shape, p.weight_bytes(), new_root(bytes + bias, false));
    }
    if (it.bias >= 0) {
        const Place place = places_[static_cast<std::size_t>(it.copy)];
        known(it.bias).bias_copy = add(of(it.bias).name + ".copy", of(it.bias).shape, p.accumulator_bytes(), place.root,
                                       shape.c * p.weight_bytes());
    }
    return it.copy;
}

int TrainingTensors::next_weights(int tensor) {
    const Precision& p = plan_.chip.precision;
    const int copy = known(tensor).copy;
    return copy < 0 || p.weight_bytes() == p.master_bytes() ? -1 : alias(copy);
}

int TrainingTensors::next_bias(int tensor) {
    const int copy = known(tensor).bias_copy;
    return copy < 0 ? -1 : alias(copy);
}

int TrainingTensors::buffer(const std::string& name, std::uint64_t channels, std::uint64_t rows, std::uint64_t bytes) {
    return add(name, {1, channels, rows, 1}, bytes, new_root(channels * rows * bytes, true));
}

void TrainingTensors::lies_with(int view, int of_planned) {
    places_.resize(plan_.tensors.size());
    places_[static_cast<std::size_t>(view)] = places_[static_cast<std::size_t>(of_planned)];
}

// A reshape of one tensor, a part of one, or several joined. What becomes channels whole, or was, keeps its order in
// memory: the weights that follow are laid out for it.
int TrainingTensors::view(int tensor) {
    const TrainingTensor& it = of(tensor);
    std::vector<int> viewed;
    for (const int other : it.viewed) {
        viewed.push_back(current(other));
    }
    const PlannedTensor first = planned(viewed[0]);
    if (viewed.size() == 1 && first.shape == it.shape) {
        return viewed[0];
    }
    if (viewed.size() == 1 && first.shape.elements() == it.shape.elements()) {
        const bool plain = first.view_of < 0 && first.parts.empty();
        const bool flat = it.shape.h == 1 && it.shape.w == 1;
        const bool raised = first.shape.h == 1 && first.shape.w == 1 && first.one_block;
        const int index = alias(viewed[0]);
        PlannedTensor& made = planned(index);
        made.name = it.name;
        made.shape = it.shape;
        made.event = first.event;
        made.threshold = first.threshold;
        if (plain && flat) {
            made.layout = first.layout.flattened(first.shape.h);
        } else if (plain && raised) {
            made.layout.rows = it.shape.n * it.shape.h;
            made.layout.width = it.shape.w;
            made.layout.boundaries = {0, it.shape.c};
        } else {
            made.view_of = viewed[0];
        }
        return index;
    }
    const int index = add(it.name, it.shape, first.layout.element_bytes, -1);
    std::uint64_t begin = 0;
    for (const int other : viewed) {
        ViewPart part;
        part.tensor = other;
        part.axis = it.view_axis;
        const std::uint64_t size = (viewed.size() == 1 ? it.shape : planned(other).shape).of(it.view_axis);
        part.range = {begin, begin + size};
        part.start = viewed.size() == 1 ? it.view_start : std::array<std::uint64_t, 3>{};
        planned(index).parts.push_back(part);
        begin += size;
    }
    return index;
}

void TrainingTensors::place(const std::vector<int>& weight_tensors) {
    const int groups = static_cast<int>(plan_.groups.size());
    const auto root_of = [&](int tensor) { return places_[static_cast<std::size_t>(tensor)].root; };
    StoreWaits waits(plan_);
    for (int g = 0; g < groups; ++g) {
        const Group& group = plan_.groups[static_cast<std::size_t>(g)];
        for_written(group, [&](int tensor) {
            live(root_of(tensor), g);
            waits.writes(g, root_of(tensor));
        });
        const auto read = [&](int tensor, auto& self) -> void {
            if (tensor < 0) {
                return;
            }
            self(planned(tensor).view_of, self);
            for (const ViewPart& part : planned(tensor).parts) {
                self(part.tensor, self);
            }
            if (root_of(tensor) >= 0) {
                live(root_of(tensor), g);
                waits.reads(g, root_of(tensor));
            }
        };
        for_read(group, [&](int tensor) { read(tensor, read); });
        read(weight_tensors[static_cast<std::size_t>(g)], read);
    }
    for (Lifetime& lifetime : roots_) {
        const int end = lifetime.last < 0 ? -1 : waits.end_of_all_before(lifetime.last);
        lifetime.free_from = end < 0 ? -1 : end + 1;
    }
    plan_.memory_bytes = lay_out(roots_, plan_.memory_bytes, kAlignment);
    for (std::size_t i = 0; i < plan_.tensors.size(); ++i) {
        if (places_[i].root >= 0) {
            plan_.tensors[i].layout.base = roots_[static_cast<std::size_t>(places_[i].root)].base + places_[i].offset;
        }
    }
    for (int g = 0; g < groups; ++g) {
        Group& group = plan_.groups[static_cast<std::size_t>(g)];
        const int weights = weight_tensors[static_cast<std::size_t>(g)];
        group.weight_base += weights < 0 ? 0 : planned(weights).layout.base;
        for_written(group, [&](int tensor) { // also of several groups that make it together
            waits.wait(g, roots_[static_cast<std::size_t>(root_of(tensor))].waits_for);
        });
    }
    waits.set();
}

void TrainingTensors::live(int root, int group) {
    Lifetime& lifetime = roots_[static_cast<std::size_t>(root)];
    lifetime.first = lifetime.first < 0 ? group : lifetime.first;
    lifetime.last = group;
}

} // namespace systolica
