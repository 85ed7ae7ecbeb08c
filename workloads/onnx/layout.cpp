// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/layout.h"

namespace systolica {

bool canonical_shape(const Dims& dims, Shape& shape) {
    if (dims.empty() || dims.size() > 4 || dims[0] != 1) {
        return false;
    }
    shape = *shape_of({dims.begin() + 1, dims.end()});
    return true;
}

std::vector<MergedDim> merged(const Dims& dims, const std::vector<unsigned>& tags) {
    std::vector<MergedDim> groups;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        if (dims[i] == 1) {
            continue;
        }
        if (groups.empty() || groups.back().tag != tags[i]) {
            groups.push_back({1, tags[i]});
        }
        groups.back().length *= dims[i];
    }
    return groups;
}

std::optional<Shape> shape_of(const std::vector<std::uint64_t>& lengths) {
    if (lengths.size() > 3) {
        return std::nullopt;
    }
    Shape shape;
    const std::vector<std::uint64_t*> places{&shape.c, &shape.h, &shape.w};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        *places[i] = lengths[i];
    }
    return shape;
}

} // namespace systolica
