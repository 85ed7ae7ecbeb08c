// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Puts commands that are announced nearly in order into the order of time: a wheel of clocks, each holding the commands
// of that clock, with a bit for every clock in use. A command leaves when another one is announced kReach clocks after
// it; memory grows with the commands of that many clocks, not with the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/dram/checker_log.h"

namespace systolica {

class ReorderWindow {
public:
    static constexpr std::int64_t kReach = 8192;

    ReorderWindow() : used_(kClocks / 64, 0), first_(kClocks, kNone) {}

    // Calls `leave` for each command that is due. False: the command is too old to be put into its place.
    template <class Leave>
    bool push(const CheckedCommand& command, Leave&& leave) {
        if (command.at < from_) {
            return false;
        }
        if (command.at - kReach > from_) {
            release(command.at - kReach, leave);
            from_ = command.at - kReach;
        }
        insert(command);
        return true;
    }

    // All that is held.
    template <class Leave>
    void drain(Leave&& leave) {
        release(from_ + kClocks, leave);
    }

private:
    static constexpr std::int64_t kClocks = 2 * kReach; // a power of two
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    struct Node {
        CheckedCommand command;
        std::uint32_t next;
    };

    void insert(const CheckedCommand& command) {
        const std::size_t clock = slot(command.at);
        std::uint32_t* link = &first_[clock];
        while (*link != kNone) { // announced earlier for the same clock: stays in front
            link = &nodes_[*link].next;
        }
        if (free_ == kNone) {
            *link = static_cast<std::uint32_t>(nodes_.size()); // before growth moves a link that is in a node
            nodes_.push_back({command, kNone});
        } else {
            *link = free_;
            Node& node = nodes_[free_];
            free_ = node.next;
            node = {command, kNone};
        }
        used_[clock / 64] |= std::uint64_t{1} << clock % 64;
        ++held_;
    }

    template <class Leave>
    void release(std::int64_t until, Leave&& leave) {
        while (held_ > 0 && from_ < until) {
            const std::size_t clock = slot(from_);
            const std::uint64_t ahead = used_[clock / 64] >> clock % 64;
            from_ += ahead == 0 ? static_cast<std::int64_t>(64 - clock % 64) : trailing_zeros(ahead);
            if (ahead != 0 && from_ < until) {
                leave_clock(slot(from_), leave);
                ++from_;
            }
        }
    }

    template <class Leave>
    void leave_clock(std::size_t clock, Leave&& leave) {
        std::uint32_t at = first_[clock];
        first_[clock] = kNone;
        used_[clock / 64] &= ~(std::uint64_t{1} << clock % 64);
        while (at != kNone) {
            Node& node = nodes_[at];
            leave(node.command);
            const std::uint32_t next = node.next;
            node.next = free_;
            free_ = at;
            at = next;
            --held_;
        }
    }

    static std::size_t slot(std::int64_t at) { return static_cast<std::size_t>(at & (kClocks - 1)); }
    static int trailing_zeros(std::uint64_t bits) { return __builtin_ctzll(bits); }

    std::vector<std::uint64_t> used_;
    std::vector<std::uint32_t> first_; // of a clock's commands
    std::vector<Node> nodes_;
    std::uint32_t free_ = kNone;
    std::size_t held_ = 0;
    std::int64_t from_ = 0; // all earlier commands have left
};

} // namespace systolica
