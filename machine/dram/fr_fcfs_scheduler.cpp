// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/fr_fcfs_scheduler.h"

namespace systolica {

namespace {

// Keeps the earlier one; the first offered wins a tie, so offer the older entry first.
void keep_earlier(CommandChoice& best, const CommandChoice& offered) {
    if (offered.at < best.at) {
        best = offered;
    }
}

// Rows that entries of the other kind will want, in banks that nobody of this turn claims.
void prepare_other(const ChannelState& state, bool write, std::uint64_t claimed, Ck now, CommandChoice& best) {
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

CommandChoice FrFcfsScheduler::choose(const ChannelState& state, Ck now) {
    const bool write = grouping_.write_turn(state, now);
    const BurstQueue& queue = state.queue(write);
    std::uint64_t hits = 0, misses = 0, starved = 0;
    std::array<std::uint16_t, 64> first_miss; // of a bank; valid where `misses` says so
    CommandChoice column;
    // No column command can be earlier; of several at one time the oldest goes.
    const Ck first_column = state.bus.column_slot(std::max(now, state.timing.bus_at(write)));
    // Banks of which the entries seen do not yet say all; with blocked ones on the way nothing is certain to the end.
    std::uint64_t open_questions = queue.any_blocked() ? ~std::uint64_t{0} : queue.banks_in_use();
    for (std::size_t i = 0; i < queue.size() && open_questions != 0; ++i) {
        const BurstQueue::Place& place = queue.place(i);
        const std::uint64_t bank = std::uint64_t{1} << place.bank;
        if ((open_questions & bank) == 0 || place.blocked) {
            continue;
        }
        const BurstQueue::BankLoad& load = queue.bank(place.bank);
        if (load.open != place.row) {
            if ((misses & bank) == 0) {
                misses |= bank;
                first_miss[place.bank] = static_cast<std::uint16_t>(i);
                starved |= queue[i].bypassed >= kBypassLimit ? bank : 0;
            }
            const bool settled = !queue.any_blocked() && (load.hits == 0 || (starved & bank) != 0);
            open_questions &= ~(settled ? bank : 0);
        } else if (((hits | starved) & bank) == 0) {
            hits |= bank;
            open_questions &= ~(queue.any_blocked() ? 0 : bank);
            if (column.at > first_column) {
                keep_earlier(column, column_command(state, write, i, now));
                if (column.at <= now) {
                    return column;
                }
            }
        }
    }
    CommandChoice row;
    for (std::uint64_t banks = misses & ~hits; banks != 0; banks &= banks - 1) {
        const auto bank = static_cast<unsigned>(__builtin_ctzll(banks));
        const CommandChoice offered = row_command(state, write, first_miss[bank], now);
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
