// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/checker_refresh.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr std::int64_t kMostPostponed = 8;

} // namespace

// One refresh is always on its way: due at a multiple of tREFI, it comes when its banks are closed.
RefreshPace::RefreshPace(const DramConfig& config, ViolationLog& log)
    : on_(config.refresh != DramRefresh::none),
      refi_(static_cast<std::int64_t>(config.part.refi)),
      slack_(config.refresh_postpone == 0 ? 1 : 1 + kMostPostponed),
      banks_(config.part.banks),
      log_(log),
      bank_(config.banks()),
      asleep_(config.ranks, false),
      slept_(config.ranks, false),
      round_(config.ranks, 0) {}

const char* RefreshPace::late(const Bank& bank, std::int64_t at) const {
    if (at - bank.last > (1 + kMostPostponed) * refi_) {
        return "9 x tREFI";
    }
    return (at - bank.since) / refi_ - bank.refreshes > slack_ ? "refresh late" : nullptr;
}

void RefreshPace::refreshed(const CheckedCommand& by) {
    const bool all = by.command == DramCommand::refresh_all;
    const std::uint32_t first = all ? by.rank * banks_ : by.bank;
    const std::uint32_t last = all ? first + banks_ : first + 1;
    const char* broken = nullptr;
    for (std::uint32_t b = first; b < last; ++b) {
        Bank& bank = bank_[b];
        if (broken == nullptr) {
            broken = late(bank, by.at);
        }
        bank.last = by.at;
        ++bank.refreshes;
        if (broken == nullptr && bank.refreshes - (by.at - bank.since) / refi_ > slack_) {
            broken = "refresh early";
        }
    }
    if (on_ && broken != nullptr) {
        log_.broken(broken, by);
    }
    // "It is illegal to send a per bank refresh command to the same bank unless all banks have been refreshed" by one;
    // REFab sets the count back (section "Refresh command").
    std::uint64_t& round = round_[by.rank];
    if (all) {
        round = 0;
        return;
    }
    const std::uint64_t bit = std::uint64_t{1} << (by.bank - by.rank * banks_);
    if ((round & bit) != 0) {
        log_.broken("REFpb of a bank twice in a round", by);
        round = 0;
    }
    round |= bit;
    if (round == (~std::uint64_t{0} >> (64 - banks_))) {
        round = 0;
    }
}

void RefreshPace::check_rank(const CheckedCommand& by) {
    for (std::uint32_t b = by.rank * banks_; on_ && b < (by.rank + 1U) * banks_; ++b) {
        if (const char* broken = late(bank_[b], by.at)) {
            log_.broken(broken, by);
            return;
        }
    }
}

// After a self-refresh at least one REFab, or a REFpb for each bank, comes before the next (section "Self refresh").
void RefreshPace::enters_self_refresh(const CheckedCommand& by) {
    check_rank(by);
    const auto first = bank_.begin() + by.rank * banks_;
    if (on_ && slept_[by.rank] &&
        std::any_of(first, first + banks_, [](const Bank& bank) { return bank.refreshes == 0; })) {
        log_.broken("refresh between self-refreshes", by);
    }
    asleep_[by.rank] = true;
}

void RefreshPace::leaves_self_refresh(const CheckedCommand& by) {
    for (std::uint32_t b = by.rank * banks_; b < (by.rank + 1U) * banks_; ++b) {
        bank_[b] = {by.at, by.at, 0};
    }
    round_[by.rank] = 0;
    asleep_[by.rank] = false;
    slept_[by.rank] = true;
}

void RefreshPace::ends(std::int64_t now) {
    for (std::uint16_t rank = 0; rank < asleep_.size(); ++rank) {
        if (!asleep_[rank]) {
            check_rank({now, 0, rank * banks_, rank, DramCommand::refresh_all});
        }
    }
}

} // namespace systolica
