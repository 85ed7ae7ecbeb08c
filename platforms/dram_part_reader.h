// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Reads a DRAM part (platforms/parts/*.yaml): the timing table of one channel. Every key of the part's standard must be
// there, in the file or in its base, because a timing that falls back to some other part's value would be wrong without
// a word. Only the current table may be left out.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "machine/dram/config.h"

namespace systolica {

// A line of the part table in docs/platforms.md.
struct DramPartRow {
    std::string key, unit, range, standards, description;
};

std::vector<DramPartRow> dram_part_rows();

// Throws InputError for a file, or base, that is not YAML; all else that is wrong is added to `problems`.
DramPart read_dram_part(const std::string& path, Problems& problems);

} // namespace systolica
