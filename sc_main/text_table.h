// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A table for people: columns as wide as their widest cell, numbers flush right.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace systolica {

class TextTable {
public:
    enum class Align { left, right };

    void column(const std::string& title, Align align = Align::right);
    void row(std::vector<std::string> cells);
    void rule(); // a line across
    void print(std::ostream& out) const;

private:
    struct Column {
        std::string title;
        Align align;
    };

    void print_row(std::ostream& out, const std::vector<std::string>& cells,
                   const std::vector<std::size_t>& widths) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_; // an empty one is a rule
};

std::string grouped(std::uint64_t value);                         // 1,234,567
std::string fixed(double value, int decimals);                    // independent of the locale
std::string percent(double part, double whole);                   // "12.3", "-" where whole is 0
std::string shortened(const std::string& text, std::size_t most); // the middle left out; ends tell layers apart

} // namespace systolica
