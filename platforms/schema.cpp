// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/schema.h"

#include <nlohmann/json.hpp>

#include "platforms/key_table.h"

namespace systolica {

namespace {

using Json = nlohmann::ordered_json;

struct ValueJson {
    template <class Value>
    Json operator()(const Value& held) const {
        return Json(held);
    }
    Json operator()(const std::vector<NocLink>&) const { return Json::array(); } // the default has none
};

Json value_json(const KeyValue& value) {
    return std::visit(ValueJson(), value);
}

Json link_schema(const Key& key) {
    const auto number = [](std::uint64_t least, std::uint64_t most) {
        return Json{{"type", "integer"}, {"minimum", least}, {"maximum", most}};
    };
    const auto router = number(0, static_cast<std::uint64_t>(key.most));
    Json schema{{"type", "object"}, {"additionalProperties", false}};
    schema["required"] = {"from", "to"};
    schema["properties"] = {{"from", router},
                            {"to", router},
                            {"width_bytes", number(1, kMostLinkBytes)},
                            {"latency_cycles", number(1, kMostLinkCycles)},
                            {"one_way", {{"type", "boolean"}}}};
    return schema;
}

void add_whole_or_word(const Key& key, Json& schema) {
    const Json number{{"type", "integer"},
                      {"minimum", static_cast<std::uint64_t>(key.least)},
                      {"maximum", static_cast<std::uint64_t>(key.most)}};
    const Json word{{"type", "string"}, {"enum", {key.word}}};
    schema["oneOf"] = {number, word};
}

void add_pairs(const Key& key, Json& schema) {
    const Json end{{"type", "integer"},
                   {"minimum", static_cast<std::uint64_t>(key.least)},
                   {"maximum", static_cast<std::uint64_t>(key.most)}};
    schema["type"] = "array";
    schema["minItems"] = 1;
    schema["items"] = {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", end}};
}

void add_whole(const Key& key, Json& schema) {
    if (!key.word.empty()) {
        add_whole_or_word(key, schema);
        return;
    }
    const auto least = static_cast<std::uint64_t>(key.least);
    const auto most = static_cast<std::uint64_t>(key.most);
    schema["type"] = "integer";
    if (!key.choices.empty()) {
        for (const std::string& choice : key.choices) {
            schema["enum"].push_back(std::stoull(choice));
        }
    } else if (key.power_of_two) {
        for (std::uint64_t value = 1; value <= most; value *= 2) {
            if (value >= least) {
                schema["enum"].push_back(value);
            }
        }
    } else {
        schema["minimum"] = least;
        schema["maximum"] = most;
    }
}

void add_type(const Key& key, Json& schema) {
    switch (key.type) {
    case KeyType::whole:
        add_whole(key, schema);
        break;
    case KeyType::number:
        schema["type"] = "number";
        schema["minimum"] = key.least;
        schema["maximum"] = key.most;
        break;
    case KeyType::boolean:
        schema["type"] = "boolean";
        break;
    case KeyType::text:
        schema["type"] = "string";
        schema["minLength"] = static_cast<std::uint64_t>(key.least);
        schema["maxLength"] = static_cast<std::uint64_t>(key.most);
        break;
    case KeyType::choice:
        schema["type"] = "string";
        schema["enum"] = key.choices;
        break;
    case KeyType::pairs:
        add_pairs(key, schema);
        break;
    case KeyType::routers:
        schema["type"] = "array";
        schema["minItems"] = 1;
        schema["items"] = {{"type", "integer"},
                           {"minimum", static_cast<std::uint64_t>(key.least)},
                           {"maximum", static_cast<std::uint64_t>(key.most)}};
        break;
    case KeyType::links:
        schema["type"] = "array";
        schema["minItems"] = 0;
        schema["items"] = link_schema(key);
        break;
    }
}

Json key_schema(const Key& key) {
    Json schema;
    std::string description = key.description;
    description += key.unit.empty() ? "" : " [" + key.unit + "]";
    description += key.standard.empty() ? "" : "; default: " + key.standard;
    description += key.note.empty() ? "" : " (" + key.note + ")";
    schema["description"] = description;
    add_type(key, schema);
    const KeyValue standard = key.load(default_platform());
    if (key.standard.empty() && !value_text(standard).empty()) {
        schema["default"] = value_json(standard);
    }
    return schema;
}

Json group_schema(const std::string& path) {
    Json schema;
    if (!path.empty()) {
        schema["description"] = group_description(path);
    }
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    for (const std::string& name : keys_below(path)) {
        const std::string below = path.empty() ? name : path + "." + name;
        const Key* key = find_key(below);
        schema["properties"][name] = key != nullptr ? key_schema(*key) : group_schema(below);
    }
    if (!takes_bare_number(path)) {
        return schema;
    }
    Json either;
    either["description"] = schema["description"];
    schema.erase("description");
    either["oneOf"] = {key_schema(*find_key(path + "." + kBareNumberKey)), schema};
    return either;
}

} // namespace

nlohmann::ordered_json platform_schema() {
    Json schema;
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "Systolica platform";
    schema.update(group_schema(""));
    return schema;
}

} // namespace systolica
