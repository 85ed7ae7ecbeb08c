// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/fr_fcfs_scheduler.h"

namespace systolica {

namespace {

// Keeps the earlier one; the first offered wins a tie, so offer the older entry first.
void keep_earlier(Choice& best, const Choice& offered) {
    if (offered.at < best.at) {
        best = offered;
    }
}

// Rows that entries of the other kind will want, in banks that nobody of this turn claims.
void prepare_other(const ChannelState& state, bool write, std::uint64_t claimed, Ck now, Choice& best) {
    const BurstQueue& queue = state.queue(write);
    const std::size_t entries = std::min(queue.size(), FrFcfsScheduler::kPrepareAhead);
    for (std::size_t i = 0; i < entries; ++i) {
        const BurstEntry& entry = queue[i];
        const std::uint64_t bank = std::uint64_t{1} << entry.bank;
        if ((claimed & bank) != 0 || entry.blocked) {
            continue;
        }
        claimed |= bank;
        if (state.timing.open_row(entry.bank) != entry.row) {
            keep_earlier(best, row_command(state, write, i, now));
        }
    }
}

} // namespace

Choice FrFcfsScheduler::choose(const ChannelState& state, Ck now) {
    const bool write = grouping_.write_turn(state, now);
    const BurstQueue& queue = state.queue(write);
    std::uint64_t hits = 0, misses = 0, starved = 0;
    std::array<std::uint16_t, 64> first_miss; // of a bank; valid where `misses` says so
    Choice column;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        const BurstEntry& entry = queue[i];
        const std::uint64_t bank = std::uint64_t{1} << entry.bank;
        if (entry.blocked) {
            continue;
        }
        if (state.timing.open_row(entry.bank) != entry.row) {
            if ((misses & bank) == 0) {
                misses |= bank;
                first_miss[entry.bank] = static_cast<std::uint16_t>(i);
                starved |= entry.bypassed >= kBypassLimit ? bank : 0;
            }
        } else if (((hits | starved) & bank) == 0) {
            hits |= bank;
            keep_earlier(column, column_command(state, write, i, now));
            if (column.at <= now) {
                return column;
            }
        }
    }
    Choice row;
    for (std::uint64_t banks = misses & ~hits; banks != 0; banks &= banks - 1) {
        const auto bank = static_cast<unsigned>(__builtin_ctzll(banks));
        const Choice offered = row_command(state, write, first_miss[bank], now);
        if (offered.at < row.at || (offered.at == row.at && offered.position < row.position)) {
            row = offered;
        }
    }
    if (grouping_.turn_ends_soon(state, now)) {
        prepare_other(state, !write, hits | misses, now, row);
    }
    return right_of_way(column, row);
}

} // namespace systolica
