// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A file that is written to the end or not at all as far as a reader can tell: every write and the close are checked,
// since a full disk shows only there. Errors stay until close(), so that a writer deep in a simulation need not throw.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace systolica {

// Output that cannot be written (disk full, folder gone): exit code 1.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// A destination that the user should not have named: exit code 2.
class OutputRefused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class OutputFile {
public:
    // Truncates; throws OutputRefused when it cannot be opened. `shown` is what messages call it: its path if empty.
    explicit OutputFile(std::string path, const std::string& shown = "");
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    const std::string& path() const { return path_; }
    void append(std::string_view text); // buffered
    void flush();
    bool failed() const { return error_ != 0; }
    void close(); // throws OutputError with the first thing that went wrong

private:
    std::string path_;
    std::string shown_;
    int descriptor_ = -1;
    int error_ = 0; // errno of the first failure
    std::string buffer_;
};

} // namespace systolica
