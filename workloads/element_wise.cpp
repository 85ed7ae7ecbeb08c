// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/element_wise.h"

namespace systolica {

bool element_wise(OpKind kind) {
    switch (kind) {
    case OpKind::batch_norm:
    case OpKind::relu:
    case OpKind::relu6:
    case OpKind::leaky_relu:
    case OpKind::sigmoid:
    case OpKind::tanh:
    case OpKind::silu:
    case OpKind::gelu:
    case OpKind::hard_sigmoid:
    case OpKind::hard_swish:
    case OpKind::add:
    case OpKind::sub:
    case OpKind::mul:
    case OpKind::div:
    case OpKind::pow:
        return true;
    default:
        return false;
    }
}

} // namespace systolica
