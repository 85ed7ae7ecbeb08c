// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A GTKWave save file: which signals it shows, how, and with which table of names for their values. Reads the lines our
// set-ups are made of (GTKWave 3.3 manual, appendix on save files; flag bits as in its analyzer.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace systolica {

struct ShownSignal {
    std::string path;        // without the range
    unsigned width_bits = 1; // from the range
    std::uint32_t flags = 0;
    std::string table; // file below waves/, empty when values show as numbers
};

struct SaveFile {
    std::vector<ShownSignal> signals;
    std::vector<std::string> problems; // one line each, with their line number; empty when all is well

    bool shows(const std::string& path) const;
};

SaveFile read_save_file(const std::string& file);

// A table of names for values: the value as GTKWave would print it, then its name.
std::map<std::uint64_t, std::string> read_value_table(const std::string& file);

} // namespace systolica
