// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/simdit/work.h"

#include "base/integer.h"

namespace systolica {

namespace {

// Positions first, first + step, ... below count.
std::uint64_t every(std::uint64_t count, std::uint64_t first, std::uint64_t step) {
    return first < count ? ceil_div(count - first, step) : 0;
}

} // namespace

// Which phase of the output meets which phase of the kernel depends on the padding; all pairs are as many MACs as the
// true ones but for a row and a column at the edge.
std::vector<SimditPart> simdit_parts(const SimditProduct& product) {
    std::vector<SimditPart> parts;
    for (std::uint64_t y = 0; y < product.input_dilation_h; ++y) {
        for (std::uint64_t x = 0; x < product.input_dilation_w; ++x) {
            SimditPart part{product, product.groups};
            part.product.groups = 1;
            part.product.input_dilation_h = part.product.input_dilation_w = 1;
            part.product.out_h = every(product.out_h, y, product.input_dilation_h);
            part.product.out_w = every(product.out_w, x, product.input_dilation_w);
            part.product.kernel_h = every(product.kernel_h, y, product.input_dilation_h);
            part.product.kernel_w = every(product.kernel_w, x, product.input_dilation_w);
            if (part.product.out_h * part.product.out_w * part.product.kernel_h * part.product.kernel_w > 0) {
                parts.push_back(part);
            }
        }
    }
    return parts;
}

} // namespace systolica
