// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A key of a platform file as data: what it may hold, and the field of Platform in which it ends.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/strict_yaml.h"
#include "platforms/description.h"

namespace systolica {

enum class KeyType : std::uint8_t {
    whole,   // std::uint64_t
    number,  // double
    boolean, // bool
    text,    // std::string, least..most bytes long
    choice,  // std::string, one of `choices`
    routers, // std::vector<std::uint64_t>, router numbers
    links,   // std::vector<NocLink>
    pairs,   // KeyPairs, a list of pairs of whole numbers
};

// Of one link.
constexpr std::uint64_t kMostLinkBytes = 4096;
constexpr std::uint64_t kMostLinkCycles = 1024;

using KeyPairs = std::vector<std::array<std::uint64_t, 2>>;
using KeyValue =
    std::variant<std::uint64_t, double, bool, std::string, std::vector<std::uint64_t>, std::vector<NocLink>, KeyPairs>;

struct Key {
    std::string path; // dotted, e.g. tile.pe_array.rows
    KeyType type = KeyType::whole;
    std::string unit; // "" where there is none
    double least = 0; // of the value; text: bytes; routers, links: number of a router
    double most = 0;
    bool power_of_two = false;
    std::vector<std::string> choices; // choice; whole: the only legal values, when not empty
    std::string word;                 // whole: what may stand in place of a number, a std::string then
    std::string standard;             // what lists show as default where it is not a plain value
    std::string description;
    std::string note; // added to what a message expects
    std::function<void(Platform&, const KeyValue&)> store;
    std::function<KeyValue(const Platform&)> load;
};

std::string value_text(const KeyValue& value); // as in YAML
std::string range_text(const Key& key);        // "1..4096", "os | ws | is"

// The value of a node by the key's type and range; false with a problem when it is not legal.
bool read_value(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems);

} // namespace systolica
