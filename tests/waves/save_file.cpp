// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "save_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace systolica {

namespace {

constexpr std::uint32_t kBlank = 0x200;
constexpr std::uint32_t kTranslated = 0x2000;
constexpr std::uint32_t kGroupBegin = 0x800000;
constexpr std::uint32_t kGroupEnd = 0x1000000;

class Reader {
public:
    explicit Reader(const std::string& file) : in_(file) {
        if (!in_) {
            complain("cannot be opened");
        }
    }

    SaveFile read() {
        while (std::getline(in_, line_)) {
            ++number_;
            if (line_.empty()) {
                complain("an empty line");
            } else {
                read_line();
            }
        }
        if (!groups_.empty()) {
            complain("group '" + groups_.back() + "' is never closed");
        }
        return std::move(save_);
    }

private:
    void complain(const std::string& problem) {
        save_.problems.push_back("line " + std::to_string(number_) + ": " + problem);
    }

    void read_line() {
        switch (line_[0]) {
        case '[': // window sizes and such
        case '*': // zoom and markers
            break;
        case '@':
            flags_ = static_cast<std::uint32_t>(std::stoul(line_.substr(1), nullptr, 16));
            break;
        case '^':
            read_table();
            break;
        case '-':
            read_text(line_.substr(1));
            break;
        default:
            read_signal();
        }
    }

    // The place GTKWave replaces by the folder of the save file.
    void read_table() {
        static const std::string place = "/waves/";
        const std::size_t space = line_.find(' ');
        if (space == std::string::npos || line_.compare(space + 1, place.size(), place) != 0) {
            complain("a table that is not below " + place);
            return;
        }
        table_ = line_.substr(space + 1 + place.size());
    }

    void read_text(const std::string& text) {
        if ((flags_ & kGroupBegin) != 0) {
            groups_.push_back(text);
        } else if ((flags_ & kGroupEnd) != 0) {
            if (groups_.empty() || groups_.back() != text) {
                complain("the end of group '" + text + "', which is not the last one opened");
                return;
            }
            groups_.pop_back();
        }
    }

    // [+{ALIAS} ]PATH[MSB:0]
    void read_signal() {
        ShownSignal shown;
        shown.flags = flags_;
        shown.path = line_.compare(0, 2, "+{") == 0 ? line_.substr(line_.find("} ") + 2) : line_;
        const std::size_t bracket = shown.path.find('[');
        if (bracket != std::string::npos) {
            shown.width_bits = static_cast<unsigned>(std::stoul(shown.path.substr(bracket + 1))) + 1;
            if (shown.path.substr(bracket) != "[" + std::to_string(shown.width_bits - 1) + ":0]") {
                complain("a range that does not end at bit 0");
            }
            shown.path.resize(bracket);
        }
        if ((flags_ & (kBlank | kGroupBegin | kGroupEnd)) != 0) {
            complain(shown.path + " under the flags of a text");
        }
        if ((flags_ & kTranslated) != 0) {
            shown.table = table_;
            if (table_.empty()) {
                complain(shown.path + " wants a table, none was named");
            }
        }
        save_.signals.push_back(shown);
    }

    std::ifstream in_;
    std::string line_;
    std::size_t number_ = 0;
    std::uint32_t flags_ = 0;
    std::string table_;
    std::vector<std::string> groups_;
    SaveFile save_;
};

} // namespace

bool SaveFile::shows(const std::string& path) const {
    return std::any_of(signals.begin(), signals.end(), [&](const ShownSignal& shown) { return shown.path == path; });
}

SaveFile read_save_file(const std::string& file) {
    return Reader(file).read();
}

std::map<std::uint64_t, std::string> read_value_table(const std::string& file) {
    std::map<std::uint64_t, std::string> names;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::uint64_t value = 0;
        std::string name;
        if (line[0] != '#' && words >> value && std::getline(words >> std::ws, name)) {
            names[value] = name;
        }
    }
    return names;
}

} // namespace systolica
