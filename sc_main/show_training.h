// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// `show WORKLOAD --mode training`: an iteration, for people and as a table for scripts.
#pragma once

#include <iosfwd>
#include <string>

#include "sc_main/command_line.h"
#include "workloads/training/training.h"

namespace systolica {

void add_training_options(CommandLine& line);
bool has_training_options(const CommandLine& line, std::string& which); // and the first that is there

void set_recompute(TrainingOptions& options, const std::string& given); // none, sqrt, or layers and commas

void show_training(std::ostream& out, const CommandLine& line, const Graph& network);

} // namespace systolica
