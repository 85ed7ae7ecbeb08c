// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/reader.h"

#include <algorithm>
#include <filesystem>

#include "base/data_files.h"
#include "base/strict_yaml.h"
#include "platforms/cross_checks.h"
#include "platforms/dram_part_reader.h"
#include "platforms/key_reader.h"
#include "platforms/noc_places.h"
#include "platforms/simdit_checks.h"

namespace systolica {

namespace fs = std::filesystem;

namespace {

constexpr std::ptrdiff_t kDeepestKey = 16; // dots; more than any key has

void append(Problems& to, const Problems& from) {
    for (const Problem& problem : from.list()) {
        to.add(problem.where, problem.key, problem.message);
    }
}

bool looks_like_path(const std::string& name) {
    return name.find('/') != std::string::npos || fs::path(name).has_extension();
}

// A file that another file names: relative to that one, or bundled. "" with a problem when there is none.
std::string find_named(const std::string& name, const fs::path& beside, const std::string& folder, const char* what,
                       const Location& where, const std::string& key, Problems& problems) {
    std::error_code error;
    const fs::path relative = (beside / name).lexically_normal();
    if (looks_like_path(name) && fs::exists(relative, error)) {
        return relative.string();
    }
    const fs::path bundled = fs::path(data_root()) / folder / (name + ".yaml");
    if (name.find('/') == std::string::npos && fs::is_regular_file(bundled, error)) {
        return bundled.string();
    }
    problems.add(where, key,
                 std::string("expected a ") + what + " file or the name of a bundled one, got '" + name + "'" +
                     suggestion(name, bundled_names(folder)));
    return "";
}

class PlatformReader {
public:
    PlatformReader() : keys_(platform_, problems_) {}

    Platform read(const std::string& name_or_path, const std::vector<std::string>& sets) {
        platform_.file = resolve_file(name_or_path, "platforms", "platform");
        read_files();
        for (const std::string& set : sets) {
            apply_set(set);
        }
        take_vector_costs();
        complete_simdit(platform_);
        complete_noc(platform_);
        if (complete_) {
            read_part();
            const auto failed = [this](const std::string& key) {
                return keys_.failed(key) || (!part_known_ && key == "chip.dram.part");
            };
            check_platform(platform_, failed, problems_);
        }
        if (!problems_.empty()) {
            throw InputError(problems_);
        }
        attach_by_default(platform_);
        return platform_;
    }

private:
    void read_files() {
        std::vector<YamlNode> files; // the user's first, its base next
        std::vector<std::string> chain;
        for (std::string path = platform_.file; !path.empty();) {
            chain.push_back(path);
            try {
                files.push_back(parse_yaml_file(path));
            } catch (const InputError& error) {
                append(problems_, error.problems());
                complete_ = false;
                break;
            }
            path = base_of(files.back(), chain);
        }
        for (auto file = files.rbegin(); file != files.rend(); ++file) {
            keys_.apply(*file, ++layer_);
        }
        // A platform does not inherit the name of its base.
        if (files.empty() || files.front().find("name") == nullptr) {
            platform_.name = fs::path(platform_.file).stem().string();
            platform_.origins.erase("name");
        }
    }

    std::string base_of(const YamlNode& file, const std::vector<std::string>& chain) {
        const YamlNode* node = file.find("base");
        if (node == nullptr || node->kind != YamlNode::Kind::scalar || node->text.empty()) {
            complete_ = complete_ && node == nullptr; // what is no text at all is refused with the other keys
            return "";
        }
        std::string path = find_named(node->text, fs::path(chain.back()).parent_path(), "platforms", "platform",
                                      node->where, "base", problems_);
        if (path.empty()) {
            complete_ = false;
            return "";
        }
        std::string text;
        bool cycle = false;
        for (const std::string& earlier : chain) {
            std::error_code error;
            cycle = cycle || fs::equivalent(earlier, path, error);
            text += earlier + " -> ";
        }
        if (cycle) {
            problems_.add(node->where, "base", "expected a chain of bases that ends, got " + text + path);
            complete_ = false;
            return "";
        }
        return path;
    }

    // A table brings all costs but those that were given with it or after it.
    void take_vector_costs() {
        const auto named = platform_.origins.find("tile.vector_unit.cost_table");
        if (named == platform_.origins.end()) {
            return;
        }
        VectorUnitConfig& unit = platform_.chip.tile.vector_unit;
        const auto table = vector_costs(unit.cost_table);
        for (std::size_t kernel = 1; kernel < kVectorKernels; ++kernel) {
            const std::string path =
                std::string("tile.vector_unit.costs.") + vector_kernel_name(static_cast<VectorKernel>(kernel));
            const auto given = [&](const char* part) {
                const auto origin = platform_.origins.find(path + part);
                return origin != platform_.origins.end() && origin->second.layer >= named->second.layer;
            };
            VectorCost& cost = unit.costs[kernel];
            cost.per_tap = given(".per_tap") ? cost.per_tap : table[kernel].per_tap;
            cost.per_element = given(".per_element") ? cost.per_element : table[kernel].per_element;
        }
    }

    void apply_set(const std::string& set) {
        const Location where{"--set " + set, 0, 0};
        const std::size_t equals = set.find('=');
        if (equals == std::string::npos || equals == 0) {
            problems_.add(where, "", "expected KEY=VALUE, got '" + set + "'");
            return;
        }
        const std::string key = set.substr(0, equals);
        if (std::count(key.begin(), key.end(), '.') > kDeepestKey) {
            problems_.add(where, "", "expected a known key, got '" + key + "'");
            return;
        }
        if (key == "base") {
            problems_.add(where, key,
                          "expected a key other than base, got 'base' (give the base as the platform itself)");
            return;
        }
        const std::string value = set.substr(equals + 1);
        YamlNode node;
        try {
            node = parse_yaml_text(value, where.file);
        } catch (const InputError&) {
            problems_.add(where, key, "expected a YAML value, got '" + value + "'");
            return;
        }
        place(node, where);
        keys_.apply(nested(key, std::move(node), where), ++layer_);
    }

    static void place(YamlNode& node, const Location& where) {
        node.where = where;
        for (YamlNode& item : node.items) {
            place(item, where);
        }
        for (YamlEntry& entry : node.entries) {
            entry.where = where;
            place(entry.value, where);
        }
    }

    // a.b.c=1 as the map {a: {b: {c: 1}}}.
    static YamlNode nested(const std::string& key, YamlNode node, const Location& where) {
        std::size_t end = key.size();
        while (true) {
            const std::size_t dot = end == 0 ? std::string::npos : key.rfind('.', end - 1);
            const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
            YamlNode map;
            map.kind = YamlNode::Kind::map;
            map.where = where;
            map.entries.push_back({key.substr(begin, end - begin), where, std::move(node)});
            node = std::move(map);
            if (dot == std::string::npos) {
                return node;
            }
            end = dot;
        }
    }

    void read_part() {
        const auto origin = platform_.origins.find("chip.dram.part");
        const bool given = origin != platform_.origins.end();
        const Location where = given ? origin->second.where : Location{platform_.file, 0, 0};
        // Names in `--set` are relative to where the command runs.
        const fs::path beside = where.line > 0 ? fs::path(where.file).parent_path() : fs::path();
        if (keys_.failed("chip.dram.part")) {
            return;
        }
        const std::string path = find_named(platform_.chip.dram.part.name, beside, "platforms/parts", "part", where,
                                            "chip.dram.part", problems_);
        if (path.empty()) {
            return;
        }
        try {
            const std::size_t before = problems_.list().size();
            platform_.chip.dram.part = read_dram_part(path, problems_);
            part_known_ = problems_.list().size() == before;
        } catch (const InputError& error) {
            append(problems_, error.problems());
        }
    }

    Platform platform_ = default_platform();
    Problems problems_;
    KeyReader keys_;
    unsigned layer_ = 0;
    bool complete_ = true;    // every file of the chain was read
    bool part_known_ = false; // the DRAM part was read without problems
};

} // namespace

Platform read_platform(const std::string& name_or_path, const std::vector<std::string>& sets) {
    return PlatformReader().read(name_or_path, sets);
}

} // namespace systolica
