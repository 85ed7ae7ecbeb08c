// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A value change dump as IEEE 1364-2005, clause 18, has it, read strictly: what is not a well-formed dump of wires in
// picoseconds is a MalformedVcd with the line. Shares nothing with the writer.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace systolica {

struct MalformedVcd : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct VcdSignal {
    struct Change {
        std::uint64_t time_ps;
        std::uint64_t value;
        bool operator==(const Change& other) const { return time_ps == other.time_ps && value == other.value; }
        friend std::ostream& operator<<(std::ostream& out, const Change& change) {
            return out << change.value << " at " << change.time_ps << " ps";
        }
    };

    unsigned width_bits = 0;
    std::vector<Change> changes; // the first is what $dumpvars says; one for each time, the last written

    std::uint64_t at(std::uint64_t time_ps) const;
    bool flat() const;
};

struct VcdFile {
    std::map<std::string, VcdSignal> signals; // by dotted path
    std::uint64_t begin_ps = 0;
    std::uint64_t end_ps = 0;

    const VcdSignal& of(const std::string& path) const; // throws std::out_of_range with the path
    std::map<std::uint64_t, std::uint64_t> time_of_values(const std::string& path) const; // ps spent at each value
};

VcdFile parse_vcd(std::istream& in);
VcdFile read_vcd(const std::string& file);

} // namespace systolica
