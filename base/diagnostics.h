// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What is wrong with a user's input, and where. Problems are collected, so that all of them can be shown at once;
// readers throw InputError once they cannot go on or have finished with problems.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace systolica {

// A place in an input file; line and column count from 1, 0 means unknown (whole file, or a command-line option).
struct Location {
    std::string file;
    int line = 0;
    int column = 0;

    std::string text() const; // "file:line:column", shorter where parts are unknown
};

struct Problem {
    Location where;
    std::string key;     // dotted path, e.g. tile.pe_array.rows; empty for syntax errors
    std::string message; // "expected ..., got ..."

    std::string text() const; // one line: "file:line:column: key: message"
};

class Problems {
public:
    void add(Location where, std::string key, std::string message);

    bool empty() const { return list_.empty(); }
    const std::vector<Problem>& list() const { return list_; }
    std::string text() const; // one line a problem

private:
    std::vector<Problem> list_;
};

// Bad platform, workload or trace input: the user's fault, exit code 3.
class InputError : public std::runtime_error {
public:
    explicit InputError(Problems problems);
    InputError(Location where, std::string key, std::string message);

    const Problems& problems() const { return problems_; }

private:
    Problems problems_;
};

// The candidate nearest to `name` by edit distance, or "" when none is near enough to be what was meant.
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

// " (did you mean 'rows'?)" or "".
std::string suggestion(const std::string& name, const std::vector<std::string>& candidates);

} // namespace systolica
