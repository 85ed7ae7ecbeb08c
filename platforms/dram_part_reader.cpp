// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_part_reader.h"

#include <sstream>

#include "platforms/dram_part_checks.h"
#include "platforms/dram_part_keys.h"
#include "platforms/dram_part_layers.h"

namespace systolica {

namespace {

const std::vector<std::string> kStandards{"lpddr4", "lpddr5"};

const char* name_of(DramStandard standard) {
    return standard == DramStandard::lpddr4 ? "lpddr4" : "lpddr5";
}

class PartReader {
public:
    PartReader(const YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

    DramPart read() {
        refuse_unknown_keys(root_, "", known_keys(), problems_);
        if (const YamlNode* node = required(root_, "", "name")) {
            complete_ = read_text(*node, "name", part_.name, problems_) && complete_;
        }
        read_standard();
        read_real(root_, "", "data_rate_mtps", kSlowestMtps, kFastestMtps, part_.data_rate_mtps);
        read_whole("rows", 1, kMostRows, part_.rows);
        read_whole("refi", 1, kMostRefi, part_.refi);
        for (const DramPartKey& key : dram_part_keys()) {
            if (key.belongs_to(part_.standard)) {
                read(key);
            } else if (standard_known_) {
                refuse_foreign(key);
            }
        }
        if (part_.standard == DramStandard::lpddr4) { // one bank group
            part_.bank_groups = 1;
            part_.ccd_l = part_.ccd;
            part_.wtr_l = part_.wtr;
            part_.wck_post = 0;
        } else {
            part_.dqsck = 0;
            part_.wpre = 0;
        }
        read_currents();
        if (complete_) {
            check_dram_part(part_,
                            [this](const std::string& key, const std::string& expected) { refuse(key, expected); });
        }
        return part_;
    }

private:
    static std::vector<std::string> known_keys() {
        std::vector<std::string> known{"name", "base", "standard", "data_rate_mtps", "rows", "refi", "currents"};
        for (const DramPartKey& key : dram_part_keys()) {
            known.emplace_back(key.name);
        }
        return known;
    }

    static std::string joined(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }

    const YamlNode* required(const YamlNode& map, const std::string& path, const std::string& key) {
        Location where = map.where;
        for (const YamlEntry& entry : map.entries) {
            if (entry.key == key && entry.value.kind != YamlNode::Kind::null) {
                return &entry.value;
            }
            where = entry.key == key ? entry.where : where;
        }
        problems_.add(where, joined(path, key),
                      "expected a value for each key of a " +
                          std::string(path.empty() ? "DRAM part" : "current table") + ", got nothing");
        complete_ = false;
        return nullptr;
    }

    void read_standard() {
        std::string text;
        const YamlNode* node = required(root_, "", "standard");
        standard_known_ = node != nullptr && read_choice(*node, "standard", kStandards, text, problems_);
        complete_ = complete_ && standard_known_;
        part_.standard = text == "lpddr5" ? DramStandard::lpddr5 : DramStandard::lpddr4;
    }

    void read_real(const YamlNode& map, const std::string& path, const std::string& key, double least, double most,
                   double& value) {
        const YamlNode* node = required(map, path, key);
        complete_ =
            node != nullptr && read_number(*node, joined(path, key), least, most, value, problems_) && complete_;
    }

    bool read_whole(const char* key, std::uint64_t least, std::uint64_t most, std::uint64_t& value) {
        const YamlNode* node = required(root_, "", key);
        const bool legal = node != nullptr && read_unsigned(*node, key, least, most, value, problems_);
        complete_ = complete_ && legal;
        return legal;
    }

    void read(const DramPartKey& key) {
        std::uint64_t value = 0;
        if (!standard_known_ && key.standards != DramPartKey::For::all) {
            return;
        }
        if (!read_whole(key.name, key.least, key.most, value)) {
            return;
        }
        if (key.power_of_two && (value & (value - 1)) != 0) {
            refuse(key.name, "expected a power of two");
            complete_ = false;
        }
        part_.*key.field = static_cast<unsigned>(value);
    }

    void refuse_foreign(const DramPartKey& key) {
        for (const YamlEntry& entry : root_.entries) {
            if (entry.key == key.name && entry.value.kind != YamlNode::Kind::null) {
                const DramStandard other =
                    part_.standard == DramStandard::lpddr4 ? DramStandard::lpddr5 : DramStandard::lpddr4;
                problems_.add(entry.where, key.name,
                              std::string("expected this key only with standard: ") + name_of(other) +
                                  ", got it with standard: " + name_of(part_.standard));
                complete_ = false;
            }
        }
    }

    // All of the table, or none of it.
    void read_currents() {
        const YamlNode* table = root_.find("currents");
        if (table == nullptr || table->kind == YamlNode::Kind::null ||
            (table->kind == YamlNode::Kind::scalar && table->text == "none")) {
            return;
        }
        if (!is_map(*table, "currents", "idd0, idd2n, ... or none")) {
            return;
        }
        std::vector<std::string> rails, known;
        DramCurrents currents;
        for (const DramRailKey& rail : dram_rail_keys()) {
            rails.emplace_back(rail.name);
            read_real(*table, "currents", rail.name, kLeastVolts, kMostVolts, currents.*rail.volts);
        }
        known = rails;
        for (const DramCurrentKey& key : dram_current_keys()) {
            known.emplace_back(key.name);
            const YamlNode* node = required(*table, "currents", key.name);
            const std::string path = joined("currents", key.name);
            if (node == nullptr || !is_map(*node, path, "vdd1, vdd2, vddq")) {
                continue;
            }
            refuse_unknown_keys(*node, path, rails, problems_);
            for (const DramRailKey& rail : dram_rail_keys()) {
                read_real(*node, path, rail.name, 0, kMostMilliamps, currents.*key.field.*rail.milliamps);
            }
        }
        refuse_unknown_keys(*table, "currents", known, problems_);
        part_.currents = currents;
    }

    bool is_map(const YamlNode& node, const std::string& path, const std::string& keys) {
        if (node.kind == YamlNode::Kind::map) {
            return true;
        }
        problems_.add(node.where, path, "expected a map (" + keys + "), got " + node.described());
        complete_ = false;
        return false;
    }

    void refuse(const std::string& key, const std::string& expected) {
        const YamlNode* node = &root_;
        std::istringstream path(key);
        for (std::string name; std::getline(path, name, '.');) {
            node = node->find(name);
        }
        problems_.add(node->where, key, expected + ", got " + node->described());
    }

    const YamlNode& root_;
    Problems& problems_;
    DramPart part_;
    bool standard_known_ = false;
    bool complete_ = true; // every value is there and in range
};

std::string range_text(const DramPartKey& key) {
    return (key.power_of_two ? "power of two " : "") + std::to_string(key.least) + ".." + std::to_string(key.most);
}

} // namespace

std::vector<DramPartRow> dram_part_rows() {
    std::vector<DramPartRow> rows{
        {"name", "", "text", "all", "what reports call the part"},
        {"standard", "", "lpddr4 \\| lpddr5", "all", "LPDDR4X is lpddr4, LPDDR5X is lpddr5"},
        {"data_rate_mtps", "MT/s", "1..100000", "all", "data beats a second on one pin, in millions"},
        {"rows", "rows", "1.." + std::to_string(kMostRows), "all", "rows of a bank"},
        {"refi", "CK", "1.." + std::to_string(kMostRefi), "all", "tREFI: average time between all-bank refreshes"},
    };
    for (const DramPartKey& key : dram_part_keys()) {
        const bool all = key.standards == DramPartKey::For::all;
        const bool lpddr4 = key.belongs_to(DramStandard::lpddr4);
        rows.push_back(
            {key.name, key.unit, range_text(key), all ? "all" : (lpddr4 ? "lpddr4" : "lpddr5"), key.description});
    }
    for (const DramRailKey& key : dram_rail_keys()) {
        rows.push_back({std::string("currents.") + key.name, "V", "0.1..5", "all", "supply voltage of the rail"});
    }
    for (const DramCurrentKey& key : dram_current_keys()) {
        rows.push_back(
            {std::string("currents.") + key.name, "mA", "map of vdd1, vdd2, vddq: 0..100000", "all", key.description});
    }
    return rows;
}

DramPart read_dram_part(const std::string& path, Problems& problems) {
    const std::optional<YamlNode> root = read_part_layers(path, problems);
    return root ? PartReader(*root, problems).read() : DramPart{};
}

} // namespace systolica
