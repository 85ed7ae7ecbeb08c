// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/topology_reader.h"

#include <charconv>
#include <map>

#include "workloads/graph_builder.h"
#include "workloads/topology_columns.h"

namespace systolica {

namespace {

using Column = TopologyColumn;

class TopologyReader {
public:
    TopologyReader(TopologyColumns columns, const std::string& name, std::uint64_t batch)
        : columns_(std::move(columns)), builder_(name, batch) {}

    void read_row(const CsvRow& row) {
        if (row.size() != columns_.headings.size()) {
            const bool more = row.size() > columns_.headings.size();
            builder_.problems().add((more ? row[columns_.headings.size()] : row.back()).where, row[0].text,
                                    "expected " + std::to_string(columns_.headings.size()) + " values, got " +
                                        std::to_string(row.size()));
            return;
        }
        row_ = &row;
        good_ = true;
        const CsvCell& name = cell(Column::name);
        if (name.text.empty()) {
            problem(name, Column::name, "expected a name, got nothing");
        }
        if (columns_.gemm) {
            read_gemm();
        } else {
            read_convolution();
        }
    }

    Problems& problems() { return builder_.problems(); }
    Graph finish() {
        Graph graph = builder_.finish();
        graph.table_of_rows = true;
        return graph;
    }

private:
    void read_gemm() {
        OperatorSpec spec;
        spec.kind = OpKind::fully_connected;
        Shape in;
        in.h = number(Column::m);
        spec.out_channels = number(Column::n);
        in.c = number(Column::k);
        Places places = row_places();
        place(places, "out_channels", Column::n);
        add(spec, in, places);
    }

    void read_convolution() {
        OperatorSpec spec;
        Window& window = spec.window;
        Shape in;
        in.h = number(Column::ifmap_h);
        in.w = number(Column::ifmap_w);
        window.kernel_h = number(Column::filter_h);
        window.kernel_w = number(Column::filter_w);
        in.c = number(Column::channels);
        spec.out_channels = number(Column::filters);
        const bool one_stride = columns_.has(Column::stride);
        window.stride_h = number(one_stride ? Column::stride : Column::stride_h);
        window.stride_w = one_stride ? window.stride_h : number(Column::stride_w);
        if (!good_ || !fits(in.h, window.kernel_h, Column::filter_h) ||
            !fits(in.w, window.kernel_w, Column::filter_w)) {
            return;
        }
        window.pad_bottom = missing(in.h, window.kernel_h, window.stride_h);
        window.pad_right = missing(in.w, window.kernel_w, window.stride_w);
        Places places = row_places();
        place(places, "out_channels", Column::filters);
        add(spec, in, places);
    }

    // SCALE-Sim has ceil((H - F + S) / S) outputs; the last window may hang over the edge by this many zeros.
    static std::uint64_t missing(std::uint64_t in, std::uint64_t filter, std::uint64_t stride) {
        const std::uint64_t outputs = (in - filter + stride + stride - 1) / stride;
        return (outputs - 1) * stride + filter - in;
    }

    bool fits(std::uint64_t in, std::uint64_t filter, Column column) {
        if (filter > in) { // as SCALE-Sim does
            problem(cell(column), column,
                    "expected at most the " + std::to_string(in) + " of the ifmap, got '" + cell(column).text + "'");
        }
        return filter <= in;
    }

    void add(OperatorSpec& spec, const Shape& in, const Places& places) {
        if (!good_) {
            return;
        }
        const std::string& name = cell(Column::name).text;
        const std::size_t before = builder_.problems().list().size();
        const std::string image = unique(name + ".input");
        builder_.add_input(image, in, places);
        if (builder_.problems().list().size() != before) {
            return;
        }
        spec.name = name;
        spec.tensor = unique(name);
        spec.inputs = {image};
        builder_.add(spec, places);
    }

    // Rows may share a name, tensors may not.
    std::string unique(const std::string& name) {
        const std::size_t times = ++uses_[name];
        return times == 1 ? name : unique(name + "#" + std::to_string(times));
    }

    std::uint64_t number(Column column) {
        const CsvCell& value = cell(column);
        std::uint64_t parsed = 0;
        const char* end = value.text.data() + value.text.size();
        const auto result = std::from_chars(value.text.data(), end, parsed);
        if (result.ec != std::errc() || result.ptr != end || parsed == 0 || parsed > kMaxDimension) {
            problem(value, column,
                    "expected a whole number from 1 to " + std::to_string(kMaxDimension) + ", got " +
                        (value.text.empty() ? "nothing" : "'" + value.text + "'"));
        }
        return parsed;
    }

    void problem(const CsvCell& where, Column column, const std::string& message) {
        const std::string& name = cell(Column::name).text;
        builder_.problems().add(where.where, (name.empty() ? "" : name + ".") + heading(column), message);
        good_ = false;
    }

    Places row_places() const {
        Places places((*row_)[0].where);
        place(places, "name", Column::name);
        return places;
    }

    void place(Places& places, const std::string& field, Column column) const {
        places.add(field, heading(column), cell(column).where);
    }

    const CsvCell& cell(Column column) const { return (*row_)[static_cast<std::size_t>(columns_.at(column))]; }
    const std::string& heading(Column column) const {
        return columns_.headings[static_cast<std::size_t>(columns_.at(column))];
    }

    TopologyColumns columns_;
    GraphBuilder builder_;
    const CsvRow* row_ = nullptr;
    bool good_ = true;
    std::map<std::string, std::size_t> uses_;
};

} // namespace

Graph read_topology(const std::string& text, const std::string& file, const std::string& name, std::uint64_t batch) {
    Problems problems;
    const std::vector<CsvRow> rows = csv_rows(text, file, problems);
    if (rows.empty()) {
        problems.add({file, 0, 0}, "", "expected a header line and rows, got an empty file");
        throw InputError(problems);
    }
    TopologyColumns columns = read_topology_header(rows[0], problems);
    if (!problems.empty()) {
        throw InputError(problems);
    }
    if (rows.size() == 1) {
        throw InputError(rows[0][0].where, "", "expected at least one row below the header, got none");
    }
    TopologyReader reader(std::move(columns), name, batch);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        reader.read_row(rows[i]);
    }
    return reader.finish();
}

} // namespace systolica
