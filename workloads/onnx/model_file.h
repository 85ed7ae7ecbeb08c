// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An ONNX file as protobuf messages. Nothing but shapes matters here, so the data of large initialisers is neither read
// from the disk nor copied; what is small stays (dimensions, scales and limits are tensors, too).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "workloads/onnx/onnx_messages.h"

namespace systolica {

struct OnnxModelFile {
    onnx::ModelProto model;
    std::map<std::string, std::uint64_t> left_out; // bytes of raw data, by name of the initialiser
};

OnnxModelFile read_onnx_model(const std::string& path); // throws InputError

} // namespace systolica
