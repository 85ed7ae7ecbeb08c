// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A strict reader for the YAML files of users. It keeps the place of every key and value and refuses what yaml-cpp
// lets through silently: duplicate keys, merge keys, aliases, several documents, tags, integers with leading zeros.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostics.h"

namespace systolica {

struct YamlNode;

struct YamlEntry;

struct YamlNode {
    enum class Kind { null, scalar, sequence, map };

    Kind kind = Kind::null;
    Location where;
    std::string text;               // scalar
    bool quoted = false;            // scalar written in quotes: always a string
    std::vector<YamlNode> items;    // sequence
    std::vector<YamlEntry> entries; // map, in file order, keys unique

    const YamlNode* find(const std::string& key) const; // map entry or nullptr
    const char* kind_name() const;                      // "a list", "a map", "text '...'": what messages call it
    std::string described() const;
};

struct YamlEntry {
    std::string key;
    Location where; // of the key
    YamlNode value;
};

// Reads one document. Throws InputError for unreadable files and syntax errors; an empty document is a null node.
// `name` is what messages call the text.
YamlNode parse_yaml_text(const std::string& text, const std::string& name);
YamlNode parse_yaml_file(const std::string& path);

// Scalars by type: false with a problem "expected ..., got ..." when the node does not hold one.
bool read_unsigned(const YamlNode& node, const std::string& key, std::uint64_t least, std::uint64_t most,
                   std::uint64_t& value, Problems& problems);
bool read_number(const YamlNode& node, const std::string& key, double least, double most, double& value,
                 Problems& problems);
bool read_bool(const YamlNode& node, const std::string& key, bool& value, Problems& problems);
bool read_text(const YamlNode& node, const std::string& key, std::string& value, Problems& problems);
bool read_choice(const YamlNode& node, const std::string& key, const std::vector<std::string>& choices,
                 std::string& value, Problems& problems);

// Adds a problem for every entry of `map` whose key is not among `known`, with the nearest known name.
void refuse_unknown_keys(const YamlNode& map, const std::string& path, const std::vector<std::string>& known,
                         Problems& problems);

// The whole of a file; throws InputError when it cannot be read (missing, a folder, no permission).
std::string read_text_file(const std::string& path);

} // namespace systolica
