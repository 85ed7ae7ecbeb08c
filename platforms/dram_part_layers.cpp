// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_part_layers.h"

#include <algorithm>
#include <filesystem>

#include "base/data_files.h"

namespace systolica {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolder = "platforms/parts";

// A file beside the one that names it, or a bundled part. "" with a problem when there is neither.
std::string base_path(const YamlNode& name, const std::vector<std::string>& chain, Problems& problems) {
    std::error_code error;
    std::string text;
    if (!read_text(name, "base", text, problems)) {
        return "";
    }
    const fs::path beside = (fs::path(chain.back()).parent_path() / text).lexically_normal();
    const fs::path bundled =
        text.find('/') == std::string::npos ? fs::path(data_root()) / kFolder / (text + ".yaml") : fs::path();
    const fs::path& path = fs::is_regular_file(beside, error) ? beside : bundled;
    if (!fs::is_regular_file(path, error)) {
        problems.add(name.where, "base",
                     "expected a part file or the name of a bundled one, got '" + text + "'" +
                         suggestion(text, bundled_names(kFolder)));
        return "";
    }
    std::string names;
    bool cycle = false;
    for (const std::string& earlier : chain) {
        cycle = cycle || fs::equivalent(earlier, path, error);
        names += earlier + " -> ";
    }
    if (cycle) {
        problems.add(name.where, "base", "expected a chain of bases that ends, got " + names + path.string());
        return "";
    }
    return path.string();
}

bool has(const YamlNode& map, const std::string& key) {
    return map.find(key) != nullptr;
}

} // namespace

std::optional<YamlNode> read_part_layers(const std::string& path, Problems& problems) {
    std::vector<std::string> chain{path};
    std::optional<YamlNode> part; // of the files so far
    while (true) {
        YamlNode file = parse_yaml_file(chain.back());
        if (file.kind != YamlNode::Kind::map) {
            problems.add(file.where, "",
                         "expected the keys of a DRAM part (name, data_rate_mtps, ...), got " + file.described());
            return std::nullopt;
        }
        const YamlNode* base = file.find("base");
        const std::string next = base == nullptr ? "" : base_path(*base, chain, problems);
        if (base != nullptr && next.empty()) {
            return std::nullopt;
        }
        if (!part) {
            part = std::move(file);
        } else {
            std::copy_if(file.entries.begin(), file.entries.end(), std::back_inserter(part->entries),
                         [&](const YamlEntry& entry) { return entry.key != "name" && !has(*part, entry.key); });
        }
        if (next.empty()) {
            return part;
        }
        chain.push_back(next);
    }
}

} // namespace systolica
