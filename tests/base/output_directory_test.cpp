// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/output_directory.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace systolica {
namespace {

constexpr const char* kMark = "summary.json";

TEST(OutputDirectory, AppearsOnlyWhenCommitted) {
    const TemporaryFolder folder;
    {
        OutputDirectory out(folder.file("result"), kMark);
        out.write(kMark, "{}\n");
        EXPECT_FALSE(std::filesystem::exists(folder / "result"));
        out.commit();
    }
    EXPECT_EQ(folder.read("result/summary.json"), "{}\n");
    EXPECT_EQ(folder.entries(), 1u); // nothing temporary beside it
}

TEST(OutputDirectory, LeavesNothingWithoutCommit) {
    const TemporaryFolder folder;
    {
        OutputDirectory out(folder.file("new/parents/result"), kMark);
        out.write(kMark, "{}\n");
    }
    EXPECT_EQ(folder.entries(), 0u);
}

TEST(OutputDirectory, AFileWrittenPieceByPieceComesWithTheRest) {
    const TemporaryFolder folder;
    {
        OutputDirectory out(folder.file("result"), kMark);
        const auto file = out.open("long.csv");
        file->append("a,");
        file->append("b\n");
        file->close();
        EXPECT_FALSE(std::filesystem::exists(folder / "result"));
        out.write(kMark, "{}\n");
        out.commit();
    }
    EXPECT_EQ(folder.read("result/long.csv"), "a,b\n");
    EXPECT_EQ(folder.entries(), 1u);
}

TEST(OutputDirectory, LeavesNoFileThatWasNeverClosed) {
    const TemporaryFolder folder;
    {
        OutputDirectory out(folder.file("result"), kMark);
        const auto file = out.open("long.csv");
        file->append("a,b\n");
        file->flush();
    }
    EXPECT_EQ(folder.entries(), 0u);
}

TEST(OutputDirectory, ReplacesAFormerResultAsAWhole) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "result");
    folder.write("result/summary.json", "old");
    folder.write("result/stale.csv", "old");
    {
        OutputDirectory out(folder.file("result/"), kMark); // a slash at the end names the same folder
        out.write(kMark, "new");
        EXPECT_EQ(folder.read("result/summary.json"), "old");
        out.commit();
    }
    EXPECT_EQ(folder.read("result/summary.json"), "new");
    EXPECT_FALSE(std::filesystem::exists(folder / "result/stale.csv"));
    EXPECT_EQ(folder.entries(), 1u);
}

TEST(OutputDirectory, RefusesWhatIsNoFormerResult) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "empty");
    std::filesystem::create_directory(folder / "strange");
    folder.write("strange/thesis.tex", "work of years");
    folder.write("file", "x");
    std::filesystem::create_symlink("nowhere", folder / "dangling");
    for (const char* name : {"empty", "strange", "file", "file/below", "dangling", ""}) {
        const std::string path = *name == '\0' ? "" : folder.file(name);
        EXPECT_THROW(OutputDirectory(path, kMark), OutputRefused) << "'" << name << "'";
    }
    EXPECT_EQ(folder.read("strange/thesis.tex"), "work of years");
    EXPECT_EQ(folder.entries(), 4u);
}

TEST(OutputDirectory, FollowsALinkToAFormerResult) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "result");
    folder.write("result/summary.json", "old");
    std::filesystem::create_symlink("result", folder / "latest");
    {
        OutputDirectory out(folder.file("latest"), kMark);
        out.write(kMark, "new");
        out.commit();
    }
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "latest"));
    EXPECT_EQ(folder.read("result/summary.json"), "new");
}

TEST(OutputDirectory, HasThePermissionsOfAnyNewFolder) {
    const TemporaryFolder folder;
    const mode_t former = ::umask(022);
    {
        OutputDirectory out(folder.file("result"), kMark);
        out.write(kMark, "{}");
        out.commit();
    }
    ::umask(former);
    EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(folder / "result").permissions()), 0755u);
}

// A file size limit stands for a full disk: a short write, then an error.
TEST(OutputDirectory, AShortWriteIsAnErrorAndLeavesNothing) {
    const TemporaryFolder folder;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    rlimit small = limit;
    small.rlim_cur = 1000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::string message;
    try {
        OutputDirectory out(folder.file("result"), kMark);
        out.write(kMark, std::string(5000, 'x'));
    } catch (const OutputError& error) {
        message = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_EQ(message, folder.file("result/summary.json") + ": cannot be written: File too large");
    EXPECT_EQ(folder.entries(), 0u);
}

} // namespace
} // namespace systolica
