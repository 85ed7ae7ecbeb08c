// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Rules between the keys of chip.dram.
#include "platforms/dram_checks.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

using Lines = std::vector<std::string>;

class DramRules : public PlatformFiles {
protected:
    // The problems of single_tile (lpddr4-3200: 8 banks, 2^16 rows, 64 bursts a row) with these keys of chip.dram set,
    // each without "--set KEY=VALUE: chip.dram.".
    static Lines with(const Lines& keys) {
        Lines sets, texts;
        for (const std::string& key : keys) {
            sets.push_back("chip.dram." + key);
        }
        for (const std::string& text : problems("single_tile", sets)) {
            const std::string mark = ": chip.dram.";
            texts.push_back(text.substr(text.find(mark) + mark.size()));
        }
        return texts;
    }
};

TEST_F(DramRules, MappingHasToPlaceEveryBitOnce) {
    EXPECT_EQ(with({"mapping=row-column:4-bank-column:2"}), Lines{});
    EXPECT_EQ(with({"mapping=row-column"}), Lines{"mapping: expected 3 bits of bank, got none in 'row-column'"});
    EXPECT_EQ(with({"mapping=row-bank-bank:2-column:7"}),
              Lines{"mapping: expected 6 bits of column, got 7 in 'row-bank-bank:2-column:7'"});
    EXPECT_EQ(with({"mapping=row-banks-column"}),
              Lines{"mapping: expected fields row, rank, bank, group, column joined by '-', got 'banks' (did you mean "
                    "'bank'?) in 'row-banks-column'"});
}

TEST_F(DramRules, MappingProblemStandsAtTheKeyGivenLast) {
    EXPECT_EQ(with({"mapping=row-bank-column", "ranks=2"}),
              Lines{"ranks: expected 1 bit of rank, got none in 'row-bank-column'"});
    EXPECT_EQ(with({"ranks=2", "mapping=row-bank-column"}),
              Lines{"mapping: expected 1 bit of rank, got none in 'row-bank-column'"});
    EXPECT_EQ(with({"ranks=2"}), Lines{}); // the default has a place for them
}

TEST_F(DramRules, HashMayOnlyNameBitsThatAreThere) {
    EXPECT_EQ(with({"hash=bank0^row0,bank1^row1^row9"}), Lines{});
    EXPECT_EQ(with({"hash=group0^row0"}), Lines{"hash: expected one of bank0..bank2 before '^', got 'group0^row0'"});
    EXPECT_EQ(with({"hash=rank0^row3", "ranks=2"}), Lines{});
    EXPECT_EQ(with({"mapping=row", "hash=bank0^row16"}),
              (Lines{"hash: expected row0..row15 behind '^', got 'bank0^row16'",
                     "mapping: expected 3 bits of bank, got none in 'row'"}));
}

TEST_F(DramRules, InlineEccKeepsTheUpperColumnsTogether) {
    EXPECT_EQ(with({"ecc=inline", "mapping=row-column:4-bank-column:2"}), Lines{});
    EXPECT_EQ(with({"ecc=inline", "mapping=row-column:2-bank-column:4"}),
              Lines{"mapping: expected the upper three bits of column side by side for inline ECC, got "
                    "'row-column:2-bank-column:4'"});
    EXPECT_EQ(with({"ecc=inline", "mapping=row-column"}), Lines{"mapping: expected 3 bits of bank, got none in "
                                                                "'row-column'"});
}

TEST_F(DramRules, NoneTakesTheHashOfABaseAway) {
    const std::string base = write("base.yaml", "chip: {dram: {hash: permutation}}\n");
    EXPECT_EQ(read_platform(base).chip.dram.hash, "permutation");
    EXPECT_EQ(read_platform(base, {"chip.dram.hash=none"}).chip.dram.hash, "");
}

TEST_F(DramRules, MappingAndHashMayStandInFlowMapsInQuotes) {
    const std::string file = write("p.yaml", "chip: {dram: {mapping: 'row-column:4-bank-column:2', hash: "
                                             "'bank0^row0,bank1^row1'}}\n");
    EXPECT_EQ(problems(file), Lines{});
    EXPECT_EQ(read_platform(file).chip.dram.hash, "bank0^row0,bank1^row1");
}

TEST_F(DramRules, ChannelHasAtMost64Banks) {
    EXPECT_EQ(with({"ranks=8"}), Lines{});
    EXPECT_EQ(with({"ranks=16"}), Lines{"ranks: expected at most 64 banks in a channel, got 16 ranks of 8"});
    EXPECT_EQ(with({"ranks=3"}), Lines{"ranks: expected a power of two from 1 to 16, got '3'"});
}

TEST_F(DramRules, UnifiedQueueReplacesReadAndWriteQueue) {
    const std::string file = write("p.yaml", "chip:\n  dram:\n    queue: {read: 16, unified: 48}\n");
    EXPECT_EQ(problems(file), Lines{file + ":3:19: chip.dram.queue.read: expected this key only with "
                                           "chip.dram.queue.unified: 0, got it with unified: 48"});
    EXPECT_EQ(with({"queue.read=16", "queue.unified=48"}), Lines{}); // the later layer wins
    EXPECT_EQ(with({"queue.unified=48", "queue.write=16"}),
              Lines{"queue.write: expected this key only with chip.dram.queue.unified: 0, got it with unified: 48"});
    EXPECT_EQ(with({"queue.unified=0", "queue.write=16"}), Lines{});
}

TEST_F(DramRules, LimitOfABankIsNoMoreThanTheQueues) {
    EXPECT_EQ(with({"queue.per_bank=64"}), Lines{}); // 32 + 32
    EXPECT_EQ(with({"queue.per_bank=65"}),
              Lines{"queue.per_bank: expected a limit for a bank (per_bank) of at most the 64 entries of a channel, "
                    "got 65"});
    EXPECT_EQ(with({"queue.per_bank=40", "queue.unified=39"}),
              Lines{"queue.unified: expected a limit for a bank (per_bank) of at most the 39 entries of a channel, "
                    "got 40"});
    EXPECT_EQ(with({"queue.per_bank=40", "queue.read=8", "queue.write=32"}), Lines{});
}

TEST_F(DramRules, WritesEndBelowWhereTheyBegin) {
    EXPECT_EQ(with({"scheduler=fr_fcfs_grouped", "write_low=0.8"}),
              Lines{"write_low: expected write_low below write_high, got 0.8 and 0.8"});
    EXPECT_EQ(with({"scheduler=fr_fcfs_grouped", "write_high=0.1"}),
              Lines{"write_high: expected write_low below write_high, got 0.2 and 0.1"});
    EXPECT_EQ(with({"scheduler=fr_fcfs_grouped", "write_high=0.1", "write_low=0"}), Lines{});
}

TEST_F(DramRules, SelfRefreshComesNoSoonerThanPowerDown) {
    EXPECT_EQ(with({"power_down_ck=100", "self_refresh_ck=100"}), Lines{});
    EXPECT_EQ(with({"self_refresh_ck=1"}), Lines{});
    EXPECT_EQ(with({"power_down_ck=100", "self_refresh_ck=99"}),
              Lines{"self_refresh_ck: expected self_refresh_ck to be at least power_down_ck, got 99 and 100"});
}

TEST_F(DramRules, PointersNeedDataToPointTo) {
    EXPECT_EQ(with({"data=true", "dmi=true"}), Lines{});
    EXPECT_EQ(with({"dmi=true"}), Lines{"dmi: expected data: true with dmi: true, which points into the bytes kept, "
                                        "got data: false"});
    EXPECT_EQ(with({"dmi=false"}), Lines{});
}

TEST_F(DramRules, KeysOfAChoiceNeedThatChoice) {
    EXPECT_EQ(with({"page_timeout_ck=5"}),
              Lines{"page_timeout_ck: expected this key only with chip.dram.page_policy: timeout, got it with "
                    "page_policy: open"});
    EXPECT_EQ(with({"page_policy=timeout", "page_timeout_ck=5", "page_policy=closed"}), Lines{});
    EXPECT_EQ(with({"refresh=none", "refresh_postpone=2"}),
              Lines{"refresh_postpone: expected this key only with chip.dram.refresh: all_bank or per_bank, got it "
                    "with refresh: none"});
    EXPECT_EQ(with({"scheduler=fr_fcfs", "write_high=0.7"}),
              Lines{"write_high: expected this key only with chip.dram.scheduler: "
                    "fr_fcfs_grouped, got it with scheduler: fr_fcfs"});
}

TEST_F(DramRules, IdealMemoryHasNoController) {
    const auto refused = [](const std::string& key) { return problems("scalesim", {"chip.dram." + key}).at(0); };
    const std::string only = "expected this key only with chip.dram.model: controller, got it with model: ideal";
    for (const char* set : {"ranks=2",
                            "mapping=row-bank-column",
                            "hash=none",
                            "scheduler=fifo",
                            "page_policy=open",
                            "page_timeout_ck=9",
                            "refresh=none",
                            "refresh_postpone=1",
                            "power_down_ck=1",
                            "self_refresh_ck=1",
                            "queue.read=8",
                            "queue.write=8",
                            "queue.unified=8",
                            "queue.per_bank=8",
                            "write_high=0.9",
                            "write_low=0.1",
                            "age_limit_ck=1",
                            "ecc=inline",
                            "data=true",
                            "dmi=false",
                            "frontend_latency_ns=1"}) {
        const std::string key = std::string(set).substr(0, std::string(set).find('='));
        EXPECT_EQ(refused(set), "--set chip.dram." + std::string(set) + ": chip.dram." + key + ": " + only);
    }
    // The model given last drops what was said for the controller.
    EXPECT_EQ(problems("single_tile", {"chip.dram.scheduler=fifo", "chip.dram.model=ideal"}), Lines{});
}

// A platform whose part is lpddr4-3200 with one value replaced.
class DramRulesOfAPart : public DramRules {
protected:
    Lines with_part(const std::string& value, const std::string& replacement, const Lines& sets = {}) {
        std::ifstream bundled(std::string(SYSTOLICA_SOURCE_DIR) + "/platforms/parts/lpddr4-3200.yaml");
        std::string text((std::istreambuf_iterator<char>(bundled)), std::istreambuf_iterator<char>());
        text.replace(text.find(value), value.size(), replacement);
        write("part.yaml", text);
        return problems(write("p.yaml", "chip:\n  dram: {part: part.yaml}\n"), sets);
    }
};

TEST_F(DramRulesOfAPart, ProblemOfThePartIsNotReportedAgainAsOneOfTheMap) {
    const Lines found = with_part("banks: 8", "banks: 6", {"chip.dram.mapping=row-bank:1-column"});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_NE(found[0].find("banks: expected a power of two"), std::string::npos) << found[0];
}

TEST_F(DramRulesOfAPart, RowsThatAreNoPowerOfTwoAreAtTheTop) {
    EXPECT_EQ(with_part("rows: 65536", "rows: 49152"), Lines{});
    EXPECT_EQ(with_part("rows: 65536", "rows: 49152", {"chip.dram.mapping=bank-row-column"}),
              Lines{"--set chip.dram.mapping=bank-row-column: chip.dram.mapping: expected all bits of row at the top, "
                    "because the part's number of rows is no power of two, got 'bank-row-column'"});
}

TEST_F(DramRulesOfAPart, InlineEccNeedsPagesThatCanBeSplitSevenToOne) {
    EXPECT_EQ(with_part("page_bytes: 2048", "page_bytes: 256", {"chip.dram.ecc=inline"}), Lines{});
    EXPECT_EQ(with_part("page_bytes: 2048", "page_bytes: 128"), Lines{});
    EXPECT_EQ(with_part("page_bytes: 2048", "page_bytes: 128", {"chip.dram.ecc=inline"}),
              Lines{"--set chip.dram.ecc=inline: chip.dram.ecc: expected pages of at least 8 bursts for inline ECC, "
                    "got 4"});
}

TEST_F(DramRules, MappingThatOpensARowForLessThanAnInterleaveBlockIsNoted) {
    const auto notes = [](const std::string& mapping, const std::string& interleave = "256") {
        return dram_notes(
            read_platform("single_tile", {"chip.dram.mapping=" + mapping, "chip.dram.interleave_bytes=" + interleave}));
    };
    EXPECT_EQ(notes("row-bank-column"), Lines{});
    EXPECT_EQ(notes("bank-row-column"), Lines{});
    EXPECT_EQ(notes("row-column:3-bank-column:3"), Lines{});
    EXPECT_EQ(notes("column:3-row-bank-column:3"), Lines{}); // 8 bursts of 32 bytes are the whole block
    const std::string why = " bytes each time it opens a row, because bits of row lie below bits of column in '";
    EXPECT_EQ(notes("column:3-row-bank-column:3", "512"),
              Lines{"chip.dram.mapping: a sequential stream moves only 256" + why + "column:3-row-bank-column:3'"});
    EXPECT_EQ(notes("bank-column-row"),
              Lines{"chip.dram.mapping: a sequential stream moves only 32" + why + "bank-column-row'"});
}

} // namespace
} // namespace systolica
