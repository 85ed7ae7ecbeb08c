// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "vcd_file.h"

#include <fstream>
#include <set>
#include <sstream>

namespace systolica {

namespace {

class Parser {
public:
    explicit Parser(std::istream& in) : in_(in) {}

    VcdFile parse() {
        while (!declared_ && next_line()) {
            declaration();
        }
        need(declared_ && scopes_.empty(), "$enddefinitions with all scopes closed");
        while (next_line()) {
            body_line();
        }
        need(dumped_ && !in_dump_, "one whole $dumpvars");
        need(first_.size() == file_.signals.size(), "a first value for every signal");
        return std::move(file_);
    }

private:
    bool next_line() {
        ++number_;
        return static_cast<bool>(std::getline(in_, line_));
    }

    void need(bool right, const std::string& what) const {
        if (!right) {
            throw MalformedVcd("line " + std::to_string(number_) + ": expected " + what + ", got '" + line_ + "'");
        }
    }

    std::uint64_t number(const std::string& text, int base) const {
        need(!text.empty() && text.find_first_not_of(base == 2 ? "01" : "0123456789") == std::string::npos, "a number");
        return std::stoull(text, nullptr, base);
    }

    // One declaration a line, as our dumps have them.
    void declaration() {
        std::istringstream stream(line_);
        std::vector<std::string> words;
        for (std::string word; stream >> word;) {
            words.push_back(word);
        }
        need(words.size() >= 2 && words.back() == "$end", "a declaration");
        if (words[0] == "$timescale") {
            need(words.size() == 4 && words[1] == "1" && words[2] == "ps", "a timescale of 1 ps");
            timescale_ = true;
        } else if (words[0] == "$scope") {
            need(words.size() == 4 && words[1] == "module" && words[2].find('.') == std::string::npos, "a module");
            scopes_.push_back(words[2]);
        } else if (words[0] == "$upscope") {
            need(!scopes_.empty(), "an open scope");
            scopes_.pop_back();
        } else if (words[0] == "$var") {
            variable(words);
        } else if (words[0] == "$enddefinitions") {
            need(timescale_, "a timescale before");
            declared_ = true;
        } else {
            need(words[0] == "$version" || words[0] == "$date" || words[0] == "$comment", "a known declaration");
        }
    }

    // $var wire WIDTH CODE NAME [MSB:0] $end
    void variable(const std::vector<std::string>& words) {
        need(words.size() >= 6 && words[1] == "wire", "a wire");
        const std::uint64_t width = number(words[2], 10);
        need(width >= 1 && width <= 64, "1 to 64 bits");
        need(width == 1 ? words.size() == 6 : words.size() == 7 && words[5] == "[" + std::to_string(width - 1) + ":0]",
             "the range of its bits");
        for (const char c : words[3]) {
            need(c >= '!' && c <= '~', "a printable code");
        }
        need(words[4].find('.') == std::string::npos, "a name without dots");
        std::string path;
        for (const std::string& scope : scopes_) {
            path += scope + ".";
        }
        const auto [at, fresh] = file_.signals.emplace(path + words[4], VcdSignal{});
        need(fresh, "a path of its own");
        need(by_code_.emplace(words[3], &at->second).second, "a code of its own");
        at->second.width_bits = static_cast<unsigned>(width);
    }

    void body_line() {
        need(!line_.empty(), "a time or a value");
        if (line_[0] == '#') {
            const std::uint64_t time = number(line_.substr(1), 10);
            need(!in_dump_ && (!timed_ || time > file_.end_ps), "a later time");
            file_.begin_ps = timed_ ? file_.begin_ps : time;
            file_.end_ps = time;
            timed_ = true;
        } else if (line_ == "$dumpvars") {
            need(timed_ && !dumped_, "one $dumpvars, after a time");
            in_dump_ = dumped_ = true;
        } else if (line_ == "$end") {
            need(in_dump_, "an open $dumpvars");
            in_dump_ = false;
        } else {
            value();
        }
    }

    void value() {
        need(dumped_, "$dumpvars before the first value");
        const bool vector = line_[0] == 'b';
        const std::size_t space = vector ? line_.find(' ') : 1;
        need(space != std::string::npos, "a code behind the value");
        const std::string digits = vector ? line_.substr(1, space - 1) : line_.substr(0, 1);
        const auto found = by_code_.find(line_.substr(vector ? space + 1 : 1));
        need(found != by_code_.end(), "a declared code");
        VcdSignal& signal = *found->second;
        need(vector == (signal.width_bits > 1) && digits.size() <= signal.width_bits, "no more bits than declared");
        const VcdSignal::Change change{file_.end_ps, number(digits, 2)};
        need(first_.insert(&signal).second == in_dump_, "each signal once in $dumpvars");
        if (!signal.changes.empty() && signal.changes.back().time_ps == change.time_ps) {
            signal.changes.back() = change;
        } else {
            signal.changes.push_back(change);
        }
    }

    std::istream& in_;
    std::string line_;
    std::size_t number_ = 0;
    VcdFile file_;
    std::vector<std::string> scopes_;
    std::map<std::string, VcdSignal*> by_code_;
    std::set<const VcdSignal*> first_;
    bool timescale_ = false, declared_ = false, timed_ = false, dumped_ = false, in_dump_ = false;
};

} // namespace

std::uint64_t VcdSignal::at(std::uint64_t time_ps) const {
    std::uint64_t value = 0;
    for (const Change& change : changes) {
        if (change.time_ps > time_ps) {
            break;
        }
        value = change.value;
    }
    return value;
}

bool VcdSignal::flat() const {
    for (const Change& change : changes) {
        if (change.value != changes.front().value) {
            return false;
        }
    }
    return true;
}

const VcdSignal& VcdFile::of(const std::string& path) const {
    const auto found = signals.find(path);
    if (found == signals.end()) {
        throw std::out_of_range("no signal " + path);
    }
    return found->second;
}

std::map<std::uint64_t, std::uint64_t> VcdFile::time_of_values(const std::string& path) const {
    const std::vector<VcdSignal::Change>& changes = of(path).changes;
    std::map<std::uint64_t, std::uint64_t> times;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        times[changes[i].value] += (i + 1 < changes.size() ? changes[i + 1].time_ps : end_ps) - changes[i].time_ps;
    }
    return times;
}

VcdFile parse_vcd(std::istream& in) {
    return Parser(in).parse();
}

VcdFile read_vcd(const std::string& file) {
    std::ifstream in(file);
    if (!in) {
        throw MalformedVcd(file + ": cannot be opened");
    }
    return parse_vcd(in);
}

} // namespace systolica
