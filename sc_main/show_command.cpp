// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/data_files.h"
#include "base/diagnostics.h"
#include "base/strict_yaml.h"
#include "platforms/reader.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/show.h"
#include "sc_main/show_training.h"
#include "workloads/layer_table.h"
#include "workloads/reader.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace systolica {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Bundled names tell; a file is a workload when it is no YAML, or YAML with a list of operators.
bool is_workload(const std::string& name) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(name, error)) {
        const std::vector<std::string> platforms = bundled_names("platforms");
        const std::vector<std::string> workloads = bundled_names("workloads");
        if (contains(platforms, name) || contains(workloads, name)) {
            return contains(workloads, name);
        }
        std::vector<std::string> all = platforms;
        all.insert(all.end(), workloads.begin(), workloads.end());
        throw InputError({name, 0, 0}, "",
                         "expected a platform or workload file or a bundled name, got '" + name + "'" +
                             suggestion(name, all));
    }
    const std::string extension = std::filesystem::path(name).extension().string();
    if (extension != ".yaml" && extension != ".yml") {
        return true;
    }
    return parse_yaml_file(name).find("operators") != nullptr;
}

} // namespace

int show_command(const Arguments& arguments) {
    CommandLine line("show", "PLATFORM|WORKLOAD", 1, 1,
                     "Prints what was understood: parts, peak TOPS, bandwidths and capacities of a platform; layers,\n"
                     "shapes, MACs and parameters of a workload, or the operations of one training iteration.");
    line.list("set", "KEY=VALUE", "platform: overrides a key; repeatable");
    line.option("batch", "N", "workload: samples at once (1)");
    line.option("mode", "inference|training", "workload: the forward pass, or an iteration of training");
    line.flag("csv", "workload: one row a layer (training: an operation), for scripts");
    add_training_options(line);
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::string& name = line.positionals()[0];
    const std::uint64_t batch = line.number("batch", 1, 1'000'000, 1);
    const bool training = line.choice("mode", {"inference", "training"}) == "training";
    std::string training_option;
    if (!training && has_training_options(line, training_option)) {
        line.refuse("--" + training_option + ": expected with --mode training, got without");
    }
    if (!is_workload(name)) {
        for (const char* option : {"csv", "batch", "mode"}) {
            if (line.has(option)) {
                line.refuse(std::string("--") + option + ": expected with a workload, got the platform '" + name + "'");
            }
        }
        print_platform(std::cout, read_platform(name, line.texts("set")));
        return kDone;
    }
    if (line.has("set")) {
        line.refuse("--set: expected with a platform, got the workload '" + name + "'");
    }
    const Graph graph = read_workload(name, batch);
    if (training) {
        show_training(std::cout, line, graph);
    } else if (line.has("csv")) {
        std::cout << forward_csv(graph);
    } else {
        print_workload(std::cout, graph);
    }
    return kDone;
}

} // namespace systolica
