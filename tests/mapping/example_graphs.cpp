// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "example_graphs.h"

#include <gtest/gtest.h>

#include "random_numbers.h"
#include "workloads/shape_rules.h"

namespace systolica {

namespace {

class RandomGraph {
public:
    RandomGraph(std::uint64_t seed, std::uint64_t batch) : random_(seed), builder_("random", batch) {
        Shape input{batch, random_.between(1, 8), random_.between(3, 12), random_.between(3, 12)};
        builder_.add_input("input", input, Places());
        tensors_.push_back({"input", input});
    }

    Graph build() {
        for (std::uint64_t i = random_.between(3, 10); i > 0; --i) {
            while (!try_add(random_operator())) {
            }
        }
        if (random_.one_in(2)) {
            finish_with_classes();
        }
        return builder_.finish();
    }

private:
    struct Known {
        std::string name;
        Shape shape;
    };

    const Known& recent() {
        const std::size_t last = tensors_.size() - 1;
        return tensors_[random_.flip() ? last : static_cast<std::size_t>(random_.below(tensors_.size()))];
    }

    // A tensor that fits beside `one`, perhaps itself.
    const Known& partner(const Known& one, bool channels_too) {
        std::vector<std::size_t> fitting;
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            const Shape& s = tensors_[i].shape;
            if (s.h == one.shape.h && s.w == one.shape.w && (!channels_too || s.c == one.shape.c)) {
                fitting.push_back(i);
            }
        }
        return tensors_[random_.pick(fitting)];
    }

    OperatorSpec random_operator() {
        OperatorSpec spec;
        const Known& input = recent();
        spec.inputs = {input.name};
        spec.bias = random_.flip();
        Window& w = spec.window;
        w.kernel_h = random_.between(1, 3);
        w.kernel_w = random_.one_in(4) ? random_.between(1, 3) : w.kernel_h;
        w.stride_h = w.stride_w = random_.one_in(3) ? random_.between(2, 3) : 1;
        w.pad_top = w.pad_left = w.pad_bottom = w.pad_right = random_.flip() ? w.kernel_h / 2 : 0;
        switch (random_.below(10)) {
        case 0:
        case 1:
        case 2:
            spec.kind = OpKind::conv;
            spec.groups = random_.one_in(3) ? random_.pick<std::uint64_t>({2, 4}) : 1;
            spec.depthwise = random_.one_in(4);
            spec.out_channels = random_.flip() ? input.shape.c : 4 * random_.between(1, 4);
            w.dilation_h = w.dilation_w = random_.one_in(4) ? 2 : 1;
            if (random_.one_in(6)) { // the whole image at once
                w = {};
                w.kernel_h = input.shape.h;
                w.kernel_w = input.shape.w;
            }
            break;
        case 3:
            spec.kind = random_.flip() ? OpKind::max_pool : OpKind::avg_pool;
            spec.ceil_mode = random_.flip();
            break;
        case 4:
        case 5:
            spec.kind = random_.flip() ? OpKind::relu : OpKind::relu6;
            break;
        case 6:
            spec.kind = OpKind::batch_norm;
            break;
        case 7:
        case 8:
            spec.kind = OpKind::add;
            spec.inputs.push_back(partner(input, true).name);
            if (random_.one_in(5)) {
                spec.inputs.push_back(partner(input, true).name);
            }
            break;
        default:
            spec.kind = OpKind::concat;
            spec.inputs.push_back(partner(input, false).name);
            break;
        }
        return spec;
    }

    bool try_add(OperatorSpec spec) {
        spec.name = "op" + std::to_string(tensors_.size());
        std::vector<Shape> shapes;
        for (const std::string& name : spec.inputs) {
            for (const Known& known : tensors_) {
                if (known.name == name) {
                    shapes.push_back(known.shape);
                }
            }
        }
        OperatorSpec probe = spec;
        const ShapeResult result = apply_shape_rule(probe, shapes);
        if (!result.ok() || result.shape.c > 64) {
            return false;
        }
        EXPECT_TRUE(builder_.add(spec, Places()));
        tensors_.push_back({spec.name, result.shape});
        return true;
    }

    void finish_with_classes() {
        OperatorSpec spec;
        if (random_.flip()) {
            spec.kind = OpKind::global_avg_pool;
            spec.inputs = {tensors_.back().name};
            try_add(spec);
        }
        spec.kind = OpKind::flatten;
        spec.inputs = {tensors_.back().name};
        if (tensors_.back().shape.per_image() > 64 || !try_add(spec)) {
            return;
        }
        spec.kind = OpKind::fully_connected;
        spec.inputs = {tensors_.back().name};
        spec.out_channels = random_.between(1, 40);
        spec.bias = random_.flip();
        try_add(spec);
        spec.kind = OpKind::softmax;
        spec.inputs = {tensors_.back().name};
        try_add(spec);
    }

    RandomNumbers random_;
    GraphBuilder builder_;
    std::vector<Known> tensors_;
};

} // namespace

Net::Net(Shape input, std::uint64_t batch) : builder_("net", batch) {
    builder_.add_input("input", input, Places());
}

void Net::add(OperatorSpec spec) {
    EXPECT_TRUE(builder_.add(std::move(spec), Places()));
}

void Net::op(OpKind kind, const std::string& name, const std::vector<std::string>& inputs) {
    OperatorSpec spec;
    spec.name = name;
    spec.kind = kind;
    spec.inputs = inputs;
    add(std::move(spec));
}

void Net::conv(const std::string& name, const std::string& input, std::uint64_t out_channels, std::uint64_t kernel) {
    OperatorSpec spec;
    spec.name = name;
    spec.inputs = {input};
    spec.out_channels = out_channels;
    spec.window.kernel_h = spec.window.kernel_w = kernel;
    spec.window.pad_top = spec.window.pad_left = spec.window.pad_bottom = spec.window.pad_right = kernel / 2;
    add(std::move(spec));
}

Graph random_graph(std::uint64_t seed, std::uint64_t batch) {
    return RandomGraph(seed, batch).build();
}

ChipConfig example_chip(unsigned tiles, unsigned array, Dataflow dataflow, const PadSizes& bytes) {
    ChipConfig chip;
    chip.tiles = tiles;
    chip.tile.pe_array.rows = chip.tile.pe_array.cols = array;
    chip.tile.pe_array.dataflow = dataflow;
    chip.tile.vector_unit.lanes = array;
    chip.tile.vector_unit.costs = default_vector_costs();
    chip.tile.scratchpad = {ScratchpadConfig{bytes.ifmap, 8, 32}, ScratchpadConfig{bytes.filter, 8, 32},
                            ScratchpadConfig{bytes.ofmap, 8, 32}, ScratchpadConfig{bytes.vector, 4, 32}};
    chip.dram.channels = 2;
    return chip;
}

} // namespace systolica
