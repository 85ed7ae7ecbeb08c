// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Recorded results of SimDIT (tests/golden/simdit) as rows of named cells, and the design points they are for.
#pragma once

#include "base/strict_yaml.h"
#include "machine/simdit/config.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace systolica::simdit_reference {

using Row = std::map<std::string, std::string>;

inline std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> out(1);
    for (const char c : line) {
        if (c == ',') {
            out.emplace_back();
        } else if (c != '\r') {
            out.back() += c;
        }
    }
    return out;
}

inline std::vector<Row> table(const std::string& file) {
    std::istringstream in(read_text_file(std::string(SYSTOLICA_TEST_DIR) + "/golden/simdit/" + file));
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> names = cells(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        const std::vector<std::string> values = cells(line);
        Row row;
        for (std::size_t i = 0; i < names.size() && i < values.size(); ++i) {
            row[names[i]] = values[i];
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

inline double number(const Row& row, const std::string& name) {
    return std::stod(row.at(name));
}

inline unsigned count(const Row& row, const std::string& name) {
    return static_cast<unsigned>(number(row, name));
}

inline SimditConfig machine(const Row& row) {
    const auto bytes = [&row](const char* name) { return static_cast<std::uint64_t>(number(row, name) * 1024); };
    SimditConfig config;
    config.rows = count(row, "array_rows");
    config.cols = config.lanes = count(row, "array_cols");
    config.weight_bits = count(row, "wgt_bits");
    config.activation_bits = count(row, "act_bits");
    config.bias_bits = count(row, "bias_bits");
    config.accumulator_bits = count(row, "acc_bits");
    config.weight_buffer_bytes = bytes("wbuf_kB");
    config.ifmap_buffer_bytes = bytes("ibuf_kB");
    config.ofmap_buffer_bytes = bytes("obuf_kB_total_2x");
    config.bias_buffer_bytes = bytes("bbuf_kB");
    config.vector1_buffer_bytes = bytes("vmem1_kB");
    config.vector2_buffer_bytes = bytes("vmem2_kB");
    config.immediate_buffer_bytes = bytes("imm_kB");
    config.instruction_buffer_bytes = bytes("simd_insmem_kB");
    config.weight_bits_per_cycle = count(row, "bw_dram_param_bits_per_cycle");
    config.ifmap_bits_per_cycle = count(row, "bw_dram_ibuf_bits_per_cycle");
    config.ofmap_bits_per_cycle = count(row, "bw_dram_obuf_bits_per_cycle");
    config.vector_bits_per_cycle = count(row, "bw_dram_vmem_bits_per_cycle");
    config.div_cycles = count(row, "div_cycles");
    config.exp_cycles = count(row, "exp_cycles");
    config.inv_sqrt_cycles = count(row, "inv_sqrt_cycles");
    config.cond_move_cycles = count(row, "cond_move_cycles");
    return config;
}

// Every design point, by mode and id.
inline std::map<std::pair<std::string, std::string>, SimditConfig> machines() {
    std::map<std::pair<std::string, std::string>, SimditConfig> all;
    for (const char* file : {"hardware_inference.csv", "hardware_training.csv"}) {
        for (const Row& row : table(file)) {
            all[{row.at("mode"), row.at("design")}] = machine(row);
        }
    }
    return all;
}

} // namespace systolica::simdit_reference
