// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/vcd_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace systolica {

namespace {

// Identifier codes: numbers in base 94 over the printable characters, shortest first.
std::string identifier_code(std::size_t number) {
    std::string code;
    do {
        code += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number-- > 0);
    return code;
}

std::string partial_path(const std::string& path) {
    std::error_code error;
    if (path.empty() || (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))) {
        throw OutputRefused("'" + path + "': expected the name of a file, got something else");
    }
    return path + ".partial";
}

} // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos; // last `*` seen, and the text it may still take more of
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

VcdWriter::VcdWriter(std::string path, VcdFilter filter)
    : path_(std::move(path)),
      filter_(std::move(filter)),
      pattern_matched_(filter_.patterns.size(), false),
      file_(partial_path(path_), path_) {}

VcdWriter::~VcdWriter() {
    if (!closed_) {
        std::remove(file_.path().c_str());
    }
}

bool VcdWriter::add(const std::string& path, unsigned width_bits, std::uint32_t& id) {
    if (begun_ || width_bits == 0 || width_bits > 64) {
        throw std::logic_error("wave signal " + path + ": added too late, or not 1 to 64 bits wide");
    }
    if (!selected(path)) {
        return false;
    }
    const std::size_t dot = path.rfind('.');
    Scope& scope = dot == std::string::npos ? top_ : scope_of(path.substr(0, dot));
    scope.signals.push_back(signals_.size());
    id = static_cast<std::uint32_t>(signals_.size());
    signals_.push_back(
        {dot == std::string::npos ? path : path.substr(dot + 1), width_bits, identifier_code(signals_.size()), 0});
    return true;
}

void VcdWriter::change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) {
    Signal& signal = signals_[id];
    if (time_ps <= filter_.from_ps) {
        signal.value = value;
        return;
    }
    if (time_ps > filter_.to_ps || failed()) {
        return;
    }
    begin_window();
    signal.value = value;
    write_time(time_ps);
    write_value(signal);
}

std::vector<std::string> VcdWriter::unmatched_patterns() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < filter_.patterns.size(); ++i) {
        if (!pattern_matched_[i]) {
            out.push_back(filter_.patterns[i]);
        }
    }
    return out;
}

void VcdWriter::close(std::uint64_t end_ps) {
    begin_window();
    write_time(std::max(time_ps_, std::min(end_ps, filter_.to_ps))); // so that viewers show the last values too
    file_.close();
    if (std::rename(file_.path().c_str(), path_.c_str()) != 0) {
        throw OutputError(path_ + ": cannot be written: " + std::strerror(errno));
    }
    closed_ = true;
}

bool VcdWriter::selected(const std::string& path) {
    bool any = filter_.patterns.empty();
    for (std::size_t i = 0; i < filter_.patterns.size(); ++i) {
        bool matches = glob_matches(filter_.patterns[i], path);
        for (std::size_t dot = path.find('.'); !matches && dot != std::string::npos; dot = path.find('.', dot + 1)) {
            matches = glob_matches(filter_.patterns[i], std::string_view(path).substr(0, dot));
        }
        pattern_matched_[i] = pattern_matched_[i] || matches;
        any = any || matches;
    }
    return any;
}

VcdWriter::Scope& VcdWriter::scope_of(const std::string& path) {
    const auto found = scopes_.find(path);
    if (found != scopes_.end()) {
        return *found->second;
    }
    const std::size_t dot = path.rfind('.');
    Scope& parent = dot == std::string::npos ? top_ : scope_of(path.substr(0, dot));
    parent.scopes.push_back(std::make_unique<Scope>());
    Scope& scope = *parent.scopes.back();
    scope.name = dot == std::string::npos ? path : path.substr(dot + 1);
    scopes_[path] = &scope;
    return scope;
}

void VcdWriter::begin_window() {
    if (begun_) {
        return;
    }
    begun_ = true;
    file_.append("$version Systolica $end\n$timescale 1 ps $end\n");
    write_scope(top_);
    file_.append("$enddefinitions $end\n#" + std::to_string(filter_.from_ps) + "\n$dumpvars\n");
    time_ps_ = filter_.from_ps;
    for (const Signal& signal : signals_) {
        write_value(signal);
    }
    file_.append("$end\n");
}

void VcdWriter::write_scope(const Scope& scope) {
    if (!scope.name.empty()) {
        file_.append("$scope module " + scope.name + " $end\n");
    }
    for (const std::size_t index : scope.signals) {
        const Signal& signal = signals_[index];
        file_.append("$var wire " + std::to_string(signal.width_bits) + " " + signal.code + " " + signal.name);
        if (signal.width_bits > 1) {
            file_.append(" [" + std::to_string(signal.width_bits - 1) + ":0]");
        }
        file_.append(" $end\n");
    }
    for (const auto& inner : scope.scopes) {
        write_scope(*inner);
    }
    if (!scope.name.empty()) {
        file_.append("$upscope $end\n");
    }
}

void VcdWriter::write_time(std::uint64_t time_ps) {
    if (time_ps == time_ps_) {
        return;
    }
    time_ps_ = time_ps;
    std::array<char, 24> text{'#'};
    char* end = std::to_chars(text.data() + 1, text.data() + text.size(), time_ps).ptr;
    *end++ = '\n';
    file_.append({text.data(), static_cast<std::size_t>(end - text.data())});
}

void VcdWriter::write_value(const Signal& signal) {
    std::array<char, 96> text{};
    char* end = text.data();
    if (signal.width_bits == 1) {
        *end++ = (signal.value & 1) != 0 ? '1' : '0';
    } else {
        const std::uint64_t value =
            signal.width_bits == 64 ? signal.value : signal.value & ((std::uint64_t{1} << signal.width_bits) - 1);
        *end++ = 'b';
        end = std::to_chars(end, text.data() + text.size(), value, 2).ptr;
        *end++ = ' ';
    }
    end = std::copy(signal.code.begin(), signal.code.end(), end);
    *end++ = '\n';
    file_.append({text.data(), static_cast<std::size_t>(end - text.data())});
}

} // namespace systolica
