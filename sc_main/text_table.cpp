// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/text_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

namespace systolica {

void TextTable::column(const std::string& title, Align align) {
    columns_.push_back({title, align});
}

void TextTable::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

void TextTable::rule() {
    rows_.emplace_back();
}

void TextTable::print(std::ostream& out) const {
    std::vector<std::string> titles;
    std::vector<std::size_t> widths;
    std::size_t total = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        titles.push_back(columns_[c].title);
        widths.push_back(columns_[c].title.size());
        for (const auto& cells : rows_) {
            widths[c] = std::max(widths[c], cells.empty() ? 0 : cells[c].size());
        }
        total += widths[c] + (c == 0 ? 0 : 2);
    }
    print_row(out, titles, widths);
    for (const auto& cells : rows_) {
        if (cells.empty()) {
            out << std::string(total, '-') << "\n";
        } else {
            print_row(out, cells, widths);
        }
    }
}

void TextTable::print_row(std::ostream& out, const std::vector<std::string>& cells,
                          const std::vector<std::size_t>& widths) const {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const std::string padding(widths[c] - std::min(widths[c], cells[c].size()), ' ');
        line += c == 0 ? "" : "  ";
        line += columns_[c].align == Align::right ? padding + cells[c] : cells[c] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
}

std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, ",");
    }
    return digits;
}

std::string fixed(double value, int decimals) {
    std::array<char, 400> digits{}; // the longest double has 309 digits before its point
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
    return {digits.data(), end.ptr};
}

std::string percent(double part, double whole) {
    return whole > 0 ? fixed(100 * part / whole, 1) : "-";
}

std::string shortened(const std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return text;
    }
    const std::size_t tail = (most - 2) * 2 / 3;
    return text.substr(0, most - 2 - tail) + ".." + text.substr(text.size() - tail);
}

} // namespace systolica
