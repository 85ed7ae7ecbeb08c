// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a run of the program leaves in its result folder, for tests that look at all of it.
#pragma once

#include "program.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace systolica {

// A CSV text whose first line names the columns. Cells hold no commas or quotes.
class CsvTable {
public:
    explicit CsvTable(const std::string& text);

    std::size_t rows() const { return cells_.size(); }
    const std::string& text(std::size_t row, const std::string& column) const;
    std::uint64_t number(std::size_t row, const std::string& column) const;
    std::uint64_t sum(const std::string& column) const;

private:
    std::map<std::string, std::size_t> columns_;
    std::vector<std::vector<std::string>> cells_;
};

struct RunFiles {
    nlohmann::ordered_json summary; // without `host`
    nlohmann::ordered_json host;
    std::string layers_text, stats_text;
    CsvTable layers{""};

    std::uint64_t cycles() const { return summary["cycles"].get<std::uint64_t>(); }
    std::uint64_t dram_bytes() const;
};

// `systolica run ARGUMENTS --out ..`; throws (which fails the test) with the program's message unless it exits with 0.
RunFiles run_files(const std::string& arguments);

// Cycles alone.
std::uint64_t run_cycles(const std::string& arguments);

// Lines of stdout, e.g. of `list platforms`.
std::vector<std::string> output_lines(const std::string& arguments);

} // namespace systolica
