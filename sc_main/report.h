// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What `run` prints for people: a headline that says what limits the run, a table of layers, the warnings.
#pragma once

#include <iosfwd>

#include "base/run_result.h"

namespace systolica {

void print_headline(std::ostream& out, const RunResult& result);
void print_layers(std::ostream& out, const RunResult& result, bool whole_names);
void print_warnings(std::ostream& out, const RunResult& result);

} // namespace systolica
