// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_timing.h"

namespace systolica {

ChannelTiming::ChannelTiming(const DramPart& part, unsigned ranks)
    : t_(part),
      banks_of_rank_(part.banks),
      banks_of_group_(part.banks / part.bank_groups),
      banks_of_refresh_(part.banks_of_refresh()),
      banks_(std::size_t{part.banks} * ranks),
      ranks_(ranks),
      near_at_(std::size_t{part.bank_groups} * ranks) {}

Ck ChannelTiming::bus_at(bool write) const {
    Ck at = kNever;
    for (unsigned rank = 0; rank < ranks(); ++rank) {
        at = std::min(at, std::max(ranks_[rank].column_at[write], other_rank_at(rank, write)));
    }
    return at;
}

Ck ChannelTiming::precharge_all_at(unsigned rank) const {
    Ck at = ranks_[rank].precharge_at;
    for (unsigned bank = rank * banks_of_rank_; bank < (rank + 1) * banks_of_rank_; ++bank) {
        at = std::max(at, banks_[bank].precharge_at); // also of a bank that is about to close itself
    }
    return at;
}

Ck ChannelTiming::refresh_all_at(unsigned rank) const {
    Ck at = ranks_[rank].refresh_at;
    for (unsigned bank = rank * banks_of_rank_; bank < (rank + 1) * banks_of_rank_; ++bank) {
        at = std::max(at, banks_[bank].activate_at);
    }
    return at;
}

// REFpb keeps tRRD and tpbR2act's company with ACT, and tpbR2pbR with other REFpb (JESD209-4, 4.16 "Refresh").
Ck ChannelTiming::refresh_bank_at(unsigned bank) const {
    const Rank& rank = ranks_[rank_of(bank)];
    return std::max({banks_[bank].activate_at, rank.refresh_at, rank.activate_at});
}

Ck ChannelTiming::quiet_at(unsigned rank) const {
    return ranks_[rank].quiet_at;
}

void ChannelTiming::activate(unsigned bank, std::uint64_t row, Ck at) {
    Bank& b = banks_[bank];
    Rank& rank = ranks_[rank_of(bank)];
    b.row = row;
    b.fresh = true;
    b.column_at = at + t_.rcd;
    b.precharge_at = at + t_.ras;
    b.activate_at = at + t_.ras + t_.rp_pb;
    b.opened = at;
    b.last_used = at;
    ++b.counters.activates;
    rank.opened = rank.open == 0 ? std::max(at, rank.opened) : rank.opened; // an automatic precharge may end later
    ++rank.open;
    rank.activate_at = at + t_.rrd;
    rank.faw_at[rank.faw_oldest] = at + t_.faw;
    rank.faw_oldest = (rank.faw_oldest + 1) % 4;
    rank.quiet_at = std::max(rank.quiet_at, at);
}

void ChannelTiming::close(Bank& bank, Rank& rank, Ck at) {
    bank.row = kClosed;
    bank.counters.open_clocks += at - bank.opened;
    --rank.open;
    if (rank.open == 0) {
        rank.open_clocks += at - std::min(at, rank.opened);
        rank.opened = std::max(rank.opened, at);
    }
}

void ChannelTiming::precharge(unsigned bank, Ck at) {
    Rank& rank = ranks_[rank_of(bank)];
    close(banks_[bank], rank, at);
    banks_[bank].activate_at = std::max(banks_[bank].activate_at, at + t_.rp_pb);
    ++banks_[bank].counters.precharges;
    rank.precharge_at = at + t_.ppd;
    rank.quiet_at = std::max(rank.quiet_at, at);
}

void ChannelTiming::precharge_all(unsigned rank, Ck at) {
    for (unsigned bank = rank * banks_of_rank_; bank < (rank + 1) * banks_of_rank_; ++bank) {
        Bank& b = banks_[bank];
        if (b.row != kClosed) {
            close(b, ranks_[rank], at);
        }
        b.activate_at = std::max(b.activate_at, at + t_.rp_ab);
    }
    ranks_[rank].precharge_at = at + t_.ppd;
    ranks_[rank].quiet_at = std::max(ranks_[rank].quiet_at, at);
}

void ChannelTiming::refresh_all(unsigned rank, Ck at) {
    for (unsigned bank = rank * banks_of_rank_; bank < (rank + 1) * banks_of_rank_; ++bank) {
        banks_[bank].activate_at = at + t_.rfc_ab;
        ++banks_[bank].counters.refreshes;
    }
    ranks_[rank].refresh_at = at + t_.rfc_ab;
    ranks_[rank].quiet_at = std::max(ranks_[rank].quiet_at, at);
}

void ChannelTiming::refresh_bank(unsigned bank, Ck at) {
    Rank& rank = ranks_[rank_of(bank)];
    for (unsigned b = bank; b < (rank_of(bank) + 1) * banks_of_rank_; b += banks_of_rank_ / banks_of_refresh_) {
        banks_[b].activate_at = at + t_.rfc_pb;
        banks_[b].precharge_at = at + t_.rfc_pb; // PREab must not touch it
        ++banks_[b].counters.refreshes;
    }
    rank.refresh_at = at + t_.pbr_to_pbr;
    rank.activate_at = std::max(rank.activate_at, at + t_.pbr_to_act);
    rank.quiet_at = std::max(rank.quiet_at, at);
}

void ChannelTiming::wake(unsigned rank, Ck at) {
    Rank& woken = ranks_[rank];
    woken.activate_at = std::max(woken.activate_at, at);
    woken.precharge_at = std::max(woken.precharge_at, at);
    woken.refresh_at = std::max(woken.refresh_at, at);
    const Ck column = at + (t_.lpddr5 ? 1 : 0); // WCK has stopped: a CAS goes first
    woken.column_at = {std::max(woken.column_at[0], column), std::max(woken.column_at[1], column)};
}

Ck ChannelTiming::columns(unsigned bank, const Columns& train, std::uint64_t& hits) {
    Bank& b = banks_[bank];
    Rank& rank = ranks_[rank_of(bank)];
    const bool write = train.write;
    const Ck last = train.first + (train.count - 1) * gap(train);
    hits += train.count - (b.fresh ? 1 : 0);
    b.fresh = false;
    b.last_used = last;
    b.precharge_at = std::max(b.precharge_at, last + t_.precharge_after(write));
    b.masked_at = write ? last + t_.masked_gap : b.masked_at;
    (write ? b.counters.writes : b.counters.reads) += train.count;
    const Ck data_end = last + t_.data_end(write);
    rank.column_at[write] = std::max(rank.column_at[write], last + t_.gap_far);
    rank.column_at[!write] = std::max(rank.column_at[!write], last + (write ? t_.write_to_read_far : t_.read_to_write));
    std::array<Ck, 2>& near = near_at_[group_of(bank)];
    near[write] = std::max(near[write], last + t_.gap_near);
    near[!write] = std::max(near[!write], last + (write ? t_.write_to_read_near : t_.read_to_write));
    rank.quiet_at = std::max(rank.quiet_at, write ? last + t_.write_to_precharge : data_end + 1);
    rank.wck_off_at = std::max(rank.wck_off_at, data_end + t_.wck_post);
    data_rank_ = rank_of(bank);
    data_free_at_ = std::max(data_free_at_, data_end);
    if (train.auto_precharge) {
        b.activate_at = std::max(b.activate_at, b.precharge_at + t_.rp_pb);
        rank.quiet_at = std::max(rank.quiet_at, b.precharge_at);
        close(b, rank, b.precharge_at);
    }
    return data_end;
}

Ck ChannelTiming::open_clocks(Ck now) const {
    Ck sum = 0;
    for (const Rank& rank : ranks_) {
        sum += rank.open_clocks + (rank.open != 0 ? now - std::min(now, rank.opened) : 0);
    }
    return sum;
}

Ck ChannelTiming::open_clocks(unsigned bank, Ck now) const {
    const Bank& b = banks_[bank];
    return b.counters.open_clocks + (b.row != kClosed ? now - std::min(now, b.opened) : 0);
}

} // namespace systolica
