// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "training_reads.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "../operator_reads.h"

namespace systolica {

namespace {

struct Place {
    std::uint64_t n = 0;
    std::array<std::uint64_t, 3> at{}; // channel, row, column
};

template <typename Visit>
void for_places(const Shape& shape, Visit visit) {
    for (std::uint64_t n = 0; n < shape.n; ++n) {
        for (std::uint64_t c = 0; c < shape.c; ++c) {
            for (std::uint64_t h = 0; h < shape.h; ++h) {
                for (std::uint64_t w = 0; w < shape.w; ++w) {
                    visit(Place{n, {c, h, w}});
                }
            }
        }
    }
}

// By position of one side of a window axis: whether a tap connects it with a position of the other side.
std::vector<bool> touched(const Axis& axis, bool of_input) {
    std::vector<bool> positions(of_input ? axis.in : axis.out, false);
    for (std::uint64_t out = 0; out < axis.out; ++out) {
        for (std::uint64_t k = 0; k < axis.kernel; ++k) {
            const std::uint64_t padded = out * axis.stride + k * axis.dilation;
            if (padded >= axis.pad_before && padded - axis.pad_before < axis.in) {
                positions[of_input ? padded - axis.pad_before : out] = true;
            }
        }
    }
    return positions;
}

class TrainingReads {
public:
    TrainingReads(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory)
        : graph_(graph), plan_(plan), memory_(memory), flow_(graph), levels_(levels_of(plan)) {}

    void check() {
        for (std::uint32_t row = 0; row < graph_.operations.size(); ++row) {
            for (const int writer : flow_.writers(row)) {
                const bool here = writer >= 0 && levels_[static_cast<std::size_t>(writer)] == levels_[row];
                if (!here && !writes_table(writer)) {
                    check(row, writer);
                }
            }
        }
    }

private:
    const TrainingOperation& operation(int row) const { return graph_.operations[static_cast<std::size_t>(row)]; }
    const TrainingTensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }
    bool writes_table(int row) const { return row >= 0 && operation(row).op == "embedding_bwd_weight"; }

    void check(std::uint32_t row, int writer) const {
        const std::set<std::uint64_t> loaded = memory_.found(row, writer);
        std::uint64_t most = 0;
        std::set<int> holders;
        for (const DataFlow::Source& source : flow_.sources(row)) {
            if (source.writer != writer || !tensor(source.holder).per_image() ||
                !holders.insert(source.holder).second) {
                most += source.writer == writer && !tensor(source.holder).per_image() ? ~std::uint32_t{0} : 0;
                continue;
            }
            const std::vector<int> planned = planned_as(source);
            EXPECT_FALSE(planned.empty()) << tensor(source.holder).name << " is in no group";
            bool all = false;
            for (const int as : planned) {
                for (const Order order : {Order::of_elements, Order::of_memory}) {
                    const std::set<std::uint64_t> needed = needed_bytes(row, source, as, order);
                    all = all || std::includes(loaded.begin(), loaded.end(), needed.begin(), needed.end());
                }
            }
            EXPECT_TRUE(all) << operation(static_cast<int>(row)).name << " does not read all that it needs of "
                             << tensor(source.holder).name;
            most += planned.empty() ? 0 : plan_.tensors[static_cast<std::size_t>(planned[0])].layout.bytes();
        }
        if (writer >= 0) { // parameters were there, too
            EXPECT_LE(loaded.size(), most) << operation(static_cast<int>(row)).name;
        }
    }

    // The tensor of the plan that its writer stored. Each micro-batch has its own image; these have one name.
    std::vector<int> planned_as(const DataFlow::Source& source) const {
        std::vector<int> found;
        const auto add = [&](int index) {
            if (plan_.tensors[static_cast<std::size_t>(index)].name == tensor(source.holder).name) {
                found.push_back(index);
            }
        };
        if (source.writer < 0) {
            for (std::size_t i = 0; i < plan_.tensors.size(); ++i) {
                const PlannedTensor& it = plan_.tensors[i];
                if (it.event == 0 && it.view_of < 0 && it.parts.empty() && it.shape == tensor(source.holder).shape) {
                    add(static_cast<int>(i));
                }
            }
            return found;
        }
        for (const Group& group : plan_.groups) {
            if (group.layer.output && static_cast<int>(group.last_operation) == source.writer) {
                add(group.output.tensor);
            }
            for (const Result& result : group.results) {
                if (static_cast<int>(result.operation) == source.writer) {
                    add(result.tensor);
                }
            }
        }
        return found;
    }

    // How a tensor that becomes channels whole, or was, is seen: the weights that follow may be laid out for either.
    enum class Order : std::uint8_t { of_elements, of_memory };

    // Bytes of a holder, as it lies in the plan, that the operation needs through all its inputs.
    std::set<std::uint64_t> needed_bytes(std::uint32_t row, const DataFlow::Source& source, int planned,
                                         Order order) const {
        const PlannedTensor& as = plan_.tensors[static_cast<std::size_t>(planned)];
        std::set<std::uint64_t> bytes;
        for (const DataFlow::Source& other : flow_.sources(row)) {
            if (other.holder != source.holder) {
                continue;
            }
            const Needed needed = needed_of(row, other.tensor);
            for_places(tensor(other.tensor).shape, [&](const Place& place) {
                int holder = other.tensor;
                Place held = place;
                if (!needed(place) || !follow(holder, held, order, as.layout) || holder != source.holder) {
                    return;
                }
                const std::uint64_t address =
                    element_address(as.layout, held.n * as.shape.h + held.at[1], held.at[2], held.at[0]);
                for (std::uint64_t b = 0; b < as.layout.element_bytes; ++b) {
                    bytes.insert(address + b);
                }
            });
        }
        return bytes;
    }

    // From a place of a view to the place of the tensor behind it.
    bool follow(int& index, Place& place, Order order, const TensorLayout& layout) const {
        while (!tensor(index).viewed.empty()) {
            const TrainingTensor& view = tensor(index);
            int behind = view.viewed[0];
            if (view.viewed.size() > 1) {
                std::uint64_t& along = place.at[static_cast<std::size_t>(view.view_axis)];
                std::size_t part = 0;
                while (part < view.viewed.size() && along >= tensor(view.viewed[part]).shape.of(view.view_axis)) {
                    along -= tensor(view.viewed[part++]).shape.of(view.view_axis);
                }
                if (part == view.viewed.size()) {
                    return false;
                }
                behind = view.viewed[part];
            } else if (tensor(behind).shape.elements() == view.shape.elements()) {
                place = reshaped(place, view.shape, tensor(behind).shape, order, layout);
            } else {
                for (std::size_t i = 0; i < 3; ++i) {
                    place.at[i] += view.view_start[i];
                }
            }
            index = behind;
        }
        return true;
    }

    // A reshape counts through channels, rows and columns; memory through blocks of channels, pixels and channels.
    static Place reshaped(const Place& place, const Shape& view, const Shape& behind, Order order,
                          const TensorLayout& layout) {
        const bool flat = view.h * view.w == 1;
        const bool was_flat = behind.h * behind.w == 1;
        if (view == behind || order == Order::of_elements || flat == was_flat) {
            const std::uint64_t at = (place.at[0] * view.h + place.at[1]) * view.w + place.at[2];
            return {place.n, {at / (behind.h * behind.w), at / behind.w % behind.h, at % behind.w}};
        }
        if (was_flat) {
            return {place.n, {(place.at[1] * view.w + place.at[2]) * view.c + place.at[0], 0, 0}};
        }
        std::vector<std::uint64_t> bounds = layout.boundaries;
        if (bounds.back() != behind.c) {
            bounds = {0, behind.c};
        }
        const std::uint64_t pixels = behind.h * behind.w;
        std::size_t block = 0;
        while (bounds[block + 1] * pixels <= place.at[0]) {
            ++block;
        }
        const std::uint64_t size = bounds[block + 1] - bounds[block];
        const std::uint64_t inside = place.at[0] - bounds[block] * pixels;
        return {place.n, {bounds[block] + inside % size, inside / size / behind.w, inside / size % behind.w}};
    }

    // Which places of an input are needed.
    struct Needed {
        std::vector<bool> rows, columns; // empty: all
        bool nothing = false;            // known to be some, not which

        bool operator()(const Place& place) const {
            return !nothing && (rows.empty() || rows[place.at[1]]) && (columns.empty() || columns[place.at[2]]);
        }
    };

    Needed needed_of(std::uint32_t row, int input) const {
        const TrainingOperation& o = graph_.operations[row];
        if (o.layer < 0 || o.op == "grad_add" || o.op == "bias_grad" || o.pass == Pass::update) {
            return {};
        }
        const Operator& op = graph_.forward.operators[static_cast<std::size_t>(o.layer)];
        const bool transposed = op.kind == OpKind::conv_transpose;
        const Shape& from = graph_.forward.input_of(op).shape;
        const Shape& to = graph_.forward.output_of(op).shape;
        const Shape& fine = transposed ? to : from;
        const Shape& coarse = transposed ? from : to;
        const Window& w = op.window;
        switch (op.kind) {
        case OpKind::conv:
        case OpKind::conv_transpose:
        case OpKind::max_pool:
        case OpKind::avg_pool: {
            const bool of_image =
                (o.pass == Pass::forward) || (o.pass == Pass::backward_weight && input == o.inputs[1]);
            const bool of_fine = of_image != transposed;
            return {touched({fine.h, coarse.h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top, Scale::none}, of_fine),
                    touched({fine.w, coarse.w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left, Scale::none}, of_fine),
                    false};
        }
        case OpKind::resize_nearest:
        case OpKind::resize_bilinear:
            return {{}, {}, o.pass == Pass::forward ? shrunk(from, to) : !multiple(from, to)};
        case OpKind::embedding:
            return {{}, {}, tensor(input).role == TensorRole::parameter};
        default:
            return {};
        }
    }

    static bool shrunk(const Shape& from, const Shape& to) { return from.h > to.h || from.w > to.w; }
    static bool multiple(const Shape& from, const Shape& to) { return to.h % from.h == 0 && to.w % from.w == 0; }

    const TrainingGraph& graph_;
    const Plan& plan_;
    const ShadowMemory& memory_;
    const DataFlow flow_;
    const std::vector<int> levels_;
};

} // namespace

void check_training_reads(const TrainingGraph& graph, const Plan& plan, const ShadowMemory& memory) {
    TrainingReads(graph, plan, memory).check();
}

} // namespace systolica
