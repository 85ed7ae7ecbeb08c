// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "acceptance_topology.h"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <sstream>

namespace systolica {

std::uint64_t TopologyRow::ifmap_touched() const {
    std::vector<bool> touched(ifmap_h * ifmap_w, false);
    for (std::uint64_t y = 0; y < out_h(); ++y) {
        for (std::uint64_t x = 0; x < out_w(); ++x) {
            for (std::uint64_t row = y * stride; row < std::min(y * stride + filter_h, ifmap_h); ++row) {
                for (std::uint64_t column = x * stride; column < std::min(x * stride + filter_w, ifmap_w); ++column) {
                    touched[row * ifmap_w + column] = true;
                }
            }
        }
    }
    return static_cast<std::uint64_t>(std::count(touched.begin(), touched.end(), true)) * channels;
}

std::string convolution_table(const std::vector<TopologyRow>& rows) {
    std::ostringstream text;
    text << "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TopologyRow& row = rows[i];
        text << "l" << i << ", " << row.ifmap_h << ", " << row.ifmap_w << ", " << row.filter_h << ", " << row.filter_w
             << ", " << row.channels << ", " << row.filters << ", " << row.stride << ",\n";
    }
    return text.str();
}

std::string ArrayChoice::sets() const {
    const auto yes_or_no = [](bool value) { return value ? "true" : "false"; };
    return " --set tile.pe_array.dataflow=" + dataflow + " --set tile.pe_array.rows=" + std::to_string(rows) +
           " --set tile.pe_array.cols=" + std::to_string(cols) +
           " --set tile.pe_array.fold_overlap=" + yes_or_no(fold_overlap) +
           " --set tile.pe_array.clip_folds=" + yes_or_no(clip_folds);
}

std::ostream& operator<<(std::ostream& out, const ArrayCounts& counts) {
    return out << counts.cycles << " cycles, ifmap " << counts.ifmap_reads << ", filter " << counts.filter_reads
               << ", ofmap " << counts.ofmap_writes;
}

ArrayCounts expected_counts(const ArrayChoice& array, std::uint64_t m, std::uint64_t n, std::uint64_t k) {
    const bool os = array.dataflow == "os";
    const std::uint64_t over_rows = os ? m : k;
    const std::uint64_t over_cols = array.dataflow == "is" ? m : n;
    const std::uint64_t streamed = os ? k : array.dataflow == "ws" ? m : n;

    ArrayCounts counts;
    std::uint64_t entered =
        0; // overlap: end of the streams (os) or of the loads of stationary operands (ws, is) so far
    bool first = true;
    std::uint64_t row_folds = 0;
    std::uint64_t column_folds = 0;
    for (std::uint64_t col = 0; col < over_cols; col += array.cols) {
        ++column_folds;
        row_folds = 0;
        for (std::uint64_t row = 0; row < over_rows; row += array.rows) {
            ++row_folds;
            const std::uint64_t r = array.clip_folds ? std::min(array.rows, over_rows - row) : array.rows;
            const std::uint64_t c = array.clip_folds ? std::min(array.cols, over_cols - col) : array.cols;
            if (!array.fold_overlap) {
                counts.cycles += streamed + r + c - 2 + (os ? 0 : r);
                continue;
            }
            if (os) {
                entered += streamed;
                counts.cycles = std::max(counts.cycles, entered + r + c - 2);
            } else {
                entered = first ? r : entered + std::max(streamed, r);
                counts.cycles = std::max(counts.cycles, entered + streamed + r + c - 2);
            }
            first = false;
        }
    }
    if (os) {
        counts.ifmap_reads = column_folds * m * k;
        counts.filter_reads = row_folds * n * k;
        counts.ofmap_writes = m * n;
    } else {
        const bool ws = array.dataflow == "ws";
        counts.ifmap_reads = (ws ? column_folds : 1) * m * k;
        counts.filter_reads = (ws ? 1 : column_folds) * k * n;
        counts.ofmap_writes = row_folds * m * n;
    }
    return counts;
}

ArrayCounts counted(const CsvTable& layers, std::size_t row) {
    return {layers.number(row, "compute_cycles"), layers.number(row, "sram_ifmap_reads"),
            layers.number(row, "sram_filter_reads"), layers.number(row, "sram_ofmap_writes")};
}

std::vector<GoldenRow> golden_rows() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(SYSTOLICA_TEST_DIR "/golden/scalesim")) {
        if (entry.path().extension() == ".csv") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<GoldenRow> rows;
    for (const std::filesystem::path& file : files) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        const CsvTable table(text.str());
        for (std::size_t i = 0; i < table.rows(); ++i) {
            const auto number = [&](const char* column) { return table.number(i, column); };
            GoldenRow row;
            row.net = table.text(i, "net");
            row.layer = table.text(i, "layer");
            row.shape = {number("ifmap_h"),  number("ifmap_w"),     number("filt_h"), number("filt_w"),
                         number("channels"), number("num_filters"), number("stride")};
            row.array = {table.text(i, "dataflow"), number("array_rows"), number("array_cols"), false, false};
            row.m = number("M");
            row.n = number("N");
            row.k = number("K");
            row.ifmap_kib = number("ifmap_sram_kb");
            row.filter_kib = number("filter_sram_kb");
            row.ofmap_kib = number("ofmap_sram_kb");
            row.counts = {number("total_cycles") + 1, number("sram_ifmap_reads"), number("sram_filter_reads"),
                          row.array.dataflow == "os" ? row.m * row.n : number("sram_ofmap_writes")};
            row.dram_reads = number("dram_ifmap_reads") + number("dram_filter_reads");
            rows.push_back(row);
        }
    }
    return rows;
}

} // namespace systolica
