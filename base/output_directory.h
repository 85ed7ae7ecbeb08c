// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A result folder: filled under a temporary name beside its destination and renamed when whole. A destination that
// holds a former result is replaced in one step; anything else that exists is refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/output_file.h"

namespace systolica {

class OutputDirectory {
public:
    // Makes the temporary folder (and missing parents), so that a destination that cannot be written is known before
    // any work is done. `mark` is the file that tells a former result from a stranger's folder. Throws OutputRefused.
    OutputDirectory(const std::string& destination, std::string mark);
    ~OutputDirectory(); // without commit(): nothing is left behind
    OutputDirectory(const OutputDirectory&) = delete;
    OutputDirectory& operator=(const OutputDirectory&) = delete;

    void write(const std::string& file_name, const std::string& content); // throws OutputError
    // A file that grows piece by piece; to be closed before commit(), and gone before this is.
    std::unique_ptr<OutputFile> open(const std::string& file_name) const; // throws OutputRefused
    void commit();                                                        // throws OutputError, OutputRefused

private:
    bool destination_exists() const; // true for a former result; throws OutputRefused for anything else

    std::string shown_;       // as the user wrote it
    std::string destination_; // absolute, without links
    std::string mark_;
    std::string temporary_;
    std::vector<std::string> made_parents_; // outermost first
    bool committed_ = false;
};

} // namespace systolica
