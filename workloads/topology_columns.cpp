// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/topology_columns.h"

#include <algorithm>

namespace systolica {

namespace {

using Column = TopologyColumn;

struct Heading {
    Column column;
    const char* shown;                 // as SCALE-Sim's own files write it
    std::vector<std::string> accepted; // lower case, letters and digits only
};

const std::vector<Heading>& known_headings() {
    static const std::vector<Heading> headings{
        {Column::name, "Layer name", {"layername", "layer", "name"}},
        {Column::ifmap_h, "IFMAP Height", {"ifmapheight", "ifmaph", "inputheight", "inputh"}},
        {Column::ifmap_w, "IFMAP Width", {"ifmapwidth", "ifmapw", "inputwidth", "inputw"}},
        {Column::filter_h,
         "Filter Height",
         {"filterheight", "filterh", "filtheight", "filth", "kernelheight", "kernelh"}},
        {Column::filter_w, "Filter Width", {"filterwidth", "filterw", "filtwidth", "filtw", "kernelwidth", "kernelw"}},
        {Column::channels, "Channels", {"channels", "channel", "numchannels", "inputchannels"}},
        {Column::filters, "Num Filter", {"numfilter", "numfilters", "filters", "filter", "outputchannels"}},
        {Column::stride, "Strides", {"strides", "stride"}},
        {Column::stride_h, "Stride Height", {"strideheight", "strideh"}},
        {Column::stride_w, "Stride Width", {"stridewidth", "stridew"}},
        {Column::m, "M", {"m"}},
        {Column::n, "N", {"n"}},
        {Column::k, "K", {"k"}},
    };
    return headings;
}

std::string plain_name(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        }
    }
    return out;
}

Column column_of(const std::string& heading) {
    const std::string plain = plain_name(heading);
    for (const Heading& known : known_headings()) {
        if (std::find(known.accepted.begin(), known.accepted.end(), plain) != known.accepted.end()) {
            return known.column;
        }
    }
    return Column::count;
}

const char* shown(Column column) {
    return known_headings()[static_cast<std::size_t>(column)].shown;
}

std::vector<std::string> shown_names() {
    std::vector<std::string> names;
    for (const Heading& known : known_headings()) {
        names.emplace_back(known.shown);
    }
    return names;
}

bool looks_like_data(const CsvRow& row) {
    return std::any_of(row.begin(), row.end(), [](const CsvCell& cell) {
        return !cell.text.empty() && cell.text.find_first_not_of("0123456789") == std::string::npos;
    });
}

// "IFMAP Width, IFMAP Width": a slip in many of SCALE-Sim's own files, whose first is the height. "w" alone follows
// the height of the same thing.
Column repaired(Column column, const std::string& heading, const CsvRow& header, std::size_t index) {
    if (column == Column::ifmap_w && index + 1 < header.size() &&
        column_of(header[index + 1].text) == Column::ifmap_w) {
        return Column::ifmap_h;
    }
    if (column == Column::count && index > 0 && (plain_name(heading) == "w" || plain_name(heading) == "width")) {
        const Column before = column_of(header[index - 1].text);
        return before == Column::ifmap_h ? Column::ifmap_w : before == Column::filter_h ? Column::filter_w : column;
    }
    return column;
}

void require(const TopologyColumns& columns, const CsvRow& header, const std::vector<Column>& needed,
             Problems& problems) {
    for (const Column column : needed) {
        if (!columns.has(column)) {
            problems.add(header[0].where, "", std::string("expected a column '") + shown(column) + "', got none");
        }
    }
}

} // namespace

TopologyColumns read_topology_header(const CsvRow& header, Problems& problems) {
    TopologyColumns columns;
    columns.position.fill(TopologyColumns::kAbsent);
    if (looks_like_data(header)) {
        problems.add(header[0].where, "", "expected a header line that names the columns, got a row of numbers");
        return columns;
    }
    for (std::size_t i = 0; i < header.size(); ++i) {
        const CsvCell& cell = header[i];
        columns.headings.push_back(cell.text);
        const Column column = repaired(column_of(cell.text), cell.text, header, i);
        if (column == Column::count) {
            const std::string near = cell.text.size() < 3 ? "" : suggestion(cell.text, shown_names());
            problems.add(cell.where, "", "expected a column of a topology table, got '" + cell.text + "'" + near);
        } else if (columns.has(column)) {
            problems.add(cell.where, "", std::string("expected each column once, got '") + cell.text + "' again");
        } else {
            columns.position[static_cast<std::size_t>(column)] = static_cast<int>(i);
        }
    }
    if (!problems.empty()) {
        return columns; // what is missing may be what is misspelt
    }
    columns.gemm = columns.has(Column::m) || columns.has(Column::n) || columns.has(Column::k);
    std::vector<Column> needed{Column::name, Column::m, Column::n, Column::k};
    if (!columns.gemm) {
        needed = {Column::name,     Column::ifmap_h,  Column::ifmap_w, Column::filter_h,
                  Column::filter_w, Column::channels, Column::filters};
        const bool two = columns.has(Column::stride_h) || columns.has(Column::stride_w);
        if (two && columns.has(Column::stride)) {
            problems.add(header[static_cast<std::size_t>(columns.at(Column::stride))].where, "",
                         "expected either one column of strides or one for each direction, got both");
        }
        needed.insert(needed.end(), two ? 2 : 1, Column::stride);
        if (two) {
            needed[needed.size() - 2] = Column::stride_h;
            needed.back() = Column::stride_w;
        }
    }
    require(columns, header, needed, problems);
    for (std::size_t i = 0; i < columns.position.size(); ++i) {
        const auto column = static_cast<Column>(i);
        if (columns.gemm && columns.has(column) && std::find(needed.begin(), needed.end(), column) == needed.end()) {
            problems.add(header[static_cast<std::size_t>(columns.at(column))].where, "",
                         std::string("expected a GEMM table (M, N, K) or a convolution table, got both: '") +
                             shown(column) + "'");
        }
    }
    return columns;
}

} // namespace systolica
