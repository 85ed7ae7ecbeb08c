// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/csv_cells.h"

#include <algorithm>

namespace systolica {

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t';
}

bool control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

class LineReader {
public:
    LineReader(const std::string& text, std::size_t begin, std::size_t end, Location where, Problems& problems)
        : text_(text), at_(begin), begin_(begin), end_(end), where_(std::move(where)), problems_(problems) {}

    CsvRow read() {
        CsvRow row;
        while (at_ <= end_) {
            row.push_back(cell());
            if (std::any_of(row.back().text.begin(), row.back().text.end(), control)) {
                problems_.add(row.back().where, "",
                              "expected text without control characters, got '" + row.back().text + "'");
            }
            ++at_; // the comma
        }
        while (!row.empty() && row.back().text.empty()) {
            row.pop_back();
        }
        return row;
    }

private:
    CsvCell cell() {
        while (at_ < end_ && blank(text_[at_])) {
            ++at_;
        }
        CsvCell cell{"", where_};
        cell.where.column = static_cast<int>(at_ - begin_) + 1;
        if (at_ < end_ && text_[at_] == '"') {
            quoted(cell);
            return cell;
        }
        while (at_ < end_ && text_[at_] != ',') {
            cell.text += text_[at_++];
        }
        while (!cell.text.empty() && blank(cell.text.back())) {
            cell.text.pop_back();
        }
        return cell;
    }

    void quoted(CsvCell& cell) {
        for (++at_; at_ < end_; ++at_) {
            if (text_[at_] != '"') {
                cell.text += text_[at_];
            } else if (at_ + 1 < end_ && text_[at_ + 1] == '"') {
                cell.text += text_[++at_];
            } else {
                break;
            }
        }
        if (at_ >= end_) {
            problems_.add(cell.where, "", "expected a closing quote, got the end of the line");
            return;
        }
        for (++at_; at_ < end_ && text_[at_] != ','; ++at_) {
            if (!blank(text_[at_])) {
                problems_.add(cell.where, "", "expected a comma after the closing quote, got more text");
                at_ = text_.find(',', at_) < end_ ? text_.find(',', at_) : end_;
                return;
            }
        }
    }

    const std::string& text_;
    std::size_t at_;
    std::size_t begin_;
    std::size_t end_;
    Location where_;
    Problems& problems_;
};

} // namespace

std::vector<CsvRow> csv_rows(const std::string& text, const std::string& file, Problems& problems) {
    std::vector<CsvRow> rows;
    if (text.find('\0') != std::string::npos) {
        throw InputError({file, 0, 0}, "", "expected CSV text, got a binary file");
    }
    std::size_t begin = text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0;
    for (int line = 1; begin < text.size(); ++line) {
        const std::size_t newline = std::min(text.find('\n', begin), text.size());
        const std::size_t end = newline > begin && text[newline - 1] == '\r' ? newline - 1 : newline;
        CsvRow row = LineReader(text, begin, end, {file, line, 0}, problems).read();
        if (!row.empty()) {
            rows.push_back(std::move(row));
        }
        begin = newline + 1;
    }
    return rows;
}

} // namespace systolica
