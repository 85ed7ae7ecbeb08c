// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The statistics tree: named nodes in a fixed order, leaves with a value and a unit. Blocks fill it when a run ends;
// stats.json is its printout.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include <nlohmann/json_fwd.hpp>

namespace systolica {

class Statistics {
public:
    using Value = std::variant<std::uint64_t, double, std::string>;

    Statistics& child(const std::string& name); // made on first use
    void set(const std::string& name, std::uint64_t value, const std::string& unit);
    void set(const std::string& name, double value, const std::string& unit);
    void set(const std::string& name, const std::string& value, const std::string& unit);

    nlohmann::ordered_json json() const; // {"name": {"value": 1, "unit": "cycles"}, "child": {...}}

private:
    struct Leaf {
        Value value;
        std::string unit;
    };

    std::map<std::string, Leaf> leaves_;
    std::map<std::string, Statistics> children_;
};

} // namespace systolica
