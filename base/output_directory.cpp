// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/output_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace systolica {

namespace fs = std::filesystem;

namespace {

// mkdtemp makes folders that only the owner may enter; give the result the permissions of any other new folder.
void use_default_permissions(const std::string& path) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(path.c_str(), static_cast<mode_t>(0777) & ~mask);
}

bool exchange(const std::string& a, const std::string& b) {
    return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

} // namespace

OutputDirectory::OutputDirectory(const std::string& destination, std::string mark)
    : shown_(destination), mark_(std::move(mark)) {
    std::error_code error;
    fs::path path = fs::weakly_canonical(fs::absolute(destination, error), error);
    if (destination.empty() || error) {
        throw OutputRefused("expected the name of a result folder, got '" + shown_ + "'");
    }
    if (!path.has_filename()) {
        path = path.parent_path(); // written with a slash at its end
    }
    destination_ = path.string();
    destination_exists();

    const fs::path parent = path.parent_path();
    for (fs::path missing = parent; !missing.empty() && !fs::exists(missing, error); missing = missing.parent_path()) {
        made_parents_.insert(made_parents_.begin(), missing.string());
    }
    fs::create_directories(parent, error);
    std::string name = destination_ + ".partial.XXXXXX";
    if (error || ::mkdtemp(name.data()) == nullptr) {
        const std::string why = error ? error.message() : std::strerror(errno);
        throw OutputRefused(shown_ + ": expected a place where a folder can be written, got: " + why);
    }
    temporary_ = name;
    use_default_permissions(temporary_);
}

OutputDirectory::~OutputDirectory() {
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
    if (!committed_) {
        for (auto parent = made_parents_.rbegin(); parent != made_parents_.rend(); ++parent) {
            fs::remove(*parent, ignored); // only when empty
        }
    }
}

void OutputDirectory::write(const std::string& file_name, const std::string& content) {
    const std::unique_ptr<OutputFile> file = open(file_name);
    file->append(content);
    file->close();
}

std::unique_ptr<OutputFile> OutputDirectory::open(const std::string& file_name) const {
    return std::make_unique<OutputFile>((fs::path(temporary_) / file_name).string(),
                                        (fs::path(shown_) / file_name).string());
}

void OutputDirectory::commit() {
    // Looked at again: a long run leaves time for others to put something there.
    if (destination_exists()) {
        if (!exchange(temporary_, destination_)) { // not on every file system: two renames instead
            const std::string former = temporary_ + ".former";
            if (std::rename(destination_.c_str(), former.c_str()) != 0 ||
                std::rename(temporary_.c_str(), destination_.c_str()) != 0) {
                const std::string why = std::strerror(errno);
                std::rename(former.c_str(), destination_.c_str());
                throw OutputError(shown_ + ": cannot be replaced: " + why);
            }
            temporary_ = former;
        }
    } else if (std::rename(temporary_.c_str(), destination_.c_str()) != 0) {
        throw OutputError(shown_ + ": cannot be written: " + std::strerror(errno));
    }
    committed_ = true; // what is under the temporary name now, if anything, is the former result
}

bool OutputDirectory::destination_exists() const {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(destination_, error))) {
        return false;
    }
    if (!fs::is_regular_file(fs::path(destination_) / mark_, error)) {
        throw OutputRefused(shown_ + ": expected a new name or a former result (a folder with " + mark_ +
                            "), got something else that exists");
    }
    return true;
}

} // namespace systolica
