// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Platforms that differ in the amount of one thing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systolica {

// The same platform with more and more of something: --set options, from the least to the most.
using HardwareLadder = std::vector<std::string>;

// Keys that take the same values together.
inline HardwareLadder ladder(const std::vector<std::string>& keys, const std::vector<unsigned>& values) {
    HardwareLadder list;
    for (const unsigned value : values) {
        std::string sets;
        for (const std::string& key : keys) {
            sets += " --set " + key + "=" + std::to_string(value);
        }
        list.push_back(sets);
    }
    return list;
}

inline std::vector<std::string> pad_keys(const std::string& key) {
    std::vector<std::string> keys;
    for (const char* pad : {"ifmap", "filter", "ofmap", "vector"}) {
        keys.push_back(std::string("tile.scratchpad.") + pad + "." + key);
    }
    return keys;
}

} // namespace systolica
