// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/child_run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace systolica {

namespace {

[[noreturn]] void become(const std::vector<std::string>& arguments, int stdout_descriptor) {
    std::vector<char*> argv;
    std::string program = "systolica";
    argv.push_back(program.data());
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str())); // execv takes char* for historical reasons
    }
    argv.push_back(nullptr);
    ::dup2(stdout_descriptor, STDOUT_FILENO);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
}

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t got = ::read(descriptor, chunk.data(), chunk.size());
        if (got > 0) {
            text.append(chunk.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            return text;
        }
    }
}

} // namespace

std::string run_child(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        become(arguments, ends[1]);
    }
    ::close(ends[1]);
    std::string text = child > 0 ? read_all(ends[0]) : "";
    ::close(ends[0]);
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        std::string command;
        for (const std::string& argument : arguments) {
            command += " " + argument;
        }
        throw std::runtime_error("systolica" + command + " did not end well");
    }
    return text;
}

} // namespace systolica
