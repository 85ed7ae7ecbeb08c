// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/vcd_writer.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace systolica {
namespace {

std::uint32_t add(VcdWriter& vcd, const std::string& path, unsigned width_bits = 1) {
    std::uint32_t id = 0;
    EXPECT_TRUE(vcd.add(path, width_bits, id)) << path;
    return id;
}

TEST(Glob, MatchesTheWholeText) {
    EXPECT_TRUE(glob_matches("*", ""));
    EXPECT_TRUE(glob_matches("a*c", "abbbc"));
    EXPECT_TRUE(glob_matches("a?c", "abc"));
    EXPECT_TRUE(glob_matches("*.spad.*", "chip0.tile3.spad.bank5"));
    EXPECT_TRUE(glob_matches("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(glob_matches("a", "ab"));
    EXPECT_FALSE(glob_matches("a?c", "ac"));
    EXPECT_FALSE(glob_matches("a*b*c", "a-c-b"));
    EXPECT_FALSE(glob_matches("", "a"));
}

// IEEE 1364-2005, clause 18.2: declarations, then values, each after the time at which it holds.
TEST(VcdWriter, WritesScopesFromPathsAndValuesInTime) {
    const TemporaryFolder folder;
    VcdWriter vcd(folder.file("a.vcd"), {});
    const auto busy = add(vcd, "chip0.tile0.busy");
    const auto level = add(vcd, "chip0.tile0.pad.level", 8);
    const auto row = add(vcd, "chip0.dram.row", 4);
    vcd.change(busy, 0, 1);
    vcd.change(level, 1250, 5);
    vcd.change(busy, 1250, 0);
    vcd.change(row, 2500, 15);
    vcd.close(5000);
    EXPECT_EQ(folder.read("a.vcd"), "$version Systolica $end\n"
                                    "$timescale 1 ps $end\n"
                                    "$scope module chip0 $end\n"
                                    "$scope module tile0 $end\n"
                                    "$var wire 1 ! busy $end\n"
                                    "$scope module pad $end\n"
                                    "$var wire 8 \" level [7:0] $end\n"
                                    "$upscope $end\n"
                                    "$upscope $end\n"
                                    "$scope module dram $end\n"
                                    "$var wire 4 # row [3:0] $end\n"
                                    "$upscope $end\n"
                                    "$upscope $end\n"
                                    "$enddefinitions $end\n"
                                    "#0\n"
                                    "$dumpvars\n"
                                    "1!\n"
                                    "b0 \"\n"
                                    "b0 #\n"
                                    "$end\n"
                                    "#1250\n"
                                    "b101 \"\n"
                                    "0!\n"
                                    "#2500\n"
                                    "b1111 #\n"
                                    "#5000\n");
}

TEST(VcdWriter, AWindowStartsWithTheValuesOfItsStartAndDropsWhatIsOutside) {
    const TemporaryFolder folder;
    VcdFilter filter;
    filter.from_ps = 1000;
    filter.to_ps = 3000;
    VcdWriter vcd(folder.file("a.vcd"), filter);
    const auto level = add(vcd, "level", 8);
    vcd.change(level, 500, 1);
    vcd.change(level, 1000, 2); // the value at the start
    vcd.change(level, 3000, 3); // still inside
    vcd.change(level, 3001, 4);
    vcd.close(9000);
    const std::string text = folder.read("a.vcd");
    EXPECT_EQ(text.substr(text.find('#')), "#1000\n$dumpvars\nb10 !\n$end\n#3000\nb11 !\n");
}

TEST(VcdWriter, AWindowWithoutChangesStillShowsItsValues) {
    const TemporaryFolder folder;
    VcdFilter filter;
    filter.from_ps = 1000;
    VcdWriter vcd(folder.file("a.vcd"), filter);
    vcd.change(add(vcd, "level", 8), 500, 7);
    vcd.close(800);
    const std::string text = folder.read("a.vcd");
    EXPECT_EQ(text.substr(text.find('#')), "#1000\n$dumpvars\nb111 !\n$end\n");
}

TEST(VcdWriter, PatternsSelectSignalsAndWholeScopes) {
    const TemporaryFolder folder;
    VcdFilter filter;
    filter.patterns = {"chip0.tile0", "*.dram.row?", "nothing*"};
    VcdWriter vcd(folder.file("a.vcd"), filter);
    std::uint32_t id = 0;
    EXPECT_TRUE(vcd.add("chip0.tile0.dma.busy", 1, id));
    EXPECT_TRUE(vcd.add("chip0.dram.row3", 16, id));
    EXPECT_FALSE(vcd.add("chip0.tile01.busy", 1, id));
    EXPECT_FALSE(vcd.add("chip0.dram.row", 16, id));
    EXPECT_EQ(vcd.unmatched_patterns(), std::vector<std::string>{"nothing*"});
    EXPECT_EQ(vcd.signals(), 2u);
}

TEST(VcdWriter, CodesOfManySignalsDiffer) {
    const TemporaryFolder folder;
    VcdWriter vcd(folder.file("a.vcd"), {});
    constexpr int kSignals = 94 + 94 * 94 + 50; // some with three characters
    for (int i = 0; i < kSignals; ++i) {
        add(vcd, "top.s" + std::to_string(i));
    }
    vcd.close(1);
    std::set<std::string> codes;
    std::istringstream lines(folder.read("a.vcd"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string var, wire, width, code;
        if (words >> var >> wire >> width >> code && var == "$var") {
            codes.insert(code);
        }
    }
    EXPECT_EQ(codes.size(), static_cast<std::size_t>(kSignals));
}

TEST(VcdWriter, ValuesAreCutToTheirWidth) {
    const TemporaryFolder folder;
    VcdWriter vcd(folder.file("a.vcd"), {});
    const auto narrow = add(vcd, "narrow", 4);
    const auto wide = add(vcd, "wide", 64);
    vcd.change(narrow, 1, 0x1f);
    vcd.change(wide, 1, ~std::uint64_t{0});
    vcd.close(1);
    const std::string text = folder.read("a.vcd");
    EXPECT_NE(text.find("\nb1111 !\n"), std::string::npos);
    EXPECT_NE(text.find("\nb" + std::string(64, '1') + " \"\n"), std::string::npos);
}

TEST(VcdWriter, IsPartialUntilClosedAndGoneWithoutClose) {
    const TemporaryFolder folder;
    {
        VcdWriter vcd(folder.file("a.vcd"), {});
        EXPECT_TRUE(std::filesystem::exists(folder / "a.vcd.partial"));
        EXPECT_FALSE(std::filesystem::exists(folder / "a.vcd"));
    }
    EXPECT_EQ(folder.entries(), 0u);
}

TEST(VcdWriter, RefusesPlacesThatCannotBeWritten) {
    const TemporaryFolder folder;
    EXPECT_THROW(VcdWriter(folder.file("no/such/folder/a.vcd"), {}), OutputRefused);
    std::filesystem::create_directory(folder / "taken");
    EXPECT_THROW(VcdWriter(folder.file("taken"), {}), OutputRefused);
    EXPECT_THROW(VcdWriter("", {}), OutputRefused);
}

} // namespace
} // namespace systolica
