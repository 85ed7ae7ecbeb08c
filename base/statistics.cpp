// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/statistics.h"

#include <nlohmann/json.hpp>

namespace systolica {

Statistics& Statistics::child(const std::string& name) {
    return children_[name];
}

void Statistics::set(const std::string& name, std::uint64_t value, const std::string& unit) {
    leaves_[name] = {value, unit};
}

void Statistics::set(const std::string& name, double value, const std::string& unit) {
    leaves_[name] = {value, unit};
}

void Statistics::set(const std::string& name, const std::string& value, const std::string& unit) {
    leaves_[name] = {value, unit};
}

nlohmann::ordered_json Statistics::json() const {
    nlohmann::ordered_json out = nlohmann::ordered_json::object();
    for (const auto& [name, leaf] : leaves_) {
        nlohmann::ordered_json entry;
        std::visit([&](const auto& value) { entry["value"] = value; }, leaf.value);
        entry["unit"] = leaf.unit;
        out[name] = std::move(entry);
    }
    for (const auto& [name, node] : children_) {
        out[name] = node.json();
    }
    return out;
}

} // namespace systolica
