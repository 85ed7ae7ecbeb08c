// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "acceptance_run.h"

#include <sstream>
#include <stdexcept>

namespace systolica {

namespace {

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) {
        cells.push_back(cell);
    }
    return cells;
}

Outcome run_program(const Program& program, const std::string& arguments) {
    Outcome outcome = program.run(arguments);
    if (outcome.code != 0) {
        throw std::runtime_error("'systolica " + arguments + "' ended with code " + std::to_string(outcome.code) +
                                 ": " + outcome.err);
    }
    return outcome;
}

} // namespace

CsvTable::CsvTable(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!columns_.empty()) {
            cells_.push_back(split(line));
            continue;
        }
        for (const std::string& name : split(line)) {
            columns_.emplace(name, columns_.size());
        }
    }
}

const std::string& CsvTable::text(std::size_t row, const std::string& column) const {
    return cells_.at(row).at(columns_.at(column));
}

std::uint64_t CsvTable::number(std::size_t row, const std::string& column) const {
    return std::stoull(text(row, column));
}

std::uint64_t CsvTable::sum(const std::string& column) const {
    std::uint64_t total = 0;
    for (std::size_t row = 0; row < rows(); ++row) {
        total += number(row, column);
    }
    return total;
}

std::uint64_t RunFiles::dram_bytes() const {
    return summary["dram"]["read_bytes"].get<std::uint64_t>() + summary["dram"]["write_bytes"].get<std::uint64_t>();
}

RunFiles run_files(const std::string& arguments) {
    const Program program;
    const Outcome outcome = run_program(program, "run " + arguments + " --out r --quiet --no-progress");
    if (!outcome.err.empty()) {
        throw std::runtime_error("'systolica run " + arguments + "' said on stderr: " + outcome.err);
    }
    RunFiles files;
    files.summary = nlohmann::ordered_json::parse(program.folder().read("r/summary.json"));
    files.host = files.summary.at("host");
    files.summary.erase("host");
    files.layers_text = program.folder().read("r/layers.csv");
    files.stats_text = program.folder().read("r/stats.json");
    files.layers = CsvTable(files.layers_text);
    return files;
}

std::uint64_t run_cycles(const std::string& arguments) {
    const Outcome outcome = run_program(Program(), "run " + arguments + " --json --no-progress");
    return nlohmann::ordered_json::parse(outcome.out).at("cycles").get<std::uint64_t>();
}

std::vector<std::string> output_lines(const std::string& arguments) {
    std::istringstream text(run_program(Program(), arguments).out);
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace systolica
