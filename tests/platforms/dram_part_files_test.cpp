// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a user can get wrong in a DRAM part file.
#include <algorithm>
#include <map>

#include "base/data_files.h"
#include "base/strict_yaml.h"
#include "platforms/dram_part_reader.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using Lines = std::vector<std::string>;

std::string text_of(const std::string& part) {
    return read_text_file(resolve_file(part, "platforms/parts", "part"));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find("\n" + from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at + 1, from.size(), to);
}

class DramPartFiles : public PlatformFiles {
protected:
    struct Read {
        DramPart part;
        Lines problems;
    };

    // A part file of this text.
    Read read(const std::string& text, const std::string& name = "part.yaml") {
        const std::string file = write(name, text);
        Read result;
        Problems problems;
        try {
            result.part = read_dram_part(file, problems);
        } catch (const InputError& error) {
            problems = error.problems();
        }
        for (const Problem& problem : problems.list()) {
            result.problems.push_back(problem.text());
        }
        return result;
    }

    // What is refused in a bundled part with the start of one line replaced; the place is left out.
    Lines with(const std::string& part, const std::string& from, const std::string& to) {
        Lines problems = read(replaced(text_of(part), from, to)).problems;
        for (std::string& problem : problems) {
            problem.erase(0, problem.find(": ") + 2);
        }
        return problems;
    }
    Lines lpddr4(const std::string& from, const std::string& to) { return with("lpddr4-3200", from, to); }
    Lines lpddr5(const std::string& from, const std::string& to) { return with("lpddr5-6400", from, to); }
};

TEST_F(DramPartFiles, ProblemsNameTheirPlace) {
    EXPECT_EQ(read("name: x\nstandard: lpddr6\n").problems.at(0),
              path("part.yaml") + ":2:11: standard: expected one of lpddr4, lpddr5, got 'lpddr6' (did you mean "
                                  "'lpddr4'?)");
    EXPECT_EQ(read("[1, 2]\n").problems, Lines{path("part.yaml") + ":1:1: expected the keys of a DRAM part (name, "
                                                                   "data_rate_mtps, ...), got a list"});
    EXPECT_EQ(read("base: lpddr4-3200\nname: x\nrll: 28\n").problems,
              Lines{path("part.yaml") + ":3:1: rll: expected a known key, got 'rll' (did you mean 'rl'?)"});
}

// Every line of a part without a base, but for the current table.
TEST_F(DramPartFiles, EveryKeyOfTheStandardIsRequired) {
    for (const char* part : {"lpddr4-3200", "lpddr5-6400"}) {
        std::size_t keys = 0;
        for (const YamlEntry& entry : parse_yaml_text(text_of(part), part).entries) {
            if (entry.key != "currents" && entry.key != "standard") {
                EXPECT_EQ(with(part, entry.key + ":", "#"),
                          Lines{entry.key + ": expected a value for each key of a DRAM part, got nothing"});
                ++keys;
            }
        }
        EXPECT_GE(keys, 30u) << part;
    }
    EXPECT_EQ(lpddr4("standard:", "#"), Lines{"standard: expected a value for each key of a DRAM part, got nothing"});
}

TEST_F(DramPartFiles, NoNumberMayBeTextNegativeOrHuge) {
    for (const char* part : {"lpddr4-3200", "lpddr5-6400"}) {
        for (const YamlEntry& entry : parse_yaml_text(text_of(part), part).entries) {
            if (entry.key == "name" || entry.key == "standard" || entry.key == "currents") {
                continue;
            }
            for (const char* bad : {"x", "-1", "99999999999999999999", "[8]", "{a: 8}"}) {
                const Lines found = with(part, entry.key + ": " + entry.value.text, entry.key + ": " + bad);
                ASSERT_EQ(found.size(), 1u) << entry.key << " " << bad;
                EXPECT_EQ(found[0].rfind(entry.key + ": expected a ", 0), 0u) << found[0];
            }
        }
    }
}

TEST_F(DramPartFiles, KeyOfTheOtherStandardIsRefused) {
    for (const char* key : {"bank_groups", "ccd_l", "wtr_l", "wck_post"}) {
        EXPECT_EQ(lpddr4("rl: 28", "rl: 28\n" + std::string(key) + ": 4"),
                  Lines{std::string(key) + ": expected this key only with standard: lpddr5, got it with standard: "
                                           "lpddr4"});
    }
    for (const char* key : {"dqsck", "wpre"}) {
        EXPECT_EQ(lpddr5("rl: 17", "rl: 17\n" + std::string(key) + ": 2"),
                  Lines{std::string(key) + ": expected this key only with standard: lpddr4, got it with standard: "
                                           "lpddr5"});
    }
}

TEST_F(DramPartFiles, OrganisationMustFitTogether) {
    EXPECT_EQ(lpddr4("banks: 8", "banks: 6"), Lines{"banks: expected a power of two, got '6'"});
    EXPECT_EQ(lpddr5("banks: 16", "banks: 2"),
              (Lines{"banks: expected at least one for each of 4 bank groups, got '2'"}));
    EXPECT_EQ(lpddr4("beats_per_clock: 2", "beats_per_clock: 4"),
              Lines{"beats_per_clock: expected 2 for lpddr4, got '4'"});
    EXPECT_EQ(lpddr5("beats_per_clock: 8", "beats_per_clock: 2"),
              (Lines{"beats_per_clock: expected 4 or 8 for lpddr5, got '2'",
                     "ccd: expected at least the clocks of a burst (burst_length / beats_per_clock), got '2'"}));
    EXPECT_EQ(lpddr5("burst_length: 16", "burst_length: 4"),
              Lines{"burst_length: expected at least the beats of one clock (beats_per_clock), got '4'"});
    // BL 16 x 64 bits are 128 bytes.
    const std::string wide = replaced(text_of("lpddr4-3200"), "width_bits: 16", "width_bits: 64");
    const Lines found = read(replaced(wide, "page_bytes: 2048", "page_bytes: 64")).problems;
    ASSERT_EQ(found.size(), 1u);
    EXPECT_NE(found[0].find("page_bytes: expected at least the 128 bytes of a burst, got '64'"), std::string::npos);
}

TEST_F(DramPartFiles, IntervalsMustFitTogether) {
    EXPECT_EQ(lpddr4("ccd: 8", "ccd: 7"),
              Lines{"ccd: expected at least the clocks of a burst (burst_length / beats_per_clock), got '7'"});
    EXPECT_EQ(lpddr5("ccd_l: 4", "ccd_l: 1"), Lines{"ccd_l: expected at least ccd = 2, got '1'"});
    EXPECT_EQ(lpddr5("ccdmw: 16", "ccdmw: 3"), Lines{"ccdmw: expected at least ccd_l = 4, got '3'"});
    EXPECT_EQ(lpddr4("ccdmw: 32", "ccdmw: 7"), Lines{"ccdmw: expected at least ccd = 8, got '7'"});
    EXPECT_EQ(lpddr5("wtr_l: 10", "wtr_l: 4"), Lines{"wtr_l: expected at least wtr = 5, got '4'"});
    EXPECT_EQ(lpddr4("ras: 68", "ras: 28"), Lines{"ras: expected at least rcd = 29, got '28'"});
    EXPECT_EQ(lpddr4("rp_ab: 34", "rp_ab: 28"), Lines{"rp_ab: expected at least rp_pb = 29, got '28'"});
    EXPECT_EQ(lpddr4("faw: 64", "faw: 15"), Lines{"faw: expected at least rrd = 16, got '15'"});
    EXPECT_EQ(lpddr4("sr: 24", "sr: 11"), Lines{"sr: expected at least cke = 12, got '11'"});
}

TEST_F(DramPartFiles, RefreshMustLeaveTimeForRequests) {
    EXPECT_EQ(lpddr5("refi: 3125", "refi: 1152"), Lines{}); // 16 banks * pbr_to_pbr 72
    EXPECT_EQ(lpddr5("refi: 3125", "refi: 1151"), Lines{"pbr_to_pbr: expected at most refi / banks = 71, got '72'"});
    EXPECT_EQ(lpddr4("rfc_ab: 448", "rfc_ab: 223"), Lines{"rfc_ab: expected at least rfc_pb = 224, got '223'"});
    EXPECT_EQ(lpddr4("xsr: 460", "xsr: 447"), Lines{"xsr: expected at least rfc_ab = 448, got '447'"});
    EXPECT_EQ(lpddr4("refi: 6246", "refi: 482"), (Lines{"refi: expected more than rfc_ab + rp_ab = 482, got '482'",
                                                        "pbr_to_pbr: expected at most refi / banks = 60, got '224'"}));
}

TEST_F(DramPartFiles, CurrentTableIsWholeOrAbsent) {
    const std::string part = text_of("lpddr4-3200");
    EXPECT_EQ(read(part.substr(0, part.find("currents:"))).problems, Lines{});
    EXPECT_FALSE(read(part.substr(0, part.find("currents:"))).part.currents);
    EXPECT_EQ(lpddr4("  idd6:   {vdd1: 0.3, vdd2: 0.5, vddq: 0.1}", ""),
              Lines{"currents.idd6: expected a value for each key of a current table, got nothing"});
    EXPECT_EQ(lpddr4("  vddq: 1.1", "  "),
              Lines{"currents.vddq: expected a value for each key of a current table, got nothing"});
    EXPECT_EQ(lpddr4("  idd6:   {vdd1: 0.3, vdd2: 0.5, vddq: 0.1}", "  idd6: {vdd1: 0.3, vdd2: 0.5}"),
              Lines{"currents.idd6.vddq: expected a value for each key of a current table, got nothing"});
    EXPECT_EQ(lpddr4("  idd6:   {vdd1: 0.3", "  idd6:   {vdd1: -0.3"),
              Lines{"currents.idd6.vdd1: expected a number from 0 to 100000, got '-0.3'"});
    EXPECT_EQ(lpddr4("  vdd2: 1.1", "  vdd2: 1100"),
              Lines{"currents.vdd2: expected a number from 0.1 to 5, got '1100'"});
    EXPECT_EQ(lpddr4("  idd6:   {vdd1: 0.3,", "  idd7: 3\n  idd6:   {vdd3: 1, vdd1: 0.3,"),
              (Lines{"currents.idd6.vdd3: expected a known key, got 'vdd3' (did you mean 'vdd1'?)",
                     "currents.idd7: expected a known key, got 'idd7' (did you mean 'idd0'?)"}));
    EXPECT_EQ(lpddr4("  idd6:   {vdd1: 0.3, vdd2: 0.5, vddq: 0.1}", "  idd6: 3"),
              Lines{"currents.idd6: expected a map (vdd1, vdd2, vddq), got '3'"});
    EXPECT_EQ(read("base: lpddr4-4266\nname: x\ncurrents: 3\n").problems,
              Lines{path("part.yaml") + ":3:11: currents: expected a map (idd0, idd2n, ... or none), got '3'"});
}

// Less than standby would make the energy of a command negative.
TEST_F(DramPartFiles, CommandCurrentsAreAtLeastThoseOfStandby) {
    EXPECT_EQ(lpddr4("  idd4r:  {vdd1: 2.25, vdd2: 275", "  idd4r:  {vdd1: 2.25, vdd2: 29"),
              Lines{"currents.idd4r.vdd2: expected at least idd3n, got '29'"});
    EXPECT_EQ(lpddr4("  idd5pb: {vdd1: 4.1875", "  idd5pb: {vdd1: 2"),
              Lines{"currents.idd5pb.vdd1: expected at least idd3n, got '2'"});
    EXPECT_EQ(lpddr4("  idd2n:  {vdd1: 2, vdd2: 27", "  idd2n:  {vdd1: 2, vdd2: 30.5"),
              Lines{"currents.idd3n.vdd2: expected at least idd2n, got '30'"});
    // (30 * 68 + 27 * 29) / 97 = 29.1
    EXPECT_EQ(lpddr4("  idd0:   {vdd1: 3.5, vdd2: 45", "  idd0:   {vdd1: 3.5, vdd2: 29.2"), Lines{});
    EXPECT_EQ(lpddr4("  idd0:   {vdd1: 3.5, vdd2: 45", "  idd0:   {vdd1: 3.5, vdd2: 29.0"),
              Lines{"currents.idd0.vdd2: expected at least the standby current of a row cycle, idd3n for ras and idd2n "
                    "for rp_pb, got '29.0'"});
}

TEST_F(DramPartFiles, FileOverridesOnlyWhatItNamesOfItsBase) {
    const Read fast = read("base: lpddr4-3200\nname: fast\nrl: 20\n");
    EXPECT_EQ(fast.problems, Lines{});
    EXPECT_EQ(fast.part.name, "fast");
    EXPECT_EQ(fast.part.rl, 20u);
    EXPECT_EQ(fast.part.wl, 14u);
    EXPECT_TRUE(fast.part.currents);
    // A base beside the file, which has a bundled one.
    const Read faster = read("base: part.yaml\nname: faster\nwl: 8\ncurrents: none\n", "above.yaml");
    EXPECT_EQ(faster.problems, Lines{});
    EXPECT_EQ(faster.part.rl, 20u);
    EXPECT_EQ(faster.part.wl, 8u);
    EXPECT_EQ(faster.part.rcd, 29u);
    EXPECT_FALSE(faster.part.currents);
}

TEST_F(DramPartFiles, NameIsNotInherited) {
    EXPECT_EQ(read("base: lpddr4-3200\n").problems,
              Lines{path("part.yaml") + ":1:1: name: expected a value for each key of a DRAM part, got nothing"});
}

TEST_F(DramPartFiles, ProblemsOfABaseAreReportedInItsFile) {
    write("below.yaml", replaced(text_of("lpddr4-3200"), "rl: 28", "rl: x"));
    const Lines found = read("base: below.yaml\nname: x\n").problems;
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].rfind(path("below.yaml") + ":", 0), 0u);
    EXPECT_NE(found[0].find("rl: expected a whole number from 1 to 1000, got 'x'"), std::string::npos);
    // What the override breaks is refused at the override.
    EXPECT_EQ(read("base: lpddr4-3200\nname: x\nrcd: 69\n").problems.size(), 1u);
    write("broken.yaml", "a: [1,\n");
    EXPECT_EQ(read("base: broken.yaml\nname: x\n").problems.size(), 1u);
}

TEST_F(DramPartFiles, BaseMustExistAndEnd) {
    EXPECT_EQ(read("base: lpddr4-3201\nname: x\n").problems,
              Lines{path("part.yaml") + ":1:7: base: expected a part file or the name of a bundled one, got "
                                        "'lpddr4-3201' (did you mean 'lpddr4-3200'?)"});
    EXPECT_EQ(read("base: [1]\nname: x\n").problems,
              Lines{path("part.yaml") + ":1:7: base: expected text, got a list"});
    write("one.yaml", "base: two.yaml\nname: one\n");
    EXPECT_EQ(read("base: one.yaml\nname: two\n", "two.yaml").problems,
              Lines{path("one.yaml") + ":1:7: base: expected a chain of bases that ends, got " + path("two.yaml") +
                    " -> " + path("one.yaml") + " -> " + path("two.yaml")});
}

} // namespace
} // namespace systolica
