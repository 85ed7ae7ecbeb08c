// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// That the reader of the other tests refuses what is no dump: else they could not fail.
#include "vcd_file.h"

#include <gtest/gtest.h>

#include <sstream>

namespace systolica {
namespace {

const std::string kHead = "$version x $end\n$timescale 1 ps $end\n$scope module a $end\n";
const std::string kVars = "$var wire 1 ! b $end\n$var wire 3 \" c [2:0] $end\n";
const std::string kBody = "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n0!\nb0 \"\n$end\n";

VcdFile parse(const std::string& text) {
    std::istringstream in(text);
    return parse_vcd(in);
}

TEST(VcdFile, ReadsPathsWidthsAndTheLastValueOfEachTime) {
    const VcdFile vcd = parse(kHead + kVars + kBody + "#5\n1!\nb111 \"\nb101 \"\n#9\n0!\n#20\n");
    EXPECT_EQ(vcd.begin_ps, 0u);
    EXPECT_EQ(vcd.end_ps, 20u);
    EXPECT_EQ(vcd.of("a.c").changes, (std::vector<VcdSignal::Change>{{0, 0}, {5, 5}}));
    EXPECT_EQ(vcd.of("a.c").width_bits, 3u);
    EXPECT_EQ(vcd.of("a.b").at(4), 0u);
    EXPECT_EQ(vcd.of("a.b").at(5), 1u);
    EXPECT_EQ(vcd.time_of_values("a.b"), (std::map<std::uint64_t, std::uint64_t>{{0, 16}, {1, 4}}));
    EXPECT_FALSE(vcd.of("a.b").flat());
}

TEST(VcdFile, RefusesWhatIsNoWellFormedDump) {
    const std::vector<std::string> wrong = {
        "",
        "$timescale 1 ns $end\n" + kVars + kBody,                                         // another time unit
        kHead + "$var wire 1 ! b $end\n$var wire 1 ! d $end\n" + kBody,                   // a code twice
        kHead + "$var wire 1 ! b $end\n$var wire 1 \" b $end\n" + kBody,                  // a path twice
        kHead + "$var wire 3 ! b $end\n$var wire 3 \" c [2:0] $end\n" + kBody,            // a vector without its range
        kHead + kVars + kBody + "#5\n1!\n#5\n0!\n",                                       // the same time again
        kHead + kVars + kBody + "#5\n1!\n#4\n0!\n",                                       // time goes back
        kHead + kVars + kBody + "#5\n1#\n",                                               // a code nobody declared
        kHead + kVars + kBody + "#5\nb1000 \"\n",                                         // more bits than declared
        kHead + kVars + kBody + "#5\nb1 !\n",                                             // a vector value of a bit
        kHead + kVars + kBody + "#5\nbx \"\n",                                            // not a number
        kHead + kVars + "$upscope $end\n$enddefinitions $end\n#0\n1!\n",                  // a value before $dumpvars
        kHead + kVars + "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n0!\n$end\n", // one signal left out
        kHead + kVars + "$enddefinitions $end\n#0\n$dumpvars\n0!\nb0 \"\n$end\n",         // a scope left open
    };
    for (const std::string& text : wrong) {
        EXPECT_THROW(parse(text), MalformedVcd) << text;
    }
}

} // namespace
} // namespace systolica
