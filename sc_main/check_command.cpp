// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "platforms/dram_checks.h"
#include "platforms/simulation.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/inputs.h"

#include <iostream>

namespace systolica {

namespace {

void print_platform_verdict(const Platform& platform) {
    std::cout << "platform " << platform.name << ": no problems\n";
    for (const std::string& note : dram_notes(platform)) {
        std::cout << "note: " << note << "\n";
    }
}

} // namespace

int check_command(const Arguments& arguments) {
    CommandLine line("check", "PLATFORM [WORKLOAD]", 1, 2,
                     "Reads and validates a platform, and a workload if one is named, and prints every problem.");
    line.list("set", "KEY=VALUE", "overrides a key of the platform; repeatable");
    line.option("batch", "N", "samples at once (1)");
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::uint64_t batch = line.number("batch", 1, 1'000'000, 1);
    const auto& names = line.positionals();
    if (names.size() == 1) {
        print_platform_verdict(read_platform(names[0], line.texts("set")));
        return kDone;
    }
    const Inputs inputs = read_inputs(names[0], line.texts("set"), names[1], batch);
    check_mapping(inputs.platform, inputs.workload);
    print_platform_verdict(inputs.platform);
    std::cout << "workload " << inputs.workload.name << ": no problems\n";
    return kDone;
}

} // namespace systolica
