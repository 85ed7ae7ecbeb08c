// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "base/diagnostics.h"
#include "base/output_file.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "workloads/onnx/onnx_reader.h"
#include "workloads/yaml_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace systolica {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "# Made by systolica convert"; // how a former result is told from a stranger's file

// A new file or a former result; nothing that a user may have written.
void check_destination(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        return;
    }
    std::string first;
    if (fs::is_regular_file(status)) {
        std::ifstream file(path);
        std::getline(file, first);
    }
    if (first.rfind(kMark, 0) != 0) {
        throw OutputRefused("-o: expected a new file or the result of a former conversion, got '" + path +
                            "', which is " + (fs::is_regular_file(status) ? "another file" : "no file"));
    }
}

void write_whole(const std::string& path, const std::string& content) {
    // Through links, so that what they point to is replaced and they stay.
    std::error_code error;
    const fs::path target = fs::weakly_canonical(path, error);
    const std::string destination = error ? path : target.string();
    const std::string temporary = destination + ".partial." + std::to_string(::getpid());
    OutputFile file(temporary, path);
    try {
        file.append(content);
        file.close();
        if (std::rename(temporary.c_str(), destination.c_str()) != 0) {
            throw OutputError(path + ": cannot be written: " + std::strerror(errno));
        }
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

} // namespace

int convert_command(const Arguments& arguments) {
    CommandLine line("convert", "MODEL.onnx", 1, 1,
                     "Writes an ONNX model as native YAML, layer by layer under the names of its nodes.");
    line.option("output,o", "MODEL.yaml", "the file to write: a new one, or one that a conversion made");
    if (!line.parse(arguments)) {
        return kDone;
    }
    const std::string& model = line.positionals()[0];
    const std::string output = line.text("output");
    if (output.empty()) {
        line.refuse("-o: expected a file to write, got nothing");
    }
    const std::string extension = fs::path(output).extension().string();
    if (extension != ".yaml" && extension != ".yml") {
        line.refuse("-o: expected a file that ends in .yaml or .yml, got '" + output + "'");
    }
    check_destination(output);
    const Graph graph = read_onnx(model, 1);
    // The name of the file in one line of comment, whatever it holds.
    write_whole(output, kMark + (" from " + one_line(fs::path(model).filename().string())) +
                            "; a new conversion replaces this file.\n" + native_yaml(graph));
    std::cout << output << ": " << graph.operators.size() << " operators\n";
    return kDone;
}

} // namespace systolica
