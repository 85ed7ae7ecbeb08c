// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Operators that are read, and how each becomes layers. Inside the reader only.
#pragma once

#include <string>
#include <vector>

#include "workloads/onnx/node.h"

namespace systolica {

using OnnxHandler = void (*)(OnnxNode&);

OnnxHandler handler_of(const std::string& type); // nullptr: not supported
const std::string& supported_operators();        // "Add, AveragePool, ..."

// Windows: windows.cpp.
void read_conv(OnnxNode& node);
void read_conv_transpose(OnnxNode& node);
void read_pool(OnnxNode& node);
void read_global_pool(OnnxNode& node);
void read_pad(OnnxNode& node);
void read_resize(OnnxNode& node);

// Element by element, and norms: elements.cpp.
void read_activation(OnnxNode& node);
void read_clip(OnnxNode& node);
void read_same(OnnxNode& node); // Identity, Cast
void read_batch_norm(OnnxNode& node);
void read_layer_norm(OnnxNode& node);
void read_lrn(OnnxNode& node);
void read_softmax(OnnxNode& node);
void read_loss(OnnxNode& node);

// Of two tensors, or one and a constant: arithmetic.cpp.
void read_arithmetic(OnnxNode& node);
void read_sum(OnnxNode& node);
void read_unary(OnnxNode& node); // Neg, Reciprocal, Sqrt: arithmetic with a constant

// Matrix products and tables: products.cpp.
void read_gemm(OnnxNode& node);
void read_matmul(OnnxNode& node);
void read_gather(OnnxNode& node);

// Order and joints of elements: views.cpp.
void read_view(OnnxNode& node); // Reshape, Flatten, Squeeze, Unsqueeze
void read_transpose(OnnxNode& node);
void read_concat(OnnxNode& node);
void read_split(OnnxNode& node);
void read_slice(OnnxNode& node);
void read_reduce(OnnxNode& node);

// `length` positions of `axis` from `start`; the value itself where these are all.
OnnxValue sliced(OnnxNode& node, const OnnxValue& value, std::size_t axis, std::uint64_t start, std::uint64_t length,
                 const std::string& suffix);

} // namespace systolica
