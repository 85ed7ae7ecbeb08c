// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "program.h"

#include <sys/wait.h>

namespace systolica {

Outcome Program::run(const std::string& arguments, const std::string& prefix) const {
    TemporaryFolder streams;
    // A run that does not end must not outlive its test.
    const std::string command = "cd '" + folder_.file("") + "' && " + prefix + " timeout 120 '" SYSTOLICA_BINARY "' " +
                                arguments + " > '" + streams.file("out") + "' 2> '" + streams.file("err") +
                                "' < /dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, streams.read("out"), streams.read("err")};
}

} // namespace systolica
