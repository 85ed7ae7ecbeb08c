// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/csv_writer.h"

#include <array>
#include <charconv>

namespace systolica {

CsvWriter& CsvWriter::text(const std::string& value) {
    separate();
    if (value.find_first_of(",\"\r\n") == std::string::npos) {
        out_ += value;
        return *this;
    }
    out_ += '"';
    for (const char c : value) {
        out_ += c;
        if (c == '"') {
            out_ += '"';
        }
    }
    out_ += '"';
    return *this;
}

CsvWriter& CsvWriter::number(std::uint64_t value) {
    separate();
    out_ += std::to_string(value);
    return *this;
}

// to_chars and not printf: the decimal point must not follow the locale.
CsvWriter& CsvWriter::number(double value, int decimals) {
    separate();
    std::array<char, 400> digits{}; // the longest double has 309 digits before its point
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
    out_.append(digits.data(), end.ptr);
    return *this;
}

void CsvWriter::end_row() {
    out_ += '\n';
    row_begun_ = false;
}

void CsvWriter::separate() {
    if (row_begun_) {
        out_ += ',';
    }
    row_begun_ = true;
}

} // namespace systolica
