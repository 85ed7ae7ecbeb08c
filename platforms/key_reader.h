// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Stores the keys of one layer (a file, or one `--set`) into a Platform, by the key table. Checks each value alone;
// what must hold between values is checked later, when all layers have been applied (cross_checks.h).
#pragma once

#include <string>
#include <vector>

#include "base/strict_yaml.h"
#include "platforms/description.h"
#include "platforms/key_table.h"

namespace systolica {

class KeyReader {
public:
    KeyReader(Platform& platform, Problems& problems) : platform_(platform), problems_(problems) {}

    void apply(const YamlNode& root, unsigned layer);

    // Whether a key is not known because of a problem: it or a group that holds it had one.
    bool failed(const std::string& key) const;

private:
    void read_map(const YamlNode& map, const std::string& path);
    void read_entry(const YamlEntry& entry, const std::string& path);
    void refuse_unknown(const YamlEntry& entry, const std::string& group);
    void store(const Key& key, const YamlEntry& entry);

    Platform& platform_;
    Problems& problems_;
    unsigned layer_ = 0;
    std::vector<std::string> failed_;
};

} // namespace systolica
