// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The built program as a user runs it: arguments in, stdout, stderr and exit code out, in a folder of its own.
#pragma once

#include "../base/temporary_folder.h"

#include <string>

namespace systolica {

struct Outcome {
    int code = 0;
    std::string out, err;
};

class Program {
public:
    // `arguments` as in a shell, `prefix` before the program's name, e.g. "timeout 1".
    Outcome run(const std::string& arguments, const std::string& prefix = "") const;

    const TemporaryFolder& folder() const { return folder_; }

private:
    TemporaryFolder folder_;
};

} // namespace systolica
