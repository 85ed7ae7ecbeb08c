// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Every key that a platform file may hold. The reader, `list params`, the JSON Schema and the table in
// docs/platforms.md all come from this one table.
#pragma once

#include <string>
#include <vector>

#include "platforms/key.h"

namespace systolica {

const std::vector<Key>& key_table(); // in the order of a platform file
const Key* find_key(const std::string& path);

// Names directly below a path ("" is the top), in table order; empty for a key and for what is no key at all.
std::vector<std::string> keys_below(const std::string& path);

// One line for a path that holds other keys, e.g. chip.noc.
std::string group_description(const std::string& path);

// The cost of a vector kernel may be a bare number instead of a map: its per_element.
bool takes_bare_number(const std::string& path);
constexpr const char* kBareNumberKey = "per_element";

std::string default_text(const Key& key); // "32"; "" where there is none

// A line of `list params`.
struct ParamRow {
    std::string key, unit, range, standard, description; // standard: the default
};

std::vector<ParamRow> param_rows();

// The table of docs/platforms.md.
std::string param_markdown();

} // namespace systolica
