// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/data_files.h"

#include "base/diagnostics.h"
#include "temporary_folder.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

class DataFiles : public testing::Test {
protected:
    DataFiles() {
        std::filesystem::create_directory(folder_ / "platforms");
        for (const char* name : {"platforms/zebra.yaml", "platforms/edge.yaml", "platforms/notes.txt", "mine.yaml"}) {
            folder_.write(name, "x: 1\n");
        }
        ::setenv("SYSTOLICA_DATA", folder_.file("").c_str(), 1);
    }
    ~DataFiles() override { ::unsetenv("SYSTOLICA_DATA"); }

    TemporaryFolder folder_;
};

TEST_F(DataFiles, BundledNamesAreYamlFilesInOrder) {
    EXPECT_EQ(bundled_names("platforms"), (std::vector<std::string>{"edge", "zebra"}));
    EXPECT_TRUE(bundled_names("nothing").empty());
}

TEST_F(DataFiles, AnExistingPathWinsAndANameIsLookedUp) {
    EXPECT_EQ(resolve_file(folder_.file("mine.yaml"), "platforms", "platform"), folder_.file("mine.yaml"));
    EXPECT_EQ(resolve_file("edge", "platforms", "platform"), (folder_ / "platforms/edge.yaml").string());
}

TEST_F(DataFiles, AWrongNameIsAnInputErrorWithTheNearestOne) {
    try {
        resolve_file("edgy", "platforms", "platform");
        FAIL() << "expected an InputError";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(), "edgy: expected a platform file or a bundled platform name, got 'edgy' "
                                   "(did you mean 'edge'?)");
    }
    EXPECT_THROW(resolve_file("no/such/file.yaml", "platforms", "platform"), InputError);
}

} // namespace
} // namespace systolica
