// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A folder of platform files for one test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/diagnostics.h"
#include "platforms/reader.h"

namespace systolica {

class PlatformFiles : public testing::Test {
protected:
    PlatformFiles()
        : folder_(std::filesystem::temp_directory_path() / ("systolica_platforms_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~PlatformFiles() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
        return path(name);
    }

    // The problems of a platform, one text each; empty when it is good.
    static std::vector<std::string> problems(const std::string& file, const std::vector<std::string>& sets = {}) {
        std::vector<std::string> texts;
        try {
            read_platform(file, sets);
        } catch (const InputError& error) {
            for (const Problem& problem : error.problems().list()) {
                texts.push_back(problem.text());
            }
        }
        return texts;
    }

private:
    std::filesystem::path folder_;
};

} // namespace systolica
