// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Comma-separated text as cells that know their place. Cells are trimmed; "..." may hold commas, "" is a quote.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace systolica {

struct CsvCell {
    std::string text;
    Location where;
};

using CsvRow = std::vector<CsvCell>; // without trailing empty cells; never empty

// The rows that hold anything. A byte-order mark and both kinds of line ends are accepted; a binary file throws.
std::vector<CsvRow> csv_rows(const std::string& text, const std::string& file, Problems& problems);

} // namespace systolica
