// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/trace_reader.h"

#include <zlib.h>

#include <random>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "tests/base/temporary_folder.h"

namespace systolica {
namespace {

constexpr std::uint64_t kCapacity = std::uint64_t{1} << 30;

class DramTraceReader : public ::testing::Test {
protected:
    DramTrace read(const std::string& text) {
        folder.write("t", text);
        return read_dram_trace(folder.file("t"), kCapacity);
    }
    void write_gzip(const std::string& name, const std::string& text) {
        const gzFile file = ::gzopen(folder.file(name).c_str(), "wb");
        ASSERT_NE(file, nullptr);
        ASSERT_EQ(::gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
        ASSERT_EQ(::gzclose(file), Z_OK);
    }
    // The problems of a file, without its name: "2:3: trace: expected ..., got ...".
    std::string problems_of(const std::string& name) {
        try {
            read_dram_trace(folder.file(name), kCapacity);
        } catch (const InputError& error) {
            std::string text = error.problems().text();
            const std::string prefix = folder.file(name) + ":";
            for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
                text.erase(at, prefix.size());
            }
            return text;
        }
        return "";
    }
    std::string problem(const std::string& text) {
        folder.write("t", text);
        return problems_of("t");
    }

    TemporaryFolder folder;
};

TEST_F(DramTraceReader, TakesTheFieldsOfALineAndTheirDefaults) {
    const DramTrace trace = read("R 0x1f40\nW 0xABC0 256\nR\t0X20   4096\nW 0x0\n");
    ASSERT_EQ(trace.requests.size(), 4u);
    EXPECT_FALSE(trace.requests[0].write);
    EXPECT_EQ(trace.requests[0].address, 0x1f40u);
    EXPECT_EQ(trace.requests[0].bytes, 32u);
    EXPECT_TRUE(trace.requests[1].write);
    EXPECT_EQ(trace.requests[1].address, 0xabc0u);
    EXPECT_EQ(trace.requests[1].bytes, 256u);
    EXPECT_EQ(trace.requests[2].bytes, 4096u);
    EXPECT_TRUE(trace.clocks.empty());
    EXPECT_EQ(trace.largest_bytes, 4096u);
}

TEST_F(DramTraceReader, SkipsCommentsAndEmptyLinesAndCarriageReturns) {
    const DramTrace trace = read("# a trace\r\n\r\n  \t\nR 0x20 # the first\r\n   W 0x40 64 @7#the last\r\n# end");
    ASSERT_EQ(trace.requests.size(), 2u);
    EXPECT_EQ(trace.requests[1].bytes, 64u);
    EXPECT_EQ(trace.clocks, (std::vector<Ck>{0, 7}));
}

TEST_F(DramTraceReader, ARequestWithoutClockHasThatOfTheOneBefore) {
    EXPECT_EQ(read("R 0x0\nR 0x20\nR 0x40 @5\nR 0x60\nR 0x80 32 @5\nR 0xa0 @9").clocks,
              (std::vector<Ck>{0, 0, 5, 5, 5, 9}));
}

TEST_F(DramTraceReader, TellsGzipByContentAndNotByName) {
    write_gzip("named_plain", "R 0x40 64\n");
    folder.write("named.gz", "W 0x80\n");
    EXPECT_EQ(read_dram_trace(folder.file("named_plain"), kCapacity).requests[0].bytes, 64u);
    EXPECT_TRUE(read_dram_trace(folder.file("named.gz"), kCapacity).requests[0].write);
}

// Longer than any buffer, lines of all lengths: no line may be lost or cut where two reads meet.
TEST_F(DramTraceReader, LongFilesAreTheSamePlainAndCompressed) {
    std::mt19937_64 random(3);
    std::string text;
    std::vector<DramTraceRequest> expected;
    for (unsigned i = 0; i < 200'000; ++i) {
        DramTraceRequest request;
        request.write = random() % 2 == 0;
        request.bytes = static_cast<std::uint32_t>(1 + random() % 512);
        request.address = (random() % (kCapacity >> (random() % 30))) & ~std::uint64_t{511};
        char line[64];
        std::snprintf(line, sizeof line, "%c 0x%llx %u%s\n", request.write ? 'W' : 'R',
                      static_cast<unsigned long long>(request.address), request.bytes, i % 3 == 0 ? "\r" : "");
        text += line;
        expected.push_back(request);
    }
    ASSERT_GT(text.size(), std::size_t{2} << 20);
    folder.write("plain", text);
    write_gzip("packed", text);
    for (const char* name : {"plain", "packed"}) {
        const DramTrace trace = read_dram_trace(folder.file(name), kCapacity);
        ASSERT_EQ(trace.requests.size(), expected.size()) << name;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(trace.requests[i].address, expected[i].address) << name << " line " << i + 1;
            ASSERT_EQ(trace.requests[i].bytes, expected[i].bytes) << name << " line " << i + 1;
            ASSERT_EQ(trace.requests[i].write, expected[i].write) << name << " line " << i + 1;
        }
    }
}

TEST_F(DramTraceReader, SaysWhereALineIsWrongAndWhatWasExpected) {
    const std::pair<const char*, const char*> cases[] = {
        {"X 0x20\n", "1:1: trace: expected R or W, got 'X'"},
        {"R 0x20\n  READ 0x40\n", "2:3: trace: expected R or W, got 'READ'"},
        {"r 0x20\n", "1:1: trace: expected R or W, got 'r'"},
        {"R\n", "1:2: trace: expected a byte address such as 0x1f40, got the end of the line"},
        {"R 1234\n", "1:3: trace: expected a byte address such as 0x1f40, got '1234'"},
        {"R 0x\n", "1:3: trace: expected a byte address such as 0x1f40, got '0x'"},
        {"R 0x12g4\n", "1:3: trace: expected a byte address such as 0x1f40, got '0x12g4'"},
        {"R 0x40000000\n", "1:3: trace: expected an address below the memory's 1073741824 bytes, got '0x40000000'"},
        {"R 0x1ffffffffffffffff\n",
         "1:3: trace: expected an address below the memory's 1073741824 bytes, got '0x1ffffffffffffffff'"},
        {"R 0x20 0\n", "1:8: trace: expected 1 to 1048576 bytes, got '0'"},
        {"R 0x20 1048577\n", "1:8: trace: expected 1 to 1048576 bytes, got '1048577'"},
        {"R 0x20 99999999999999999999999\n", "1:8: trace: expected 1 to 1048576 bytes, got '99999999999999999999999'"},
        {"R 0x20 32B\n", "1:8: trace: expected a number of bytes, got '32B'"},
        {"R 0x20 -1\n", "1:8: trace: expected BYTES, @CLOCK or the end of the line, got '-1'"},
        {"R 0x20 32 64\n", "1:11: trace: expected BYTES, @CLOCK or the end of the line, got '64'"},
        {"R 0x20 @\n", "1:8: trace: expected a clock such as @1200, got '@'"},
        {"R 0x20 @12x\n", "1:8: trace: expected a clock such as @1200, got '@12x'"},
        {"R 0x20 @9\nR 0x40 32 @8\n",
         "2:11: trace: expected a clock from @9 (the request before) to @1000000000000, got '@8'"},
        {"R 0x20 @1000000000001\n",
         "1:8: trace: expected a clock from @0 (the request before) to @1000000000000, got '@1000000000001'"},
        {"R 0x3fffffe0 33\n", "1:14: trace: expected a request that ends within the memory's 1073741824 bytes, got 33 "
                              "bytes at the last 32"},
    };
    for (const auto& [text, message] : cases) {
        EXPECT_EQ(problem(text), message) << text;
    }
}

TEST_F(DramTraceReader, TheLastBytesOfTheMemoryAreIn) {
    EXPECT_EQ(read("R 0x3fffffe0 32\n").requests.size(), 1u);
    EXPECT_EQ(read("R 0x20 1048576 @1000000000000\n").requests.size(), 1u);
}

TEST_F(DramTraceReader, ShowsEveryBadLineUpToALimit) {
    EXPECT_EQ(problem("R 0x0\nA\nW 0x20\nB\n"),
              "2:1: trace: expected R or W, got 'A'\n4:1: trace: expected R or W, got 'B'");
    std::string many;
    for (int i = 0; i < 1000; ++i) {
        many += "?\n";
    }
    const std::string shown = problem(many);
    EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 20) << shown;
    EXPECT_NE(shown.find("expected a trace, got 20 bad lines; the rest was not read"), std::string::npos);
}

TEST_F(DramTraceReader, RefusesWhatIsNoTrace) {
    EXPECT_NE(problem("").find("expected at least one request, got none"), std::string::npos);
    EXPECT_NE(problem("# nothing\n\n").find("expected at least one request, got none"), std::string::npos);
    EXPECT_NE(problems_of("missing").find("expected a trace file that can be read, got: No such file"),
              std::string::npos);
    EXPECT_NE(problems_of("").find("expected a trace file, got a directory"), std::string::npos);
    EXPECT_EQ(problem("R 0x0\nR 0x" + std::string(5000, '0') + "\n"),
              "2:4097: trace: expected a line of at most 4096 characters, got a longer one");
    EXPECT_EQ(problem("R 0x0\n" + std::string(3 << 20, 'R')),
              "2:4097: trace: expected a line of at most 4096 characters, got a longer one");
}

// Whatever the bytes are: problems of one printable line each, no crash.
TEST_F(DramTraceReader, RefusesBinaryRubbish) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 50; ++round) {
        std::string rubbish;
        for (int i = 0; i < 5000; ++i) {
            rubbish += static_cast<char>(random());
        }
        const std::string shown = problem(rubbish);
        EXPECT_NE(shown.find(": trace: expected "), std::string::npos);
        for (const char c : shown) {
            ASSERT_TRUE((c >= 0x20 && c < 0x7f) || c == '\n') << static_cast<int>(c);
        }
    }
}

TEST_F(DramTraceReader, RefusesGzipThatIsCutOrDamaged) {
    std::string text;
    std::mt19937_64 random(7);
    for (int i = 0; i < 5000; ++i) {
        text += "R 0x" + std::to_string(random() % 1'000'000) + "0\n";
    }
    write_gzip("whole", text);
    const std::string packed = folder.read("whole");
    ASSERT_EQ(problems_of("whole"), "");
    for (const std::size_t bytes : {packed.size() - 1, packed.size() - 8, packed.size() / 2, std::size_t{20}}) {
        folder.write("cut", packed.substr(0, bytes));
        EXPECT_NE(problems_of("cut").find("expected the rest of the gzip data, got the end of the file"),
                  std::string::npos)
            << bytes << " of " << packed.size() << ": " << problems_of("cut");
    }
    std::string damaged = packed;
    damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
    folder.write("damaged", damaged);
    EXPECT_NE(problems_of("damaged"), "");
}

} // namespace
} // namespace systolica
