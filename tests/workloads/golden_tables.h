// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reading the golden tables of workloads.
#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace systolica::test {

inline const std::string kGoldenWorkloads = std::string(SYSTOLICA_TEST_DIR) + "/golden/workloads/";

inline std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line.back() == '\r') { // the reference tables have DOS line ends
            line.pop_back();
        }
        out.push_back(line);
    }
    return out;
}

inline std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) {
        out.push_back(cell);
    }
    return out;
}

} // namespace systolica::test
