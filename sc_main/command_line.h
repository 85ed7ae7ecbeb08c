// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Options and positional arguments of one command, over Boost.Program_options: the same messages, suggestions and
// --help for every command. Values are read as text and checked here, so that all say "expected ..., got ...".
#pragma once

#include <boost/program_options.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "sc_main/commands.h"

namespace systolica {

class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class CommandLine {
public:
    // `positionals` as in "PLATFORM [WORKLOAD]": `least` to `most` of them.
    CommandLine(std::string command, std::string positionals, std::size_t least, std::size_t most, std::string about);

    // `name` as in "json" or "quiet,q".
    void flag(const std::string& name, const std::string& help);
    void option(const std::string& name, const std::string& placeholder, const std::string& help);
    void list(const std::string& name, const std::string& placeholder, const std::string& help); // repeatable

    // False when --help was asked for (and printed). Throws UsageError.
    bool parse(const Arguments& arguments);

    const std::vector<std::string>& positionals() const { return found_positionals_; }
    bool has(const std::string& name) const;
    std::string text(const std::string& name, const std::string& otherwise = "") const;
    std::vector<std::string> texts(const std::string& name) const;
    std::uint64_t number(const std::string& name, std::uint64_t least, std::uint64_t most,
                         std::uint64_t otherwise) const;
    double positive(const std::string& name, double most) const;                                // above 0
    double fraction(const std::string& name, double otherwise) const;                           // above 0, up to 1
    std::string choice(const std::string& name, const std::vector<std::string>& choices) const; // first: default
    std::uint64_t time_ps(const std::string& name, std::uint64_t otherwise) const;

    [[noreturn]] void refuse(const std::string& message) const; // UsageError that names the command

private:
    void print_help() const;

    std::string command_;
    std::string positionals_form_;
    std::size_t least_;
    std::size_t most_;
    std::string about_;
    boost::program_options::options_description options_;
    boost::program_options::variables_map values_;
    std::vector<std::string> found_positionals_;
};

// A simulated time as a user writes it: a number and ps, ns, us, ms or s. False when it is not one.
bool parse_time_ps(const std::string& text, std::uint64_t& ps);

// `text` without line breaks and control characters.
std::string one_line(const std::string& text);

} // namespace systolica
