// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/schema.h"

#include <functional>

#include "base/data_files.h"
#include "platforms/key_table.h"
#include "tests/platforms/platform_files.h"
#include "tests/platforms/schema_check.h"

namespace systolica {
namespace {

using Json = nlohmann::json;

Json schema() {
    return Json::parse(platform_schema().dump());
}

std::vector<std::string> errors_of(const std::string& yaml) {
    return schema_errors(schema(), to_json(parse_yaml_text(yaml, "text")));
}

void for_each_object(const Json& node, const std::function<void(const Json&)>& visit) {
    if (node.is_object() && node.value("type", "") == "object") {
        visit(node);
    }
    for (const Json& below : node) {
        if (below.is_structured()) {
            for_each_object(below, visit);
        }
    }
}

TEST(PlatformSchema, NamesItsDraftAndRefusesUnknownKeysAtEveryLevel) {
    EXPECT_EQ(schema().at("$schema"), "https://json-schema.org/draft/2020-12/schema");
    int objects = 0;
    for_each_object(schema(), [&](const Json& object) {
        EXPECT_EQ(object.at("additionalProperties"), false);
        ++objects;
    });
    // Top, precision, tile, pe_array, vector_unit, costs, scratchpad, dma, chip, noc, link, links, attach, dram, queue,
    // bits_per_cycle, system, system's link and port, mapping, training, simdit; and one for each pad and each kernel.
    EXPECT_EQ(objects, 22 + static_cast<int>(kPads) + static_cast<int>(kVectorKernels) - 1);
}

TEST(PlatformSchema, HoldsEveryKeyWithADescription) {
    for (const Key& key : key_table()) {
        SCOPED_TRACE(key.path);
        Json node = schema();
        std::string rest = key.path;
        while (!rest.empty()) {
            if (node.contains("oneOf")) {
                node = Json(node.at("oneOf").at(1));
            }
            const std::string name = rest.substr(0, rest.find('.'));
            rest = rest.size() == name.size() ? "" : rest.substr(name.size() + 1);
            ASSERT_TRUE(node.at("properties").contains(name));
            node = Json(node.at("properties").at(name));
            EXPECT_TRUE(node.contains("description"));
        }
        EXPECT_FALSE(node.at("description").get<std::string>().empty());
    }
}

TEST(PlatformSchema, DefaultsAreLegal) {
    std::function<void(const Json&)> check = [&](const Json& node) {
        if (node.is_object() && node.contains("default") && node.contains("description")) {
            EXPECT_TRUE(schema_errors(node, node.at("default")).empty()) << node.dump();
        }
        for (const Json& below : node) {
            if (below.is_structured()) {
                check(below);
            }
        }
    };
    check(schema());
}

TEST(PlatformSchema, AcceptsEveryBundledPlatform) {
    for (const std::string& name : bundled_names("platforms")) {
        const Json file = to_json(parse_yaml_file(resolve_file(name, "platforms", "platform")));
        EXPECT_EQ(schema_errors(schema(), file), std::vector<std::string>{}) << name;
    }
}

TEST(PlatformSchema, RefusesWhatTheReaderRefuses) {
    using Errors = std::vector<std::string>;
    EXPECT_EQ(errors_of("clok_mhz: 3"), Errors{".clok_mhz: unknown"});
    EXPECT_EQ(errors_of("clock_mhz: 0.5"), Errors{".clock_mhz: range"});
    EXPECT_EQ(errors_of("clock_mhz: '800'"), Errors{".clock_mhz: type"});
    EXPECT_EQ(errors_of("precision: {weight_bits: 12}"), Errors{".precision.weight_bits: enum"});
    EXPECT_EQ(errors_of("chip: {noc: {flit_bytes: 48}}"), Errors{".chip.noc.flit_bytes: enum"});
    EXPECT_EQ(errors_of("chip: {noc: {attach: {tiles: 0}}}"), Errors{".chip.noc.attach.tiles: type"});
    EXPECT_EQ(errors_of("chip: {noc: {links: [{from: 1, to: 2, width_bytes: 8, one_way: true}]}}"), Errors{});
    EXPECT_EQ(errors_of("chip: {noc: {links: [{from: 1}]}}"), Errors{".chip.noc.links[].to: required"});
    EXPECT_EQ(errors_of("chip: {noc: {links: [{from: 1, to: 2, width: 8}]}}"),
              Errors{".chip.noc.links[].width: unknown"});
    EXPECT_EQ(errors_of("chip: {tiles: 1.5}"), Errors{".chip.tiles: type"});
    EXPECT_EQ(errors_of("tile: {dma: 4}"), Errors{".tile.dma: type"});
    EXPECT_EQ(errors_of("tile: {pe_array: {dataflow: rs}}"), Errors{".tile.pe_array.dataflow: enum"});
    EXPECT_EQ(errors_of("tile: {vector_unit: {costs: {relu: x}}}"), Errors{".tile.vector_unit.costs.relu: oneOf"});
    EXPECT_EQ(errors_of("tile: {vector_unit: {costs: {relu: 2, add: {per_tap: 1}}}}"), Errors{});
    EXPECT_EQ(errors_of("system: {chips: 1025}"), Errors{".system.chips: range"});
    EXPECT_EQ(errors_of("system: {link: {credits: auto}}"), Errors{});
    EXPECT_EQ(errors_of("system: {link: {credits: 0}}"), Errors{".system.link.credits: oneOf"});
    EXPECT_EQ(errors_of("system: {links: [[0, 1]]}"), Errors{});
    EXPECT_EQ(errors_of("system: {links: [[0, 1, 2]]}"), Errors{".system.links[]: items"});
}

TEST(ParamList, HasARowForEachKeyAndStandsInTheDocumentation) {
    EXPECT_EQ(param_rows().size(), key_table().size());
    const std::string docs = read_text_file(std::string(SYSTOLICA_SOURCE_DIR) + "/docs/platforms.md");
    EXPECT_NE(docs.find(param_markdown()), std::string::npos) << "docs/platforms.md should hold:\n" << param_markdown();
}

TEST(ParamList, ShowsUnitRangeAndDefault) {
    for (const ParamRow& row : param_rows()) {
        EXPECT_FALSE(row.description.empty()) << row.key;
        EXPECT_FALSE(row.range.empty()) << row.key;
        if (row.key == "tile.scratchpad.ifmap.capacity_kib") {
            EXPECT_EQ(row.unit, "KiB");
            EXPECT_EQ(row.range, "1..4194303");
            EXPECT_EQ(row.standard, std::to_string(ScratchpadConfig{}.capacity_bytes / 1024));
        }
        if (row.key == "chip.noc.flit_bytes") {
            EXPECT_EQ(row.range, "power of two 1..4096");
        }
        if (row.key == "chip.dram.scheduler") {
            EXPECT_EQ(row.range, "fifo | fr_fcfs | fr_fcfs_grouped");
            EXPECT_EQ(row.standard, "fr_fcfs_grouped");
        }
    }
}

} // namespace
} // namespace systolica
