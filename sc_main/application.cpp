// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/application.h"

#include "base/diagnostics.h"
#include "base/output_file.h"
#include "sc_main/command_line.h"
#include "sc_main/commands.h"
#include "sc_main/exit_codes.h"

#include <systemc>

#include <exception>
#include <iostream>
#include <string>

namespace systolica {

namespace {

void print_overview() {
    std::cout << "Systolica simulates deep-learning accelerator platforms in SystemC/TLM-2.0.\n\n"
                 "usage: systolica <command> ...\n\n";
    for (const CommandEntry& command : commands()) {
        std::string form = std::string("  ") + command.name + " " + command.arguments;
        form.resize(std::max<std::size_t>(form.size() + 1, 39), ' ');
        std::cout << form << command.summary << "\n";
    }
    std::cout << "\n'systolica <command> --help' explains a command; --version names the versions.\n"
                 "Try: systolica run edge_npu resnet50\n";
}

int dispatch(const Arguments& arguments) {
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
        print_overview();
        return kDone;
    }
    if (arguments[0] == "--version") {
        std::cout << "systolica " SYSTOLICA_VERSION " (SystemC " << sc_core::sc_version_major << "."
                  << sc_core::sc_version_minor << "." << sc_core::sc_version_patch << " "
                  << sc_core::sc_version_originator << ")\n";
        return kDone;
    }
    std::vector<std::string> names{"--help", "--version"};
    for (const CommandEntry& command : commands()) {
        if (arguments[0] == command.name) {
            return command.run({arguments.begin() + 1, arguments.end()});
        }
        names.emplace_back(command.name);
    }
    throw UsageError("expected a command, got '" + arguments[0] + "'" + suggestion(arguments[0], names) +
                     "; 'systolica --help' lists them");
}

// Everything that a user reads is one line a problem, whatever the message held.
int report(const std::string& message, ExitCode code) {
    std::cerr << "systolica: " << one_line(message) << "\n";
    return code;
}

int run_guarded(const Arguments& arguments) {
    try {
        return dispatch(arguments);
    } catch (const UsageError& error) {
        return report(error.what(), kWrongUsage);
    } catch (const OutputRefused& error) {
        return report(error.what(), kWrongUsage);
    } catch (const InputError& error) {
        std::cerr << error.problems().text() << "\n";
        return kBadInput;
    } catch (const OutputError& error) {
        return report(error.what(), kSimulationError);
    } catch (const std::exception& error) { // sc_core::sc_report too
        return report(std::string("internal error: ") + error.what(), kInternalError);
    } catch (...) {
        return report("internal error of an unknown kind", kInternalError);
    }
}

} // namespace

const std::vector<CommandEntry>& commands() {
    static const std::vector<CommandEntry> table{
        {"run", "PLATFORM WORKLOAD", "simulate; prints a headline and a per-layer table", run_command},
        {"check", "PLATFORM [WORKLOAD]", "read and validate only; prints every problem", check_command},
        {"show", "PLATFORM | WORKLOAD", "what was understood of a platform or a workload", show_command},
        {"list", "platforms | workloads | params", "bundled names; every key of a platform file", list_command},
        {"convert", "MODEL.onnx -o MODEL.yaml", "an ONNX model as native YAML", convert_command},
        {"dram", "PLATFORM TRACE", "replay a memory trace through the DRAM controller alone", dram_command},
        {"noc", "PLATFORM", "synthetic or file traffic through the network on the chip alone", noc_command},
        {"schedule", "", "when the steps of a training pipeline run", schedule_command},
        {"scale", "PLATFORM WORKLOAD", "one large array or many small ones for a MAC budget", scale_command},
        {"collective", "PLATFORM", "one collective over the links between chips alone", collective_command},
        {"bench", "", "the simulator's own speed", bench_command},
    };
    return table;
}

int application(int argc, const char* const* argv) {
    const int code = run_guarded({argv + (argc > 0 ? 1 : 0), argv + argc});
    std::cout.flush();
    if (!std::cout && code == kDone) {
        return report("standard output: cannot be written", kSimulationError);
    }
    return code;
}

} // namespace systolica
