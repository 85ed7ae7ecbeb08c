// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What an ONNX tensor is while its graph is read: a result of the network, which some tensor of our graph holds, or a
// constant. The batch is never a number: the leading dimension of a result is dims[0] x batch, and a constant that was
// computed from a shape may hold multiples of the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph.h"
#include "workloads/onnx/onnx_messages.h"

namespace systolica {

using Dims = std::vector<std::uint64_t>;

struct OnnxNumber {
    double value = 0;   // whole numbers are exact up to 2^53, far more than any dimension
    bool batch = false; // times the batch
};

struct OnnxValue {
    enum class Kind {
        failed, // a problem was reported where it should have come from
        absent, // an output that is not supported
        constant,
        result,
    };
    Kind kind = Kind::failed;
    Dims dims;
    // constant
    bool known = false;   // numbers are there; weights are not looked at
    bool integral = true; // division rounds towards zero
    std::vector<OnnxNumber> numbers;
    // result: the same elements in the same order, whatever the dimensions
    std::string tensor;
    Shape shape;
};

constexpr std::size_t kMostNumbers = 4096; // of a constant; larger ones are weights

// Reads a tensor; `raw_bytes` is what was left out of it. `wrong`: "expected ..., got ..." or "".
OnnxValue constant_of(const onnx::TensorProto& tensor, std::uint64_t raw_bytes, std::string& wrong);

OnnxValue constant_of(std::vector<OnnxNumber> numbers); // a list
OnnxValue weights_of(Dims dims);                        // dimensions only

// Product of dims[from], ..., dims[to - 1]; nothing when it exceeds kMaxElements.
std::optional<std::uint64_t> product(const Dims& dims, std::size_t from, std::size_t to);
std::uint64_t elements(const OnnxValue& value); // checked when the value was made

std::string dims_text(const OnnxValue& value); // "[N, 64, 56, 56]"
std::string dims_text(const Dims& dims);

} // namespace systolica
