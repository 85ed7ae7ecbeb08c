// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Text tables with commas (RFC 4180): fields are quoted only where they must be, so that names may hold anything.
#pragma once

#include <cstdint>
#include <string>

namespace systolica {

class CsvWriter {
public:
    CsvWriter& text(const std::string& value);
    CsvWriter& number(std::uint64_t value);
    CsvWriter& number(double value, int decimals);
    void end_row();

    const std::string& str() const { return out_; }

private:
    void separate();

    std::string out_;
    bool row_begun_ = false;
};

} // namespace systolica
