// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The shape rules that the operator table names. Each may fill in what depends on the inputs. Inside this room only.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "workloads/shape_rules.h"

namespace systolica {

// Windows and weights: shape_rules_window.cpp.
ShapeResult conv_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult conv_transpose_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult fully_connected_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult pool_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult global_pool_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult pad_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);

// Elements, their order and joints: shape_rules_elements.cpp.
ShapeResult same_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult element_wise_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult matmul_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult embedding_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult lrn_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult loss_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult reduce_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult resize_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult concat_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult flatten_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult reshape_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult transpose_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);
ShapeResult slice_shape(OperatorSpec& spec, const std::vector<Shape>& inputs);

ShapeResult wrong(std::string field, std::string message);
bool product_within(std::initializer_list<std::uint64_t> factors, std::uint64_t limit);

} // namespace systolica
