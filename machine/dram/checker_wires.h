// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the ranks of a channel share: the CA bus, on which commands follow each other, and the DQ pins, on which bursts
// do; and of LPDDR5 the WCK of each rank, which a CAS starts right before a column command.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/dram/checker_log.h"
#include "machine/dram/config.h"

namespace systolica {

class CheckerWires {
public:
    CheckerWires(const DramConfig& config, ViolationLog& log);

    void command(const CheckedCommand& c) {
        const std::int64_t clocks = ca_clocks_[static_cast<std::size_t>(c.command)];
        if (clocks == 0) {
            return; // not a command on the CA bus
        }
        if (c.at - clocks < ca_busy_) {
            log_.too_early("CA bus", c, ca_busy_, clocks);
        }
        ca_busy_ = c.at;
        if (cas_waits_ &&
            (c.rank != cas_.rank || c.at != cas_.at + 1 || !(is_read(c.command) || is_write(c.command)))) {
            cas_ends();
        }
        if (c.command == DramCommand::wck_sync) {
            starts_wck(c);
        }
    }
    void column(const CheckedCommand& c) {
        const bool write = is_write(c.command);
        take_pins({c.at + (write ? wl_ : rl_), c.rank}, write, c);
        if (lpddr5_) {
            use_wck(c, write);
        }
    }
    void ends();

private:
    static constexpr std::int64_t kLongAgo = -(std::int64_t{1} << 40);

    struct Burst {
        std::int64_t start = kLongAgo;
        std::uint16_t rank = 0;
    };

    // Both bursts are of the same length, so they collide when their beginnings are closer than that.
    bool collide(const Burst& a, const Burst& b) const {
        const std::int64_t apart = a.start < b.start ? b.start - a.start : a.start - b.start;
        return apart < burst_ + (a.rank == b.rank ? 0 : rank_gap_);
    }
    void take_pins(const Burst& burst, bool write, const CheckedCommand& c);
    void use_wck(const CheckedCommand& c, bool write);
    void starts_wck(const CheckedCommand& c);
    void cas_ends();

    const bool lpddr5_;
    const std::int64_t rl_, wl_, burst_, rank_gap_, wck_post_;
    std::array<std::int64_t, 16> ca_clocks_{};
    ViolationLog& log_;

    std::int64_t ca_busy_ = kLongAgo; // to this edge
    // WL is shorter than RL, so a WR may put its data in front of those of several RDs: these are remembered.
    static constexpr unsigned kReads = 16;
    std::array<Burst, kReads> reads_{};
    unsigned last_read_ = 0;
    Burst last_write_{};
    std::vector<std::int64_t> wck_until_; // of a rank
    CheckedCommand cas_{};
    bool cas_waits_ = false; // for its column command
};

} // namespace systolica
