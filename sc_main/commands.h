// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The commands, one file each: NAME_command.cpp.
#pragma once

#include <string>
#include <vector>

namespace systolica {

using Arguments = std::vector<std::string>; // without the command's own name

int run_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int show_command(const Arguments& arguments);
int list_command(const Arguments& arguments);
int convert_command(const Arguments& arguments);
int dram_command(const Arguments& arguments);
int noc_command(const Arguments& arguments);
int schedule_command(const Arguments& arguments);
int scale_command(const Arguments& arguments);
int collective_command(const Arguments& arguments);
int bench_command(const Arguments& arguments);

struct CommandEntry {
    const char* name;
    const char* arguments;
    const char* summary;
    int (*run)(const Arguments&);
};

const std::vector<CommandEntry>& commands();

} // namespace systolica
