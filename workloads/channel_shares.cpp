// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/channel_shares.h"

#include <algorithm>

#include "workloads/element_wise.h"

namespace systolica {

namespace {

// What becomes of a channel follows from that channel alone, and the result has as many.
bool channel_by_channel(OpKind kind) {
    switch (kind) {
    case OpKind::max_pool:
    case OpKind::avg_pool:
    case OpKind::global_avg_pool:
    case OpKind::resize_nearest:
    case OpKind::resize_bilinear:
    case OpKind::pad:
    case OpKind::flatten: // channel after channel
        return true;
    default:
        return element_wise(kind);
    }
}

class Sharing {
public:
    Sharing(const Graph& network, std::uint64_t chips)
        : network_(network), chips_(chips), whole_(network.tensors.size(), -1), part_(network.tensors.size(), -1) {
        shares_.graph.name = network.name;
        shares_.graph.batch = network.batch;
    }

    ChannelShares run() {
        for (std::size_t i = 0; i < network_.tensors.size(); ++i) {
            if (network_.tensors[i].producer < 0) {
                whole_[i] = add_tensor(network_.tensors[i].name, network_.tensors[i].shape);
            }
        }
        for (const Operator& op : network_.operators) {
            add(op);
        }
        for (const Operator& op : network_.operators) { // results are whole on every chip
            if (network_.output_of(op).consumers.empty() && problems_.empty()) {
                whole(op.output);
            }
        }
        if (!problems_.empty()) {
            throw InputError(problems_);
        }
        mark_gathered();
        std::stable_sort(shares_.gathered.begin(), shares_.gathered.end(),
                         [](const auto& a, const auto& b) { return a.part < b.part; });
        return std::move(shares_);
    }

private:
    using Gathered = ChannelShares::Gathered;

    const Shape& shape_of(int tensor) const { return network_.tensors[static_cast<std::size_t>(tensor)].shape; }
    bool has_part(int tensor) const { return part_[static_cast<std::size_t>(tensor)] >= 0; }
    bool divides(int tensor) const { return shape_of(tensor).c % chips_ == 0; }

    void add(const Operator& op) {
        const bool product = macs(network_, op) > 0;
        if (product && op.groups == 1) {
            add_product(op);
        } else if (product) {
            add_grouped(op);
        } else if (can_part(op)) {
            emit(op, true, true);
        } else {
            emit(op, false, false);
        }
    }

    void add_product(const Operator& op) {
        const bool along_channels = op.kind == OpKind::conv || op.kind == OpKind::conv_transpose ||
                                    (op.kind == OpKind::fully_connected && axis_of(op) == Dim::channels);
        if (!along_channels) {
            refuse(op, "a product along channels", op_kind_name(op.kind));
        } else if (!divides(op.output)) {
            refuse(op, "output channels that divide", std::to_string(shape_of(op.output).c));
        } else {
            emit(op, false, true);
        }
    }

    void add_grouped(const Operator& op) {
        if (op.groups % chips_ != 0) {
            refuse(op, "groups that divide", std::to_string(op.groups));
        } else if (!has_part(op.inputs[0])) {
            refuse(op, "groups whose input is shared", "one that every chip has whole");
        } else {
            emit(op, true, true);
        }
    }

    bool can_part(const Operator& op) const {
        const bool stretched = std::any_of(op.inputs.begin(), op.inputs.end(), [&](int input) {
            return shape_of(input).c != shape_of(op.output).c && op.kind != OpKind::flatten;
        });
        const bool parts = std::all_of(op.inputs.begin(), op.inputs.end(), [&](int it) { return has_part(it); });
        const bool learned = op.learned && op.operand.c != 1 && op.operand.c != shape_of(op.output).c;
        return channel_by_channel(op.kind) && parts && !stretched && !learned;
    }

    void emit(const Operator& op, bool from_parts, bool to_part) {
        Operator own = op;
        Shape shape = shape_of(op.output);
        const int index = static_cast<int>(shares_.graph.operators.size());
        for (int& input : own.inputs) {
            input = from_parts ? part_[static_cast<std::size_t>(input)] : whole(input);
            std::vector<int>& consumers = tensor(input).consumers;
            if (consumers.empty() || consumers.back() != index) {
                consumers.push_back(index);
            }
        }
        if (to_part) {
            shape.c /= chips_;
            own.groups = std::max<std::uint64_t>(1, own.groups / chips_);
            if (own.learned && own.operand.c > 1) {
                own.operand.c /= chips_;
            }
        }
        own.output = add_tensor(network_.output_of(op).name + (to_part ? ".part" : ""), shape);
        tensor(own.output).producer = index;
        (to_part ? part_ : whole_)[static_cast<std::size_t>(op.output)] = own.output;
        shares_.graph.operators.push_back(std::move(own));
    }

    int whole(int old) {
        int& known = whole_[static_cast<std::size_t>(old)];
        if (known < 0) {
            const int part = part_[static_cast<std::size_t>(old)];
            known = add_tensor(network_.tensors[static_cast<std::size_t>(old)].name, shape_of(old));
            shares_.gathered.push_back({part, known});
        }
        return known;
    }

    // Who gathers a part reads it: it must be stored, whoever else reads it.
    void mark_gathered() {
        for (const Gathered& it : shares_.gathered) {
            std::vector<int>& consumers = tensor(it.part).consumers;
            if (consumers.size() == 1) {
                consumers.push_back(consumers.front());
            }
        }
    }

    int add_tensor(const std::string& name, const Shape& shape) {
        shares_.graph.tensors.push_back({name, shape, -1, {}});
        return static_cast<int>(shares_.graph.tensors.size()) - 1;
    }

    Tensor& tensor(int index) { return shares_.graph.tensors[static_cast<std::size_t>(index)]; }

    void refuse(const Operator& op, const std::string& expected, const std::string& got) {
        problems_.add(op.where, op.name,
                      "expected " + expected + " among " + std::to_string(chips_) + " chips, got " + got);
        whole_[static_cast<std::size_t>(op.output)] = add_tensor(op.name, shape_of(op.output)); // to go on
    }

    const Graph& network_;
    const std::uint64_t chips_;
    std::vector<int> whole_, part_; // by tensor of the network: tensors of the result, -1: none
    ChannelShares shares_;
    Problems problems_;
};

} // namespace

ChannelShares share_channels(const Graph& network, std::uint64_t chips) {
    return Sharing(network, chips).run();
}

} // namespace systolica
