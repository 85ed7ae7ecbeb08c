// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a dump of a run is, whatever its values mean: well-formed, the same again, and the same through a window or a
// scope.
#include "../sc_main/program.h"
#include "vcd_file.h"

#include <gtest/gtest.h>

#include <functional>

namespace systolica {
namespace {

VcdFile dump(const Program& program, const std::string& arguments) {
    const Outcome outcome = program.run("run " + arguments + " --vcd w.vcd -q");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out.find("--trace-scope"), std::string::npos) << outcome.out;
    return read_vcd(program.folder().file("w.vcd"));
}

VcdFile dump(const std::string& arguments) {
    return dump(Program(), arguments);
}

void expect_begins_at_rest(const VcdFile& vcd) {
    EXPECT_EQ(vcd.begin_ps, 0u);
    EXPECT_GT(vcd.end_ps, 0u);
    EXPECT_GT(vcd.signals.size(), 40u);
}

// The parser is the test: rising times, declared codes, unique paths, widths, 1 ps.
TEST(Dump, IsWellFormedOnEveryPlatformAndWithEitherTiming) {
    for (const char* platform : {"edge_npu", "single_tile", "server_npu", "scalesim"}) {
        for (const char* timing : {"at", "lt"}) {
            SCOPED_TRACE(std::string(platform) + " " + timing);
            expect_begins_at_rest(dump(std::string(platform) + " lenet --timing " + timing));
        }
    }
    SCOPED_TRACE("ideal memory with a latency");
    const VcdFile ideal = dump("scalesim lenet --set chip.dram.latency_ns=100");
    EXPECT_FALSE(ideal.of("chip0.ideal_memory.outstanding").flat());
}

TEST(Dump, IsTheSameAgain) {
    const Program first, second;
    dump(first, "edge_npu lenet");
    dump(second, "edge_npu lenet");
    EXPECT_EQ(first.folder().read("w.vcd"), second.folder().read("w.vcd"));
}

// Changes of `whole` that a window from begin to end shows: the value at its begin, then what changes inside.
std::vector<VcdSignal::Change> cut(const VcdSignal& whole, std::uint64_t begin_ps, std::uint64_t end_ps) {
    std::vector<VcdSignal::Change> inside{{begin_ps, whole.at(begin_ps)}};
    for (const VcdSignal::Change& change : whole.changes) {
        if (change.time_ps > begin_ps && change.time_ps <= end_ps) {
            inside.push_back(change);
        }
    }
    return inside;
}

// A value that comes and goes within one picosecond may be dumped or not: what is traced beside it decides the order of
// what happens at one time. Viewers do not show it.
std::vector<VcdSignal::Change> without_repeats(const std::vector<VcdSignal::Change>& changes) {
    std::vector<VcdSignal::Change> out;
    for (const VcdSignal::Change& change : changes) {
        if (out.empty() || out.back().value != change.value) {
            out.push_back(change);
        }
    }
    return out;
}

void expect_window(const VcdFile& whole, const VcdFile& window, std::uint64_t begin_ps, std::uint64_t end_ps) {
    EXPECT_EQ(window.begin_ps, begin_ps);
    EXPECT_EQ(window.end_ps, end_ps);
    ASSERT_EQ(window.signals.size(), whole.signals.size());
    for (const auto& [path, signal] : whole.signals) {
        EXPECT_EQ(without_repeats(window.of(path).changes), without_repeats(cut(signal, begin_ps, end_ps))) << path;
    }
}

TEST(Dump, AWindowShowsWhatTheWholeShowsThere) {
    const VcdFile whole = dump("edge_npu lenet");
    {
        SCOPED_TRACE("both ends, between edges of any clock");
        expect_window(whole, dump("edge_npu lenet --trace-from 1000001ps --trace-to 2345679ps"), 1000001, 2345679);
    }
    {
        SCOPED_TRACE("from an edge of the chip clock at which something happens");
        const std::uint64_t edge = whole.of("chip0.operation").changes.at(2).time_ps;
        expect_window(whole, dump("edge_npu lenet --trace-from " + std::to_string(edge) + "ps"), edge, whole.end_ps);
        SCOPED_TRACE("and up to it");
        expect_window(whole, dump("edge_npu lenet --trace-to " + std::to_string(edge) + "ps"), 0, edge);
    }
    {
        SCOPED_TRACE("behind the end: the values that were left");
        expect_window(whole, dump("edge_npu lenet --trace-from 1ms --trace-to 2ms"), 1'000'000'000, 1'000'000'000);
    }
}

void expect_scope(const VcdFile& whole, const std::string& scopes,
                  const std::function<bool(const std::string&)>& inside) {
    SCOPED_TRACE(scopes);
    const VcdFile part = dump("edge_npu lenet " + scopes);
    std::size_t expected = 0;
    for (const auto& [path, signal] : whole.signals) {
        if (inside(path)) {
            ++expected;
            EXPECT_EQ(without_repeats(part.of(path).changes), without_repeats(signal.changes)) << path;
        }
    }
    EXPECT_EQ(part.signals.size(), expected);
    EXPECT_GT(expected, 0u);
    EXPECT_EQ(part.end_ps, whole.end_ps);
}

TEST(Dump, AScopeShowsItsSignalsAsTheWholeShowsThem) {
    const VcdFile whole = dump("edge_npu lenet");
    const auto below = [](const std::string& scope) {
        return [scope](const std::string& path) { return path.rfind(scope + ".", 0) == 0; };
    };
    expect_scope(whole, "--trace-scope chip0.tile1", below("chip0.tile1"));
    expect_scope(whole, "--trace-scope 'chip0.tile2.*'", below("chip0.tile2"));
    expect_scope(whole, "--trace-scope chip0.dram0", below("chip0.dram0"));
    expect_scope(whole, "--trace-scope chip0.noc", below("chip0.noc"));
    expect_scope(whole, "--trace-scope chip0.tile3.spad.filter --trace-scope chip0.sync_board",
                 [&](const std::string& path) {
                     return below("chip0.tile3.spad.filter")(path) || below("chip0.sync_board")(path);
                 });
    for (const std::string name : {"chip0.operation", "chip0.tile0.dma.load.in_flight", "chip0.dram1.bank3.row",
                                   "chip0.noc.link.r0_east.busy", "chip0.tile0.sequencer.store.state"}) {
        expect_scope(whole, "--trace-scope " + name, [&](const std::string& path) { return path == name; });
    }
    expect_scope(whole, "--trace-scope '*.state'", [](const std::string& path) {
        return path.size() > 6 && path.compare(path.size() - 6, 6, ".state") == 0;
    });
}

} // namespace
} // namespace systolica
