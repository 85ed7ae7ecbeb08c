// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Checks every command of a channel against JESD209-4 (LPDDR4) or JESD209-5 (LPDDR5): intervals (checker_rules.h),
// states of banks and ranks, CA bus and DQ pins (checker_wires.h), refresh (checker_refresh.h). It takes nothing but
// the part's values and the commands, so that it shares no mistake with the controller. Not checked: mode registers,
// training, ODT and the drift of DQS, data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "machine/dram/checker_log.h"
#include "machine/dram/checker_refresh.h"
#include "machine/dram/checker_rules.h"
#include "machine/dram/checker_window.h"
#include "machine/dram/checker_wires.h"
#include "machine/dram/command_listener.h"

namespace systolica {

class DramCommandChecker : public DramCommandListener {
public:
    explicit DramCommandChecker(const DramConfig& config);

    DramCommandChecker(const DramCommandChecker&) = delete;
    DramCommandChecker& operator=(const DramCommandChecker&) = delete;

    // May come out of order by up to ReorderWindow::kReach clocks.
    void command(const IssuedCommand& issued) override;
    // Once, at the end of a run: checks what is still held, and whether all refreshes up to `now` have come.
    void finish(Ck now);

    std::uint64_t violations() const { return log_.count(); }
    const std::vector<std::string>& first_violations() const { return log_.first(); } // "rule: command at clock ..."
    std::uint64_t count(DramCommand command) const { return counts_[static_cast<std::size_t>(command)]; }

private:
    static constexpr std::int64_t kLongAgo = -(std::int64_t{1} << 40);
    static constexpr unsigned kScopes = 3;

    using Times = std::array<std::int64_t, kDramEvents>; // of the last event of each kind

    struct Interval { // a rule, for one kind of later command
        DramEvent earlier;
        RuleScope scope;
        std::int64_t clocks;
        const char* name;
    };
    struct Bank {
        bool open = false;
        std::uint64_t row = 0;
        std::uint32_t group = 0; // of the channel
    };
    enum class Power : std::uint8_t { on, down, self_refresh };
    struct Rank {
        Power power = Power::on;
        unsigned oldest = 0;                                                        // of the four
        std::array<std::int64_t, 4> opened{kLongAgo, kLongAgo, kLongAgo, kLongAgo}; // or refreshed by REFpb
    };

    void check(const CheckedCommand& c);
    void check_intervals(const CheckedCommand& c, DramEvent event);
    void remember(const CheckedCommand& c, DramEvent event);
    void change_state(const CheckedCommand& c);
    void check_pair(CheckedCommand c);
    void open_bank(const CheckedCommand& c);
    void use_row(const CheckedCommand& c);
    void take_window(const CheckedCommand& c);
    void change_power(const CheckedCommand& c);
    bool any_open(unsigned rank) const;

    const unsigned banks_of_rank_;
    const unsigned pair_; // a per-bank refresh takes the bank that far above too; 0: it does not
    const std::int64_t ras_, faw_, read_to_precharge_, write_to_precharge_;
    ViolationLog log_;
    ReorderWindow window_;
    CheckerWires wires_;
    RefreshPace refresh_;
    std::array<std::vector<Interval>, kDramEvents> intervals_; // by the later command
    std::array<std::vector<Times>, kScopes> times_;            // [scope][bank, group or rank]
    std::vector<Bank> banks_;
    std::vector<Rank> ranks_;
    std::array<std::uint64_t, 16> counts_{}; // by DramCommand
};

} // namespace systolica
