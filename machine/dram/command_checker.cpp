// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/command_checker.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr std::size_t index(RuleScope scope) {
    return static_cast<std::size_t>(scope);
}
constexpr std::size_t index(DramEvent event) {
    return static_cast<std::size_t>(event);
}

} // namespace

DramCommandChecker::DramCommandChecker(const DramConfig& config)
    : banks_of_rank_(config.part.banks),
      pair_(config.part.standard == DramStandard::lpddr5 && config.part.banks >= 16 ? config.part.banks / 2 : 0),
      ras_(config.part.ras),
      faw_(config.part.faw),
      read_to_precharge_(read_to_precharge_ck(config.part)),
      write_to_precharge_(write_to_precharge_ck(config.part)),
      wires_(config, log_),
      refresh_(config, log_),
      banks_(config.banks()),
      ranks_(config.ranks) {
    const unsigned banks_of_group = std::max(1U, config.part.banks / config.part.bank_groups);
    for (unsigned b = 0; b < banks_.size(); ++b) {
        banks_[b].group = b / banks_of_group;
    }
    Times never;
    never.fill(kLongAgo);
    times_[index(RuleScope::bank)].assign(banks_.size(), never);
    times_[index(RuleScope::group)].assign(banks_.size() / banks_of_group + 1, never);
    times_[index(RuleScope::rank)].assign(ranks_.size(), never);
    for (const TimingRule& rule : timing_rules(config.part.standard)) {
        for (unsigned later = 0; later < kDramEvents; ++later) {
            if (holds(rule.later, static_cast<DramEvent>(later))) {
                intervals_[later].push_back({rule.earlier, rule.scope, rule.clocks(config.part), rule.name});
            }
        }
    }
}

void DramCommandChecker::command(const IssuedCommand& issued) {
    counts_[static_cast<std::size_t>(issued.command)] += issued.count;
    CheckedCommand c{static_cast<std::int64_t>(issued.at), issued.row, issued.bank,
                     static_cast<std::uint16_t>(issued.rank), issued.command};
    const bool of_a_rank = issued.command == DramCommand::precharge_all || issued.command == DramCommand::refresh_all ||
                           issued.command >= DramCommand::power_down_entry;
    if (of_a_rank) {
        c.bank = issued.rank * banks_of_rank_;
    }
    if (issued.rank >= ranks_.size() || c.bank - issued.rank * banks_of_rank_ >= banks_of_rank_) {
        log_.broken("no such bank", c);
        return;
    }
    for (unsigned i = 0; i < issued.count; ++i) {
        if (!window_.push(c, [this](const CheckedCommand& due) { check(due); })) {
            log_.broken("announced too late", c);
        }
        c.at += static_cast<std::int64_t>(issued.gap);
    }
}

void DramCommandChecker::finish(Ck now) {
    window_.drain([this](const CheckedCommand& due) { check(due); });
    wires_.ends();
    refresh_.ends(static_cast<std::int64_t>(now));
}

void DramCommandChecker::check(const CheckedCommand& c) {
    const DramEvent event = event_of(c.command);
    wires_.command(c);
    change_power(c);
    check_intervals(c, event);
    change_state(c);
    remember(c, event);
    if (c.command == DramCommand::refresh_bank && pair_ != 0) {
        check_pair(c);
    }
}

// JESD209-5, "Refresh operation": with 16 banks REFpb takes a bank and the one with the other top bit.
void DramCommandChecker::check_pair(CheckedCommand c) {
    c.bank += pair_;
    Times& times = times_[index(RuleScope::bank)][c.bank];
    for (const Interval& interval : intervals_[index(DramEvent::refresh_bank)]) {
        const std::int64_t since = times[index(interval.earlier)];
        if (interval.scope == RuleScope::bank && c.at < since + interval.clocks) {
            log_.too_early(interval.name, c, since, interval.clocks);
        }
    }
    if (banks_[c.bank].open) {
        log_.broken("REFpb of an open bank", c);
    }
    refresh_.refreshed(c);
    times[index(DramEvent::refresh_bank)] = c.at;
}

void DramCommandChecker::check_intervals(const CheckedCommand& c, DramEvent event) {
    const std::int64_t* const times[kScopes] = {
        times_[index(RuleScope::bank)][c.bank].data(),
        times_[index(RuleScope::group)][banks_[c.bank].group].data(),
        times_[index(RuleScope::rank)][c.rank].data(),
    };
    for (const Interval& interval : intervals_[index(event)]) {
        const std::int64_t since = times[index(interval.scope)][index(interval.earlier)];
        if (c.at < since + interval.clocks) {
            log_.too_early(interval.name, c, since, interval.clocks);
        }
    }
}

void DramCommandChecker::remember(const CheckedCommand& c, DramEvent event) {
    const std::size_t as = index(event == DramEvent::masked_write ? DramEvent::write : event);
    times_[index(RuleScope::bank)][c.bank][as] = c.at;
    times_[index(RuleScope::group)][banks_[c.bank].group][as] = c.at;
    times_[index(RuleScope::rank)][c.rank][as] = c.at;
}

bool DramCommandChecker::any_open(unsigned rank) const {
    const auto first = banks_.begin() + rank * banks_of_rank_;
    return std::any_of(first, first + banks_of_rank_, [](const Bank& bank) { return bank.open; });
}

void DramCommandChecker::change_state(const CheckedCommand& c) {
    switch (c.command) {
    case DramCommand::activate:
        open_bank(c);
        break;
    case DramCommand::precharge: // legal when the bank is closed too; tRP then counts from the last one
        banks_[c.bank].open = false;
        break;
    case DramCommand::precharge_all:
        for (unsigned b = 0; b < banks_of_rank_; ++b) {
            banks_[c.bank + b].open = false;
        }
        break;
    case DramCommand::refresh_all:
        if (any_open(c.rank)) {
            log_.broken("REFab with an open bank", c);
        }
        refresh_.refreshed(c);
        break;
    case DramCommand::refresh_bank:
        if (banks_[c.bank].open) {
            log_.broken("REFpb of an open bank", c);
        }
        take_window(c);
        refresh_.refreshed(c);
        break;
    case DramCommand::self_refresh_entry:
        if (any_open(c.rank)) {
            log_.broken("SRE with an open bank", c);
        }
        refresh_.enters_self_refresh(c);
        break;
    case DramCommand::self_refresh_exit:
        refresh_.leaves_self_refresh(c);
        break;
    case DramCommand::power_down_entry:
    case DramCommand::power_down_exit:
    case DramCommand::wck_sync:
        break;
    default:
        use_row(c);
    }
}

void DramCommandChecker::open_bank(const CheckedCommand& c) {
    Bank& bank = banks_[c.bank];
    if (bank.open) {
        log_.broken("ACT of an open bank", c);
    }
    bank.open = true;
    bank.row = c.row;
    take_window(c);
}

// "No more than 4 banks may be activated (or refreshed, in the case of REFpb) in a rolling tFAW window" (both
// standards, section "Activate command").
void DramCommandChecker::take_window(const CheckedCommand& c) {
    Rank& rank = ranks_[c.rank];
    std::int64_t& fourth_last = rank.opened[rank.oldest];
    if (c.at < fourth_last + faw_) {
        log_.too_early("tFAW", c, fourth_last, faw_);
    }
    fourth_last = c.at;
    rank.oldest = (rank.oldest + 1) % 4;
}

void DramCommandChecker::use_row(const CheckedCommand& c) {
    wires_.column(c);
    Bank& bank = banks_[c.bank];
    if (!bank.open) {
        log_.broken("column command to a closed bank", c);
    } else if (bank.row != c.row) {
        log_.broken("column command to another row", c);
    }
    if (!precharges_itself(c.command)) {
        return;
    }
    bank.open = false;
    // The device's own precharge heeds tRAS, and tRTP or tWR of every column command since the ACT.
    Times& of_bank = times_[index(RuleScope::bank)][c.bank];
    const std::int64_t read = is_read(c.command) ? c.at : of_bank[index(DramEvent::read)];
    const std::int64_t write = is_write(c.command) ? c.at : of_bank[index(DramEvent::write)];
    const std::int64_t begins =
        std::max({of_bank[index(DramEvent::activate)] + ras_, read + read_to_precharge_, write + write_to_precharge_});
    of_bank[index(DramEvent::self_precharge)] = begins;
    std::int64_t& of_rank = times_[index(RuleScope::rank)][c.rank][index(DramEvent::self_precharge)];
    of_rank = std::max(of_rank, begins);
}

void DramCommandChecker::change_power(const CheckedCommand& c) {
    Power& power = ranks_[c.rank].power;
    switch (c.command) {
    case DramCommand::power_down_exit:
    case DramCommand::self_refresh_exit: {
        const Power left = c.command == DramCommand::power_down_exit ? Power::down : Power::self_refresh;
        if (power != left) {
            log_.broken(left == Power::down ? "PDX without power-down" : "SRX without self-refresh", c);
        }
        power = Power::on;
        break;
    }
    default:
        if (power != Power::on) {
            log_.broken(power == Power::down ? "command in power-down" : "command in self-refresh", c);
        }
        if (c.command == DramCommand::power_down_entry) {
            power = Power::down;
        } else if (c.command == DramCommand::self_refresh_entry) {
            power = Power::self_refresh;
        }
    }
}

} // namespace systolica
