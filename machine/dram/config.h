// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What describes the off-chip memory of a chip: the controller's settings and the part's timing table.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "machine/dram/currents.h"
#include "machine/scratchpad/config.h"

namespace systolica {

enum class DramModel : std::uint8_t {
    controller,
    ideal,
    private_ports, // an interface of fixed width for each scratchpad group (private_port.h)
};
enum class DramStandard : std::uint8_t { lpddr4, lpddr5 }; // LPDDR4X is lpddr4, LPDDR5X is lpddr5
enum class DramScheduler : std::uint8_t { fifo, fr_fcfs, fr_fcfs_grouped };
enum class DramPagePolicy : std::uint8_t { open, closed, adaptive, timeout };
enum class DramRefresh : std::uint8_t { all_bank, per_bank, none };
enum class DramEcc : std::uint8_t { none, in_line };

// One rank of one channel. Times in clocks of the command clock (CK) unless named otherwise. Names follow JEDEC
// JESD209-4 (LPDDR4) and JESD209-5 (LPDDR5); a part file states the source of each value.
struct DramPart {
    std::string name{};
    DramStandard standard = DramStandard::lpddr4;
    double data_rate_mtps = 3200;
    unsigned width_bits = 16;
    unsigned burst_length = 16;
    unsigned bank_groups = 1; // LPDDR5: 4
    unsigned banks = 8;       // in all groups together
    std::uint64_t rows = 65536;
    unsigned page_bytes = 2048;
    unsigned beats_per_clock = 2; // data beats in one CK: 2 for LPDDR4, 8 for LPDDR5 with a WCK:CK ratio of 4
    unsigned rl = 28, wl = 14, rcd = 29, rp_pb = 29, rp_ab = 34, ras = 68, rrd = 16, faw = 64, wr = 29, rtp = 12;
    unsigned ccd = 8, ccd_l = 8; // columns of different bank groups (tCCD_S), of one bank group (tCCD_L)
    unsigned wtr = 16, wtr_l = 16;
    unsigned ccdmw = 32; // a masked write after a write to the same bank
    unsigned dqsck = 3;
    unsigned wpre = 2;     // write preamble, part of the read-to-write turnaround
    unsigned ppd = 4;      // precharge to precharge
    unsigned rank_gap = 1; // tRTRS: data of one rank to data of another
    unsigned rfc_ab = 448, rfc_pb = 224;
    std::uint64_t refi = 6246;                      // every bank is refreshed once in it, by either kind
    unsigned pbr_to_pbr = 224;                      // REFpb to REFpb of another bank
    unsigned pbr_to_act = 16;                       // REFpb to ACT of another bank
    unsigned cke = 12, xp = 12, sr = 24, xsr = 460; // power-down: least stay, exit; self-refresh: least stay, exit
    unsigned wck_post = 0;                          // LPDDR5: WCK runs on after the last data beat
    std::optional<DramCurrents> currents{};         // none: no energy is reported

    std::uint64_t clock_khz() const {
        return static_cast<std::uint64_t>(std::llround(data_rate_mtps * 1000.0 / beats_per_clock));
    }
    unsigned burst_bytes() const { return width_bits / 8 * burst_length; }
    double peak_bytes_per_s() const { return data_rate_mtps * 1e6 * width_bits / 8; }
    // Banks that one per-bank refresh takes: LPDDR5 with 16 banks refreshes bank b and bank b + 8 (JESD209-5).
    unsigned banks_of_refresh() const { return standard == DramStandard::lpddr5 && banks >= 16 ? 2 : 1; }
    std::uint64_t bytes() const { return rows * banks * page_bytes; }
};

struct DramConfig {
    DramModel model = DramModel::controller;
    DramPart part;
    unsigned channels = 1;
    unsigned ranks = 1; // of a channel
    unsigned interleave_bytes = 256;
    std::string mapping = "row-rank-bank-group-column"; // see address_map.h
    std::string hash{};                                 // see address_map.h; empty: none
    DramScheduler scheduler = DramScheduler::fr_fcfs_grouped;
    DramPagePolicy page_policy = DramPagePolicy::open;
    unsigned page_timeout_ck = 200; // page_policy: timeout; a row unused for this long is closed
    DramRefresh refresh = DramRefresh::all_bank;
    unsigned refresh_postpone = 0;     // refreshes that may be put off while requests wait (JEDEC: at most 8)
    std::uint64_t power_down_ck = 0;   // idle clocks before power-down; 0: never
    std::uint64_t self_refresh_ck = 0; // idle clocks before self-refresh; 0: never
    unsigned read_queue = 32;          // entries a channel
    unsigned write_queue = 32;         // entries a channel
    unsigned unified_queue = 0;        // entries that both kinds share instead; 0: separate queues
    unsigned per_bank_queue = 0;       // most entries for one bank, reads and writes; 0: no such limit
    double write_high = 0.8;           // scheduler: fr_fcfs_grouped; share of the write queue at which writes begin
    double write_low = 0.2;            // and at which they end
    bool bounded_groups = true;        // likewise; a group ends with the requests that waited when it began
    std::uint64_t age_limit_ck = 8192; // a request older than this is no longer overtaken in its bank; 0: no limit
    double frontend_latency_ns = 0;    // declared constant, acceptance to first scheduling
    DramEcc ecc = DramEcc::none;
    bool data = false; // keep the bytes that are written
    bool dmi = false;  // offer direct memory pointers to data
    // model: ideal only
    double ideal_bytes_per_s = 0; // 0: unlimited
    double ideal_latency_ns = 0;
    // model: private_ports only
    std::array<unsigned, kPads> bits_per_cycle{256, 256, 256, 256}; // by Pad; cycles of the chip clock

    unsigned banks() const { return part.banks * ranks; } // of a channel
    // Of one channel, for data: inline ECC keeps an eighth of each row for itself.
    std::uint64_t channel_bytes() const { return part.bytes() * ranks / 8 * (ecc == DramEcc::none ? 8 : 7); }
    std::uint64_t capacity_bytes() const { return channel_bytes() * channels; }
    // Private ports: peak_memory_bytes_per_s() of a chip (machine/simdit/chip_config.h).
    double peak_bytes_per_s() const {
        return model == DramModel::ideal ? ideal_bytes_per_s : part.peak_bytes_per_s() * channels;
    }
};

} // namespace systolica
