// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A platform and a workload, read together so that the problems of both are shown at once.
#pragma once

#include <string>
#include <vector>

#include "platforms/reader.h"
#include "workloads/reader.h"

namespace systolica {

struct Inputs {
    Platform platform;
    Graph workload; // as its file describes it
};

// Throws InputError with every problem of both.
Inputs read_inputs(const std::string& platform, const std::vector<std::string>& sets, const std::string& workload,
                   std::uint64_t batch);

} // namespace systolica
