// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The protobuf classes of ONNX, as the distribution's library builds them.
#pragma once

#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif

#include <onnx/onnx_pb.h>
