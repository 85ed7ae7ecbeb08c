// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What was understood of an input file, for people and (workloads) as a table for scripts.
#pragma once

#include <iosfwd>
#include <string>

#include "platforms/description.h"
#include "workloads/graph.h"

namespace systolica {

void print_platform(std::ostream& out, const Platform& platform);
void print_workload(std::ostream& out, const Graph& graph);

} // namespace systolica
