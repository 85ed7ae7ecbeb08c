// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/wave_options.h"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace systolica {

namespace fs = std::filesystem;

namespace {

fs::path canonical(const std::string& name) {
    std::error_code error;
    const fs::path path = fs::weakly_canonical(fs::absolute(name, error), error);
    return path.has_filename() ? path : path.parent_path(); // written with a slash at its end
}

bool lies_in(const std::string& file, const std::string& folder) {
    const fs::path inner = canonical(file);
    const fs::path outer = canonical(folder);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

} // namespace

void add_wave_options(CommandLine& line) {
    line.option("vcd", "FILE", "writes waveforms");
    line.list("trace-scope", "GLOB", "only signals or scopes whose path matches, e.g. 'chip0.dram0.*'; repeatable");
    line.option("trace-from", "TIME", "waveforms begin here; TIME is a number with ps, ns, us, ms or s");
    line.option("trace-to", "TIME", "waveforms end here");
}

VcdFilter wave_filter(const CommandLine& line) {
    VcdFilter filter;
    filter.patterns = line.texts("trace-scope");
    filter.from_ps = line.time_ps("trace-from", 0);
    filter.to_ps = line.time_ps("trace-to", std::numeric_limits<std::uint64_t>::max());
    for (const char* name : {"trace-scope", "trace-from", "trace-to"}) {
        if (line.has(name) && !line.has("vcd")) {
            line.refuse(std::string("--") + name + ": expected together with --vcd FILE, got no --vcd");
        }
    }
    if (filter.from_ps >= filter.to_ps) {
        line.refuse("--trace-to: expected a time after --trace-from, got '" + line.text("trace-to") + "'");
    }
    // A result is replaced as a whole: the waveforms would go with the former one.
    if (line.has("vcd") && line.has("out") && lies_in(line.text("vcd"), line.text("out"))) {
        line.refuse("--vcd: expected a file outside of --out " + line.text("out") + ", got '" + line.text("vcd") + "'");
    }
    return filter;
}

std::vector<std::string> wave_warnings(const VcdWriter& vcd) {
    std::vector<std::string> warnings;
    for (const std::string& pattern : vcd.unmatched_patterns()) {
        warnings.push_back("--trace-scope '" + pattern + "' matches no signal");
    }
    return warnings;
}

} // namespace systolica
