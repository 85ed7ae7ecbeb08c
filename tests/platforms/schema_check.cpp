// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "tests/platforms/schema_check.h"

#include <set>
#include <stdexcept>

namespace systolica {

namespace {

using Json = nlohmann::json;
using Errors = std::vector<std::string>;

bool has_type(const std::string& type, const Json& value) {
    if (type == "integer") {
        return value.is_number_integer();
    }
    if (type == "number") {
        return value.is_number();
    }
    return (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
           (type == "array" && value.is_array()) || (type == "object" && value.is_object());
}

void check_object(const Json& schema, const Json& value, const std::string& path, Errors& errors) {
    for (const Json& name : schema.value("required", Json::array())) {
        if (!value.contains(name.get<std::string>())) {
            errors.push_back(path + "." + name.get<std::string>() + ": required");
        }
    }
    for (const auto& [name, held] : value.items()) {
        if (!schema.at("properties").contains(name)) {
            errors.push_back(path + "." + name + ": unknown");
            continue;
        }
        for (const std::string& error : schema_errors(schema.at("properties").at(name), held, path + "." + name)) {
            errors.push_back(error);
        }
    }
}

void check_limits(const Json& schema, const Json& value, const std::string& path, Errors& errors) {
    const bool low = schema.contains("minimum") && value.get<double>() < schema.at("minimum").get<double>();
    const bool high = schema.contains("maximum") && value.get<double>() > schema.at("maximum").get<double>();
    if (low || high) {
        errors.push_back(path + ": range");
    }
}

} // namespace

Json to_json(const YamlNode& node) {
    switch (node.kind) {
    case YamlNode::Kind::null:
        return nullptr;
    case YamlNode::Kind::sequence: {
        Json list = Json::array();
        for (const YamlNode& item : node.items) {
            list.push_back(to_json(item));
        }
        return list;
    }
    case YamlNode::Kind::map: {
        Json map = Json::object();
        for (const YamlEntry& entry : node.entries) {
            map[entry.key] = to_json(entry.value);
        }
        return map;
    }
    case YamlNode::Kind::scalar:
        break;
    }
    const Json typed = node.quoted ? Json(node.text) : Json::parse(node.text, nullptr, false);
    return typed.is_discarded() ? Json(node.text) : typed;
}

Errors schema_errors(const Json& schema, const Json& value, const std::string& path) {
    static const std::set<std::string> known{"$schema",  "title",   "description", "type",      "additionalProperties",
                                             "enum",     "minimum", "maximum",     "minLength", "maxLength",
                                             "items",    "default", "properties",  "oneOf",     "minItems",
                                             "maxItems", "required"};
    for (const auto& [keyword, held] : schema.items()) {
        if (known.count(keyword) == 0) {
            throw std::logic_error("keyword " + keyword + " is not checked here");
        }
    }
    if (schema.contains("oneOf")) {
        int fitting = 0;
        for (const Json& one : schema.at("oneOf")) {
            fitting += schema_errors(one, value, path).empty() ? 1 : 0;
        }
        return fitting == 1 ? Errors{} : Errors{path + ": oneOf"};
    }
    if (!has_type(schema.at("type"), value)) {
        return {path + ": type"};
    }
    Errors errors;
    if (schema.contains("enum")) {
        bool found = false;
        for (const Json& choice : schema.at("enum")) {
            found = found || choice == value;
        }
        if (!found) {
            errors.push_back(path + ": enum");
        }
    }
    if (value.is_number()) {
        check_limits(schema, value, path, errors);
    } else if (value.is_string() && schema.contains("maxLength")) {
        const std::size_t length = value.get<std::string>().size();
        if (length < schema.at("minLength").get<std::size_t>() || length > schema.at("maxLength").get<std::size_t>()) {
            errors.push_back(path + ": length");
        }
    } else if (value.is_object()) {
        check_object(schema, value, path, errors);
    } else if (value.is_array()) {
        if (value.size() < schema.at("minItems").get<std::size_t>() ||
            value.size() > schema.value("maxItems", value.size())) {
            errors.push_back(path + ": items");
        }
        for (const Json& item : value) {
            for (const std::string& error : schema_errors(schema.at("items"), item, path + "[]")) {
                errors.push_back(error);
            }
        }
    }
    return errors;
}

} // namespace systolica
