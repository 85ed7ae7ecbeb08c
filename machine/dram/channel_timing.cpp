// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/channel_timing.h"

namespace systolica {

ChannelTiming::ChannelTiming(const DramPart& part) : t_(part), banks_(part.banks) {}

bool ChannelTiming::any_row_open() const {
    return std::any_of(banks_.begin(), banks_.end(), [](const Bank& bank) { return bank.row != kClosed; });
}

Ck ChannelTiming::precharge_all_at() const {
    Ck at = ppd_at_;
    for (const Bank& bank : banks_) {
        if (bank.row != kClosed) {
            at = std::max(at, bank.precharge_at);
        }
    }
    return at;
}

Ck ChannelTiming::refresh_at() const {
    Ck at = 0;
    for (const Bank& bank : banks_) {
        at = std::max(at, bank.activate_at);
    }
    return at;
}

void ChannelTiming::activate(unsigned bank, std::uint64_t row, Ck at) {
    Bank& b = banks_[bank];
    b.row = row;
    b.fresh = true;
    b.column_at = at + t_.rcd;
    b.precharge_at = at + t_.ras;
    rrd_at_ = at + t_.rrd;
    faw_at_[faw_oldest_] = at + t_.faw;
    faw_oldest_ = (faw_oldest_ + 1) % 4;
}

void ChannelTiming::precharge(unsigned bank, Ck at) {
    Bank& b = banks_[bank];
    b.row = kClosed;
    b.activate_at = at + t_.rp_pb;
    ppd_at_ = at + DramTimings::kPrechargeToPrecharge;
}

void ChannelTiming::precharge_all(Ck at) {
    for (Bank& bank : banks_) {
        bank.row = kClosed;
        bank.activate_at = std::max(bank.activate_at, at + t_.rp_ab);
    }
    ppd_at_ = at + DramTimings::kPrechargeToPrecharge;
}

void ChannelTiming::refresh(Ck at) {
    for (Bank& bank : banks_) {
        bank.activate_at = at + t_.rfc_ab;
    }
}

Ck ChannelTiming::columns(unsigned bank, bool write, unsigned count, Ck first, std::uint64_t& hits) {
    Bank& b = banks_[bank];
    const Ck last = first + (count - 1) * t_.column_gap;
    hits += count - (b.fresh ? 1 : 0);
    b.fresh = false;
    b.precharge_at = std::max(b.precharge_at, last + (write ? t_.write_to_precharge : t_.read_to_precharge));
    bus_at_[write] = std::max(bus_at_[write], last + t_.column_gap);
    bus_at_[!write] = std::max(bus_at_[!write], last + (write ? t_.write_to_read : t_.read_to_write));
    return last + (write ? t_.write_data_end : t_.read_data_end);
}

} // namespace systolica
