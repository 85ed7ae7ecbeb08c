// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Everything that tells one operator from another, one row a kind: its word and keys in native YAML, its inputs, its
// shape rule, what it learns, what it costs forward and how its gradient is formed. Readers, shape rules, counts, the
// inference graph and the training expansion all go by this table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph.h"
#include "workloads/shape_rules.h"

namespace systolica {

enum class Parameters : std::uint8_t {
    none,
    matrix,          // weights of a product, and a bias where asked for
    scale_and_shift, // two a channel
    table,           // `size` rows of the output's channels
    operand,         // the second operand where it is learned
};

// How gradients come from the gradient of the output.
enum class Backward : std::uint8_t {
    view,         // handed on as it is or as a part of it; no operation
    element_wise, // one operation from it and saved tensors to the gradient of the input
    operands,     // one such operation an input; none where it costs nothing and no input was stretched
    product,      // of two activations: two products
    matrix,       // input gradient, weight gradient, bias gradient
    batch_norm,   // a reduction, then the input gradient
    layer_norm,   // one operation for both
    table,        // rows are added up; indices have no gradient
    loss,         // where gradients begin
};

// Scalar operations for each element of the output, and for each of its taps (positions of a pool's window, channels
// of an LRN window, elements reduced to one, corners of an interpolation). Products are counted as MACs instead.
struct OperatorCost {
    unsigned elementwise = 0; // add, sub, mul, max, select
    unsigned reduce = 0;      // accumulations and compares
    unsigned special = 0;     // div, rsqrt, exp, log
    unsigned elementwise_per_tap = 0;
    unsigned reduce_per_tap = 0;

    bool free() const { return elementwise + reduce + special + elementwise_per_tap + reduce_per_tap == 0; }
};

// What a gradient reads beside the gradient of the output.
enum Reads : unsigned {
    kReadsNothing = 0,
    kReadsInput = 1,
    kReadsSecond = 2, // the second operand, unless it is a constant
    kReadsOutput = 4,
    kReadsStash = 8, // index, mask or scale of each output element, written forward for this purpose
};

struct Gradient {
    OperatorCost cost;
    unsigned reads = kReadsNothing;
};

enum class Inference : std::uint8_t { runs, dropped };

struct OperatorRow {
    OpKind kind;
    const char* word;
    unsigned least_inputs, most_inputs; // most 0: any number; a constant or learned operand is one, too
    ShapeResult (*shape)(OperatorSpec& spec, const std::vector<Shape>& inputs);
    const char* keys; // of native YAML beyond name, op and inputs; * marks those it needs
    Inference inference;
    Parameters parameters;
    bool view;  // forward: moves nothing
    bool stash; // forward writes a second value an element (kReadsStash)
    OperatorCost forward;
    Backward backward;
    Gradient gradient[2]; // element_wise: the first; operands: first and second input
};

const std::vector<OperatorRow>& operator_table(); // in the order of OpKind
const OperatorRow& operator_row(OpKind kind);

// Taps of each output element, see OperatorCost.
std::uint64_t tap_count(const Graph& graph, const Operator& op);

} // namespace systolica
