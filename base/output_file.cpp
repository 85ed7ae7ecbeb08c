// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace systolica {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

} // namespace

OutputFile::OutputFile(std::string path, const std::string& shown)
    : path_(std::move(path)), shown_(shown.empty() ? path_ : shown) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
        throw OutputRefused(shown_ + ": expected a file that can be written, got: " + std::strerror(errno));
    }
    buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void OutputFile::append(std::string_view text) {
    if (buffer_.size() + text.size() > kBufferBytes) {
        flush();
    }
    buffer_ += text;
}

void OutputFile::flush() {
    std::size_t done = 0;
    while (error_ == 0 && done < buffer_.size()) {
        const ssize_t written = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
        if (written > 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            error_ = errno != 0 ? errno : EIO;
        }
    }
    buffer_.clear();
}

void OutputFile::close() {
    if (descriptor_ < 0) {
        return;
    }
    flush();
    if (::close(descriptor_) != 0 && error_ == 0) {
        error_ = errno;
    }
    descriptor_ = -1;
    if (error_ != 0) {
        throw OutputError(shown_ + ": cannot be written: " + std::strerror(error_));
    }
}

} // namespace systolica
