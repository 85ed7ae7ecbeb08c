// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Malformed platform files: each gives exactly the problems listed, at the place of the mistake. Lines of a message
// are given without the path of the file; "..." at the end stands for the rest of a message (where yaml-cpp words it,
// also for the column).
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

struct Malformed {
    const char* what;
    std::string text;
    std::vector<std::string> problems;
};

const std::vector<Malformed>& syntax_cases() {
    static const std::vector<Malformed> cases{
        {"empty file",
         "",
         {":1:1: expected platform keys (name, base, clock_mhz, precision, tile, chip, system, mapping, training, "
          "simdit), got nothing"}},
        {"only a comment", "# nothing\n", {":1:1: expected platform keys (name, ..."}},
        {"a list", "- a\n- b\n", {":1:1: expected platform keys (name, ..."}},
        {"plain text", "edge_npu\n", {":1:1: expected platform keys (name, ..."}},
        {"unclosed flow map", "tile: {dma: {outstanding: 3}\nchip: 1\n", {":2:..."}},
        {"tab indent", "tile:\n\tdma: 1\n", {":2:..."}},
        {"duplicate key at the top",
         "clock_mhz: 1\nname: a\nclock_mhz: 2\n",
         {":3:1: clock_mhz: expected each key once, got it again (first at line 1)"}},
        {"duplicate key in a flow map",
         "tile: {dma: {outstanding: 1, outstanding: 2}}\n",
         {":1:30: outstanding: expected each key once, got it again (first at line 1)"}},
        {"merge key", "chip:\n  <<: {tiles: 2}\n", {":2:3: <<: expected a key, got a merge key (use 'base:' instead)"}},
        {"anchor",
         "chip: &a {tiles: 2}\n",
         {":1:7: expected a plain value, got an anchor (anchors are not supported)"}},
        {"tag", "clock_mhz: !!int 3\n", {":1:12: expected a plain value, got the tag ..."}},
        {"two documents", "name: a\n---\nname: b\n", {": expected one YAML document, got several"}},
        {"binary", std::string("name: a\0b\n", 10), {": expected YAML text, got a binary file"}},
    };
    return cases;
}

const std::vector<Malformed>& key_cases() {
    static const std::vector<Malformed> cases{
        {"unknown key at the top",
         "clock_mhz: 800\nclok_mhz: 900\n",
         {":2:1: clok_mhz: expected a known key, got 'clok_mhz' (did you mean 'clock_mhz'?)"}},
        {"unknown key inside",
         "chip:\n  noc: {colums: 2}\n  tiles: 2\n",
         {":2:9: chip.noc.colums: expected a known key, got 'colums' (did you mean 'columns'?)"}},
        {"key at the wrong depth",
         "tile: {interleave_bytes: 32}\n",
         {":1:8: tile.interleave_bytes: expected a known key, got 'interleave_bytes' (did you mean "
          "'chip.dram.interleave_bytes'?)"}},
        {"unknown key like no other", "zebra: 1\n", {":1:1: zebra: expected a known key, got 'zebra'"}},
        {"unknown kernel",
         "tile: {vector_unit: {costs: {relu7: 1}}}\n",
         {":1:30: tile.vector_unit.costs.relu7: expected a known key, got 'relu7' (did you mean 'relu'?)"}},
        {"scratchpad field without its group",
         "tile: {scratchpad: {banks: 4}}\n",
         {":1:21: tile.scratchpad.banks: expected a known key, got 'banks'"}},
        {"leaf given a map",
         "clock_mhz: {value: 3}\n",
         {":1:12: clock_mhz: expected a number from 1 to 10000, got a map"}},
        {"leaf given a list",
         "tile: {pe_array: {rows: [1]}}\n",
         {":1:25: tile.pe_array.rows: expected a whole number from 1 to 4096, got a list"}},
        {"leaf given nothing",
         "chip:\n  tiles:\n",
         {":2:3: chip.tiles: expected a whole number from 1 to 1024, got nothing"}},
        {"map given a leaf",
         "tile: {dma: 4}\n",
         {":1:13: tile.dma: expected a map (max_burst_bytes, outstanding), got '4'"}},
        {"map given a list", "chip:\n  noc:\n    - 1\n", {":3:5: chip.noc: expected a map (topology, ..."}},
        {"map given nothing", "chip:\n", {":1:1: chip: expected a map (tiles, noc, dram), got nothing"}},
        {"kernel given a list",
         "tile: {vector_unit: {costs: {relu: [1]}}}\n",
         {":1:36: tile.vector_unit.costs.relu: expected a number or a map (per_tap, per_element), got a list"}},
        {"base that does not exist",
         "base: nowhere.yaml\n",
         {":1:7: base: expected a platform file or the name of a bundled one, got 'nowhere.yaml'"}},
        {"base with a typo",
         "base: edge_np\n",
         {":1:7: base: expected a platform file or the name of a bundled one, got 'edge_np' (did you mean "
          "'edge_npu'?)"}},
        {"base given a list", "base: [a]\n", {":1:7: base: expected text, got a list"}},
    };
    return cases;
}

const std::vector<Malformed>& value_cases() {
    static const std::vector<Malformed> cases{
        {"text for a number", "clock_mhz: fast\n", {":1:12: clock_mhz: expected a number from 1 to 10000, got 'fast'"}},
        {"quoted number", "clock_mhz: '800'\n", {":1:12: clock_mhz: expected a number from 1 to 10000, got '800'"}},
        {"number too large",
         "clock_mhz: 10001\n",
         {":1:12: clock_mhz: expected a number from 1 to 10000, got '10001'"}},
        {"not a number", "clock_mhz: .nan\n", {":1:12: clock_mhz: expected a number from 1 to 10000, got '.nan'"}},
        {"negative count",
         "chip: {tiles: -1}\n",
         {":1:15: chip.tiles: expected a whole number from 1 to 1024, got '-1'"}},
        {"fraction for a count",
         "chip: {tiles: 1.5}\n",
         {":1:15: chip.tiles: expected a whole number from 1 to 1024, got '1.5'"}},
        {"leading zero",
         "chip: {tiles: 010}\n",
         {":1:15: chip.tiles: expected a whole number from 1 to 1024, got '010'"}},
        {"beyond 64 bits",
         "chip: {tiles: 99999999999999999999999}\n",
         {":1:15: chip.tiles: expected a whole number from 1 to 1024, got '99999999999999999999999'"}},
        {"unit in the value",
         "tile: {scratchpad: {ifmap: {capacity_kib: 256KiB}}}\n",
         {":1:43: tile.scratchpad.ifmap.capacity_kib: expected a whole number from 1 to 4194303, got '256KiB'"}},
        {"no power of two",
         "chip: {noc: {flit_bytes: 48}}\n",
         {":1:26: chip.noc.flit_bytes: expected a power of two from 1 to 4096, got '48'"}},
        {"width that is no whole byte",
         "precision: {weight_bits: 4}\n",
         {":1:26: precision.weight_bits: expected 8, 16 or 32 bits with tile.pe_array.dataflow: ws, got 4"}},
        {"yes for true", "mapping: {fusion: yes}\n", {":1:19: mapping.fusion: expected true or false, got 'yes'"}},
        {"choice with a typo",
         "tile:\n  pe_array: {dataflow: wss}\n",
         {":2:24: tile.pe_array.dataflow: expected one of os, ws, is, simdit, got 'wss' (did you mean 'ws'?)"}},
        {"too many chips",
         "system: {chips: 1025}\n",
         {":1:17: system.chips: expected a whole number from 1 to 1024, got '1025'"}},
        {"links without bandwidth",
         "system: {chips: 4, link: {bandwidth_gb_per_s: 0}}\n",
         {":1:47: system.link.bandwidth_gb_per_s: expected a number from 0.001 to 10000, got '0'"}},
        {"credits in words",
         "system: {chips: 4, link: {credits: many}}\n",
         {":1:36: system.link.credits: expected auto or a whole number from 1 to 1000000000, got 'many'"}},
        {"a grid with a gap",
         "system: {chips: 7, topology: torus, columns: 3}\n",
         {":1:17: system.chips: expected columns x rows to be the 7 chips, got 3 columns"}},
        {"another grid",
         "system: {chips: 8, topology: mesh, columns: 3, rows: 3}\n",
         {":1:17: system.chips: expected columns x rows to be the 8 chips, got 3 x 3"}},
        {"columns of a ring",
         "system: {chips: 8, topology: ring, columns: 4}\n",
         {":1:45: system.columns: expected this key only with system.topology: mesh or torus, got it with topology: "
          "ring"}},
        {"an unreachable chip",
         "system: {chips: 5, topology: custom, links: [[0, 1], [1, 2], [3, 4]]}\n",
         {":1:45: system.links: expected links that reach every chip, got no path from chip 0 to chip 3"}},
        {"a link to nowhere",
         "system: {chips: 3, topology: custom, links: [[0, 1], [1, 3]]}\n",
         {":1:45: system.links: expected chip numbers up to 2, got [1, 3]"}},
        {"a link to itself",
         "system: {chips: 2, topology: custom, links: [[0, 1], [1, 1]]}\n",
         {":1:45: system.links: expected two different chips, got [1, 1]"}},
        {"a link twice",
         "system: {chips: 2, topology: custom, links: [[0, 1], [1, 0]]}\n",
         {":1:45: system.links: expected each pair of chips once, got [1, 0] again"}},
        {"no links",
         "system: {chips: 2, topology: custom}\n",
         {":1:30: system.topology: expected system.links with topology: custom, got none"}},
        {"a link of three",
         "system: {chips: 3, topology: custom, links: [[0, 1, 2]]}\n",
         {":1:46: system.links: expected a pair of chip numbers such as [0, 1], got a list"}},
        {"links of a ring",
         "system: {chips: 2, links: [[0, 1]]}\n",
         {":1:27: system.links: expected this key only with system.topology: custom, got it with topology: ring"}},
        {"too many links",
         "system: {chips: 257, topology: full}\n",
         {":1:17: system.chips: expected at most 256 chips with topology: full, got 257"}},
        {"name with a line break",
         "name: \"a\\nb\"\n",
         {":1:7: name: expected text of at most 64 printable characters, got 'a?b'"}},
        {"name too long",
         "name: " + std::string(65, 'n') + "\n",
         {":1:7: name: expected text of at most 64 printable characters, ..."}},
        {"routers that are no list",
         "chip: {noc: {attach: {tiles: 0}}}\n",
         {":1:30: chip.noc.attach.tiles: expected a list of router numbers, got '0'"}},
        {"router that is no number",
         "chip: {noc: {attach: {tiles: [a]}}}\n",
         {":1:31: chip.noc.attach.tiles: expected a whole number from 0 to 4095, got 'a'"}},
        {"unknown part",
         "chip: {dram: {part: ddr9}}\n",
         {":1:21: chip.dram.part: expected a part file or the name of a bundled one, got 'ddr9'"}},
    };
    return cases;
}

const std::vector<Malformed>& rule_cases() {
    static const std::vector<Malformed> cases{
        {"more tiles than routers",
         "chip:\n  tiles: 5\n  noc: {columns: 2, rows: 2}\n",
         {":2:10: chip.tiles: expected a router for each tile (or chip.noc.attach.tiles), got 5 tiles on a mesh of 2 x "
          "2"}},
        {"too many routers",
         "chip: {noc: {columns: 1024, rows: 5}}\n",
         {":1:23: chip.noc.columns: expected at most 4096 routers, got 1024 x 5"}},
        {"router outside the mesh",
         "chip:\n  noc: {columns: 2, rows: 1, attach: {dram: [2]}}\n",
         {":2:45: chip.noc.attach.dram: expected router numbers up to 1, got 2"}},
        {"list of the wrong length",
         "chip:\n  noc: {columns: 2, attach: {dram: [0, 1]}}\n",
         {":2:36: chip.noc.attach.dram: expected a router for each of chip.dram.channels = 1, got a list of 2"}},
        {"capacity no multiple of the port",
         "tile: {scratchpad: {filter: {capacity_kib: 5, port_bytes: 4096}}}\n",
         {":1:44: tile.scratchpad.filter.capacity_kib: expected the capacity to be a multiple of port_bytes = 4096, "
          "got 5120 bytes"}},
        {"vector pad too small for its rings",
         "tile: {scratchpad: {vector: {capacity_kib: 4, port_bytes: 2048}}}\n",
         {":1:44: tile.scratchpad.vector.capacity_kib: expected a capacity of at least 4 times port_bytes = 2048, got "
          "4096 bytes"}},
        {"ideal key with the controller",
         "chip: {dram: {latency_ns: 10}}\n",
         {":1:27: chip.dram.latency_ns: expected this key only with chip.dram.model: ideal, got it with model: "
          "controller"}},
        {"accumulators narrower than gradients",
         "precision: {gradient_bits: 32, accumulator_bits: 16}\n",
         {":1:50: precision.accumulator_bits: expected accumulator_bits to be at least gradient_bits, got 16 and 32"}},
        {"accumulators narrower than activations",
         "precision: {activation_bits: 32, accumulator_bits: 16}\n",
         {":1:52: precision.accumulator_bits: expected accumulator_bits to be at least activation_bits, got 16 and "
          "32"}},
        {"several mistakes",
         "clock_mhz: 0\ntile:\n  pe_array: {rows: x}\nchip: {tiles: 2}\n",
         {":1:12: clock_mhz: expected a number from 1 to 10000, got '0'",
          ":3:20: tile.pe_array.rows: expected a whole number from 1 to 4096, got 'x'",
          ":4:15: chip.tiles: expected a router for each tile (or chip.noc.attach.tiles), got 2 tiles on a mesh of 1 x "
          "1"}},
    };
    return cases;
}

class MalformedPlatform : public PlatformFiles {
protected:
    void check(const std::vector<Malformed>& cases) {
        for (const Malformed& malformed : cases) {
            SCOPED_TRACE(malformed.what);
            const std::string file = write("p.yaml", malformed.text);
            const std::vector<std::string> found = problems(file);
            ASSERT_EQ(found.size(), malformed.problems.size()) << (found.empty() ? "" : found[0]);
            for (std::size_t i = 0; i < found.size(); ++i) {
                std::string expected = file + malformed.problems[i];
                const bool open_end = expected.size() > 3 && expected.compare(expected.size() - 3, 3, "...") == 0;
                expected.resize(expected.size() - (open_end ? 3 : 0));
                EXPECT_EQ(open_end ? found[i].substr(0, expected.size()) : found[i], expected);
                EXPECT_EQ(found[i].find('\n'), std::string::npos);
            }
        }
    }
};

TEST_F(MalformedPlatform, SyntaxIsRefusedAtItsPlace) {
    check(syntax_cases());
}

TEST_F(MalformedPlatform, UnknownAndMisplacedKeysAreRefusedAtTheirPlace) {
    check(key_cases());
}

TEST_F(MalformedPlatform, IllegalValuesAreRefusedAtTheirPlace) {
    check(value_cases());
}

TEST_F(MalformedPlatform, BrokenRulesBetweenValuesAreRefusedAtTheKeyGivenLast) {
    check(rule_cases());
}

TEST_F(MalformedPlatform, FolderIsRefused) {
    write("folder/x.yaml", "");
    EXPECT_EQ(problems(path("folder")), std::vector<std::string>{path("folder") + ": expected a file, got a folder"});
}

} // namespace
} // namespace systolica
