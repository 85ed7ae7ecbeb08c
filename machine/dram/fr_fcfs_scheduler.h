// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// First ready, first come first served (Rixner et al., Memory Access Scheduling, ISCA 2000): each bank offers its
// oldest row hit, or, when nothing waits for the open row, the row command of its oldest request; the earliest command
// goes, at one time the oldest. Reads and writes count alike: because a turn of the data bus costs time, the kind under
// way goes on as long as it has hits.
#pragma once

#include "machine/dram/scheduler.h"

namespace systolica {

// What the banks in the set offer; requests of the kinds given.
class BankOffers {
public:
    enum class Kinds : std::uint8_t { reads, writes, both };

    explicit BankOffers(std::uint64_t age_limit) : age_limit_(age_limit == 0 ? kNever : age_limit) {}

    CommandChoice choose(const ChannelState& state, Kinds kinds, Ck now) const;
    // It has waited too long: nothing younger goes before it in its bank.
    bool overdue(const BurstEntry& entry, Ck now) const {
        return now >= entry.accepted_at && now - entry.accepted_at >= age_limit_;
    }

private:
    RequestQueue::Slot offered_by(const ChannelState& state, unsigned bank, Kinds kinds, Ck now) const;

    Ck age_limit_;
};

class FrFcfsScheduler : public Scheduler {
public:
    explicit FrFcfsScheduler(const DramConfig& config) : offers_(config.age_limit_ck) {}

    CommandChoice choose(const ChannelState& state, Ck now) override {
        return offers_.choose(state, BankOffers::Kinds::both, now);
    }

private:
    BankOffers offers_;
};

} // namespace systolica
