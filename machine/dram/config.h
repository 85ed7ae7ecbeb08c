// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the off-chip memory of a chip: the controller's settings and the part's timing table.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

namespace systolica {

enum class DramModel : std::uint8_t { controller, ideal };
enum class DramScheduler : std::uint8_t { fifo, fr_fcfs };
enum class DramRefresh : std::uint8_t { all_bank, none };

// One channel of one rank. Times in clocks of the command clock (CK) unless named otherwise. Names follow JEDEC
// JESD209-4 (LPDDR4); a part file states the source of each value.
struct DramPart {
    std::string name;
    double data_rate_mtps = 3200;
    unsigned width_bits = 16;
    unsigned burst_length = 16;
    unsigned banks = 8;
    std::uint64_t rows = 65536;
    unsigned page_bytes = 2048;
    unsigned beats_per_clock = 2; // data beats in one CK: 2 for LPDDR4
    unsigned rl = 28, wl = 14, rcd = 29, rp_pb = 29, rp_ab = 34, ras = 68, rrd = 16, faw = 64, ccd = 8, wr = 29,
             wtr = 16, rtp = 12, dqsck = 3, rfc_ab = 448;
    std::uint64_t refi = 6246;

    std::uint64_t clock_khz() const {
        return static_cast<std::uint64_t>(std::llround(data_rate_mtps * 1000.0 / beats_per_clock));
    }
    unsigned burst_bytes() const { return width_bits / 8 * burst_length; }
    double peak_bytes_per_s() const { return data_rate_mtps * 1e6 * width_bits / 8; }
};

struct DramConfig {
    DramModel model = DramModel::controller;
    DramPart part;
    unsigned channels = 1;
    unsigned interleave_bytes = 256;
    DramScheduler scheduler = DramScheduler::fr_fcfs;
    DramRefresh refresh = DramRefresh::all_bank;
    unsigned read_queue = 32;       // entries a channel
    unsigned write_queue = 32;      // entries a channel
    double frontend_latency_ns = 0; // declared constant, acceptance to first scheduling
    // model: ideal only
    double ideal_bytes_per_s = 0; // 0: unlimited
    double ideal_latency_ns = 0;

    std::uint64_t capacity_bytes() const { return part.rows * part.banks * part.page_bytes * channels; }
    double peak_bytes_per_s() const {
        return model == DramModel::ideal ? ideal_bytes_per_s : part.peak_bytes_per_s() * channels;
    }
};

} // namespace systolica
