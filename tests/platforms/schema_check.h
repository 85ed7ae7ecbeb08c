// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A checker of the part of JSON Schema that platform_schema() uses, written without the key table.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/strict_yaml.h"

namespace systolica {

// A YAML tree as JSON, plain scalars typed as YAML 1.2's core schema does.
nlohmann::json to_json(const YamlNode& node);

// One text for each place where `value` breaks `schema`.
std::vector<std::string> schema_errors(const nlohmann::json& schema, const nlohmann::json& value,
                                       const std::string& path = "");

} // namespace systolica
