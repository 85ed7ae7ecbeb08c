// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key_table.h"

#include <algorithm>
#include <utility>

#include "platforms/key_rows.h"

namespace systolica {

namespace {

std::vector<Key> make_table() {
    std::vector<Key> table;
    keys::add_general_keys(table);
    keys::add_tile_keys(table);
    keys::add_noc_keys(table);
    keys::add_chip_keys(table);
    keys::add_system_keys(table);
    keys::add_run_keys(table);
    keys::add_simdit_keys(table);
    return table;
}

// A '|' would end the cell of a Markdown table.
std::string cell(const std::string& text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    return out;
}

} // namespace

Platform default_platform() {
    Platform platform;
    platform.chip.tile.vector_unit.costs = default_vector_costs();
    platform.chip.dram.part.name = "lpddr4-3200";
    return platform;
}

const std::vector<Key>& key_table() {
    static const std::vector<Key> table = make_table();
    return table;
}

const Key* find_key(const std::string& path) {
    for (const Key& key : key_table()) {
        if (key.path == path) {
            return &key;
        }
    }
    return nullptr;
}

std::vector<std::string> keys_below(const std::string& path) {
    const std::string prefix = path.empty() ? "" : path + ".";
    std::vector<std::string> names;
    for (const Key& key : key_table()) {
        if (key.path.compare(0, prefix.size(), prefix) == 0) {
            const std::string rest = key.path.substr(prefix.size());
            const std::string name = rest.substr(0, rest.find('.'));
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
    }
    return names;
}

std::string group_description(const std::string& path) {
    static const std::vector<std::pair<std::string, std::string>> descriptions{
        {"precision", "Widths of the numbers that move and are added"},
        {"tile", "One tile; all tiles of a chip are alike"},
        {"tile.pe_array", "The array of processing elements"},
        {"tile.vector_unit", "The unit for everything that is not a matrix product"},
        {"tile.vector_unit.costs", "Cycles for one vector of lanes, by kernel"},
        {"tile.scratchpad", "The four groups of scratchpad banks"},
        {"tile.dma", "The DMA engine"},
        {"chip", "The chip around the tiles"},
        {"chip.noc", "The network on the chip"},
        {"chip.noc.attach", "Where tiles and DRAM channels sit"},
        {"chip.noc.link", "What all links have in common"},
        {"chip.dram", "The off-chip memory"},
        {"chip.dram.queue", "Depths of the controller's queues"},
        {"system", "Chips and their links"},
        {"system.link", "Every link between chips"},
        {"system.port", "Where a chip's links meet its network and memory"},
        {"mapping", "How a network is laid onto the platform"},
        {"chip.dram.bits_per_cycle", "model: private; width of the interface of each scratchpad"},
        {"simdit", "dataflow: simdit; what its machine has beside the blocks above"},
    };
    for (const auto& [group, description] : descriptions) {
        if (group == path) {
            return description;
        }
    }
    if (path.rfind("tile.scratchpad.", 0) == 0) {
        return "A group of banks; addresses interleave over them every port_bytes";
    }
    return takes_bare_number(path) ? "Cost of this kernel; a bare number is its per_element" : "";
}

bool takes_bare_number(const std::string& path) {
    static const std::string costs = "tile.vector_unit.costs.";
    return path.compare(0, costs.size(), costs) == 0 && find_key(path + "." + kBareNumberKey) != nullptr;
}

std::string default_text(const Key& key) {
    return key.standard.empty() ? value_text(key.load(default_platform())) : key.standard;
}

std::vector<ParamRow> param_rows() {
    std::vector<ParamRow> rows;
    for (const Key& key : key_table()) {
        const std::string note = key.note.empty() ? "" : " (" + key.note + ")";
        rows.push_back({key.path, key.unit, range_text(key), default_text(key), key.description + note});
    }
    return rows;
}

std::string param_markdown() {
    std::string out = "| key | unit | range | default | meaning |\n| --- | --- | --- | --- | --- |\n";
    for (const ParamRow& row : param_rows()) {
        out += "| `" + row.key + "` | " + row.unit + " | " + cell(row.range) + " | " + cell(row.standard) + " | " +
               cell(row.description) + " |\n";
    }
    return out;
}

} // namespace systolica
