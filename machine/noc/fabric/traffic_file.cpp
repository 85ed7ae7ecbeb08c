// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/traffic_file.h"

#include <algorithm>
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

struct Nodes { // at one end of a packet
    std::vector<unsigned> list;
    bool all = false;   // but the one at the other end
    std::size_t at = 0; // in the line

    bool is_one() const { return !all && list.size() == 1; }
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
        if (blank(text_[at_])) {
            return "a blank";
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
        std::uint64_t cycle = 0;
        std::uint64_t flits = 0;
        Nodes sources;
        Nodes destinations;
        if (!read_number({"cycle", last_, TrafficFile::kLastCycle}, cycle) || !read_nodes("source", sources) ||
            !read_nodes("destination", destinations) ||
            !read_number({"number of flits", 1, TrafficFile::kMostFlits}, flits)) {
            return;
        }
        const bool reduces = read_word("reduce");
        if (!at_end()) {
            problem(at_, "the end of the line", got());
        } else if (reduces && !destinations.is_one()) {
            problem(destinations.at, "one destination of a reduction", "several");
        } else if (!reduces && !sources.is_one()) {
            problem(sources.at, "one source, or reduce at the end of the line", "several");
        } else {
            last_ = cycle;
            add(cycle, static_cast<unsigned>(flits), sources, destinations, reduces);
        }
    }

    void add(std::uint64_t cycle, unsigned flits, Nodes& sources, Nodes& destinations, bool reduces) {
        Nodes& several = reduces ? sources : destinations;
        const unsigned other = (reduces ? destinations : sources).list.front();
        for (unsigned node = 0; several.all && node < nodes_; ++node) {
            if (node != other) {
                several.list.push_back(node);
            }
        }
        if (several.list.empty()) {
            problem(several.at, "a network of several nodes for all", "one of one node");
            return;
        }
        TimedPacket packet;
        packet.cycle = cycle;
        packet.packet.source = sources.list.front();
        packet.packet.destination = destinations.list.front();
        packet.packet.flits = flits;
        if (several.list.size() > 1) {
            packet.kind = reduces ? TrafficKind::reduction : TrafficKind::multicast;
            packet.ends = std::move(several.list);
        }
        packets_.push_back(std::move(packet));
    }

    // A number, several with commas between them, or all.
    bool read_nodes(const char* name, Nodes& nodes) {
        nodes.at = at_;
        nodes.all = read_word("all");
        for (bool more = !nodes.all; more;) {
            const std::size_t at = at_;
            std::uint64_t node = 0;
            if (!parse_number({name, 0, nodes_ - 1}, ',', node)) {
                return false;
            }
            if (std::find(nodes.list.begin(), nodes.list.end(), node) != nodes.list.end()) {
                problem(at, std::string("each ") + name + " once", "'" + std::to_string(node) + "' again");
                return false;
            }
            nodes.list.push_back(static_cast<unsigned>(node));
            more = at_ < text_.size() && text_[at_] == ',';
            at_ += more ? 1 : 0;
        }
        skip_blanks();
        return true;
    }

    bool read_word(const std::string& word) {
        const std::size_t end = at_ + word.size();
        if (text_.compare(at_, word.size(), word) != 0 ||
            (end < text_.size() && !blank(text_[end]) && text_[end] != '#')) {
            return false;
        }
        at_ = end;
        skip_blanks();
        return true;
    }

    bool read_number(const Field& field, std::uint64_t& value) {
        const bool good = parse_number(field, '#', value);
        skip_blanks();
        return good;
    }

    // Up to a blank, a comment or `stop_at`.
    bool parse_number(const Field& field, char stop_at, std::uint64_t& value) {
        const char* begin = text_.data() + at_;
        const char* end = text_.data() + text_.size();
        const auto [stop, error] = std::from_chars(begin, end, value);
        const bool whole = stop != begin && (stop == end || blank(*stop) || *stop == '#' || *stop == stop_at);
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
