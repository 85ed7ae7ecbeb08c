// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/data_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/diagnostics.h"

namespace systolica {

namespace fs = std::filesystem;

std::string data_root() {
    if (const char* from_environment = std::getenv("SYSTOLICA_DATA")) {
        return from_environment;
    }
    std::error_code error;
    const fs::path binary = fs::read_symlink("/proc/self/exe", error);
    if (!error) {
        const fs::path installed = binary.parent_path().parent_path() / "share" / "systolica";
        if (fs::is_directory(installed / "platforms", error)) {
            return installed.string();
        }
    }
    return SYSTOLICA_SOURCE_DATA_DIR;
}

std::vector<std::string> bundled_names(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(data_root()) / folder, error)) {
        if (entry.path().extension() == ".yaml") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string resolve_file(const std::string& name_or_path, const std::string& folder, const std::string& what) {
    std::error_code error;
    const bool looks_like_path = name_or_path.find('/') != std::string::npos || fs::path(name_or_path).has_extension();
    if (fs::is_regular_file(name_or_path, error) || (looks_like_path && fs::exists(name_or_path, error))) {
        return name_or_path;
    }
    const fs::path bundled = fs::path(data_root()) / folder / (name_or_path + ".yaml");
    if (!looks_like_path && fs::is_regular_file(bundled, error)) {
        return bundled.string();
    }
    throw InputError({name_or_path, 0, 0}, "",
                     "expected a " + what + " file or a bundled " + what + " name, got '" + name_or_path + "'" +
                         suggestion(name_or_path, bundled_names(folder)));
}

} // namespace systolica
