// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/traffic_file.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/diagnostics.h"

namespace systolica {

namespace {

constexpr const char* kKey = "traffic";

struct Field {
    const char* name;
    std::uint64_t least;
    std::uint64_t most;
};

class TrafficReader {
public:
    TrafficReader(const std::string& path, unsigned nodes) : path_(path), nodes_(nodes) {}

    std::vector<TimedPacket> read() {
        errno = 0;
        std::ifstream file(path_);
        if (std::filesystem::is_directory(path_)) {
            refuse("expected a traffic file, got a directory");
        }
        if (!file) {
            refuse(std::string("expected a traffic file that can be read, got: ") + std::strerror(errno));
        }
        while (problems_.list().size() < TrafficFile::kMostProblems && std::getline(file, text_)) {
            ++line_;
            read_line();
        }
        if (problems_.empty() && packets_.empty()) {
            refuse("expected at least one packet, got none");
        }
        if (!problems_.empty()) {
            throw InputError(problems_);
        }
        return std::move(packets_);
    }

private:
    [[noreturn]] void refuse(const std::string& message) const { throw InputError({path_, 0, 0}, kKey, message); }

    void problem(std::size_t at, const std::string& expected, const std::string& got) {
        problems_.add({path_, line_, static_cast<int>(at) + 1}, kKey, "expected " + expected + ", got " + got);
    }

    static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

    void skip_blanks() {
        while (at_ < text_.size() && blank(text_[at_])) {
            ++at_;
        }
    }
    bool at_end() const { return at_ == text_.size() || text_[at_] == '#'; }

    std::string got() const {
        if (at_end()) {
            return "the end of the line";
        }
        constexpr std::size_t kMost = 40;
        std::string word;
        for (std::size_t i = at_; i < text_.size() && !blank(text_[i]) && word.size() < kMost; ++i) {
            word += static_cast<unsigned char>(text_[i]) < 0x20 || static_cast<unsigned char>(text_[i]) >= 0x7f
                        ? '?'
                        : text_[i];
        }
        return "'" + word + "'";
    }

    void read_line() {
        at_ = 0;
        skip_blanks();
        if (at_end()) {
            return;
        }
        const Field fields[] = {{"cycle", last_, TrafficFile::kLastCycle},
                                {"source", 0, nodes_ - 1},
                                {"destination", 0, nodes_ - 1},
                                {"number of flits", 1, TrafficFile::kMostFlits}};
        std::uint64_t values[4] = {};
        for (std::size_t i = 0; i < 4; ++i) {
            if (!read_number(fields[i], values[i])) {
                return;
            }
        }
        if (!at_end()) {
            problem(at_, "the end of the line", got());
            return;
        }
        last_ = values[0];
        TimedPacket packet;
        packet.cycle = values[0];
        packet.packet.source = static_cast<unsigned>(values[1]);
        packet.packet.destination = static_cast<unsigned>(values[2]);
        packet.packet.flits = static_cast<unsigned>(values[3]);
        packets_.push_back(packet);
    }

    bool read_number(const Field& field, std::uint64_t& value) {
        const char* begin = text_.data() + at_;
        const char* end = text_.data() + text_.size();
        const auto [stop, error] = std::from_chars(begin, end, value);
        const bool whole = stop != begin && (stop == end || blank(*stop) || *stop == '#');
        if (error == std::errc::result_out_of_range) {
            value = std::numeric_limits<std::uint64_t>::max();
        }
        if (!whole || value < field.least || value > field.most) {
            problem(at_,
                    std::string(field.name) + " from " + std::to_string(field.least) + " to " +
                        std::to_string(field.most),
                    got());
            return false;
        }
        at_ += static_cast<std::size_t>(stop - begin);
        skip_blanks();
        return true;
    }

    const std::string path_;
    const unsigned nodes_;
    Problems problems_;
    std::vector<TimedPacket> packets_;
    std::string text_;
    std::size_t at_ = 0;
    int line_ = 0;
    std::uint64_t last_ = 0;
};

} // namespace

std::vector<TimedPacket> read_traffic(const std::string& path, unsigned nodes) {
    return TrafficReader(path, nodes).read();
}

} // namespace systolica
