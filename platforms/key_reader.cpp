// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key_reader.h"

namespace systolica {

namespace {

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

// Keys elsewhere that end in this name: the usual slip is a key at the wrong depth.
std::string found_elsewhere(const std::string& name) {
    std::string out;
    for (const Key& key : key_table()) {
        const std::size_t dot = key.path.rfind('.');
        if (dot != std::string::npos && key.path.compare(dot + 1, std::string::npos, name) == 0) {
            out += (out.empty() ? "" : " or ") + ("'" + key.path + "'");
        }
    }
    // A name that many groups share says nothing.
    return out.empty() || out.size() > 100 ? "" : " (did you mean " + out + "?)";
}

bool holds(const std::string& group, const std::string& key) {
    return key == group ||
           (key.size() > group.size() && key.compare(0, group.size(), group) == 0 && key[group.size()] == '.');
}

// A value that is missing has no place of its own: YAML finds its end on some later line.
const Location& place_of(const YamlEntry& entry) {
    return entry.value.kind == YamlNode::Kind::null ? entry.where : entry.value.where;
}

} // namespace

void KeyReader::apply(const YamlNode& root, unsigned layer) {
    layer_ = layer;
    if (root.kind != YamlNode::Kind::map) {
        problems_.add(root.where, "",
                      "expected platform keys (" + listed(keys_below("")) + "), got " + root.described());
        return;
    }
    read_map(root, "");
}

bool KeyReader::failed(const std::string& key) const {
    for (const std::string& group : failed_) {
        if (holds(group, key)) {
            return true;
        }
    }
    return false;
}

void KeyReader::read_map(const YamlNode& map, const std::string& path) {
    const std::vector<std::string> names = keys_below(path);
    for (const YamlEntry& entry : map.entries) {
        bool known = false;
        for (const std::string& name : names) {
            known = known || name == entry.key;
        }
        if (known) {
            read_entry(entry, path.empty() ? entry.key : path + "." + entry.key);
        } else {
            refuse_unknown(entry, path);
        }
    }
}

void KeyReader::read_entry(const YamlEntry& entry, const std::string& path) {
    if (const Key* key = find_key(path)) {
        store(*key, entry);
        return;
    }
    const bool bare = takes_bare_number(path);
    if (entry.value.kind == YamlNode::Kind::map) {
        read_map(entry.value, path);
    } else if (bare && entry.value.kind == YamlNode::Kind::scalar) {
        store(*find_key(path + "." + kBareNumberKey), entry);
    } else {
        problems_.add(place_of(entry), path,
                      std::string("expected ") + (bare ? "a number or " : "") + "a map (" + listed(keys_below(path)) +
                          "), got " + entry.value.described());
        failed_.push_back(path);
    }
}

void KeyReader::refuse_unknown(const YamlEntry& entry, const std::string& group) {
    const std::string prefix = group.empty() ? "" : group + ".";
    const std::string near = nearest_name(entry.key, keys_below(group));
    if (!near.empty()) {
        failed_.push_back(prefix + near); // most likely meant, so its value is not known
    }
    problems_.add(entry.where, prefix + entry.key,
                  "expected a known key, got '" + entry.key + "'" +
                      (near.empty() ? found_elsewhere(entry.key) : " (did you mean '" + near + "'?)"));
}

void KeyReader::store(const Key& key, const YamlEntry& entry) {
    YamlNode node = entry.value;
    node.where = place_of(entry);
    KeyValue value;
    if (!read_value(key, node, value, problems_)) {
        failed_.push_back(key.path);
        return;
    }
    key.store(platform_, value);
    platform_.origins[key.path] = {node.where, layer_};
}

} // namespace systolica
