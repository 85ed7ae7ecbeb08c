// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/transposed_phase.h"

#include <algorithm>

#include "base/integer.h"

namespace systolica {

// Input i adds tap k to output i stride + k dilation - pad. With output + pad = stride q + phase that is
// i = q - (k dilation - phase) / stride.
Phase transposed_phase(const TransposedAxis& of, std::uint64_t phase) {
    Phase result;
    const std::uint64_t q = of.pad > phase ? ceil_div(of.pad - phase, of.stride) : 0;
    result.first = of.stride * q + phase - of.pad;
    result.outputs = result.first < of.out ? (of.out - 1 - result.first) / of.stride + 1 : 0;

    std::uint64_t taps = 0, nearest = 0, farthest = 0; // how far below q the inputs of the taps lie
    for (std::uint64_t k = 0; k < of.kernel; ++k) {
        const std::uint64_t reach = k * of.dilation;
        if (reach >= phase && (reach - phase) % of.stride == 0) {
            farthest = (reach - phase) / of.stride;
            nearest = taps == 0 ? farthest : nearest;
            ++taps;
        }
    }
    result.in_start = q > farthest ? q - farthest : 0;
    result.reached = taps > 0 && result.in_start < of.in && q + result.outputs > nearest;
    if (!result.reached) {
        result.in_start = 0;
        result.axis = {1, result.outputs, 1, 1, 1, result.outputs, Scale::none};
        return result;
    }
    const std::uint64_t dilation = taps > 1 ? (farthest - nearest) / (taps - 1) : 1;
    result.axis = {of.in - result.in_start,         result.outputs, taps, 1, dilation,
                   farthest > q ? farthest - q : 0, Scale::none};
    return result;
}

} // namespace systolica
