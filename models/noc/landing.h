// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where packets of one direction leave the network for a socket: those that have arrived and wait, in order, because
// the one before is still being handed over (TLM-2.0 request or response exclusion).
#pragma once

#include <cstdint>

#include "models/noc/transaction_table.h"

namespace systolica {

class Landing {
public:
    static constexpr std::uint32_t kNone = TransactionTable::kNone;

    void append(std::uint32_t number, TransactionTable& table) {
        (waiting_ == 0 ? first_ : table[last_].next) = number;
        last_ = number;
        ++waiting_;
    }

    // May the next one be handed over? Takes it if so, and keeps the door until it is released.
    std::uint32_t take(std::uint64_t now_ps, TransactionTable& table) {
        if (waiting_ == 0 || at_door_ != kNone || now_ps < free_ps_) {
            return kNone;
        }
        at_door_ = first_;
        first_ = table[first_].next;
        --waiting_;
        return at_door_;
    }

    void release(std::uint64_t free_ps) {
        at_door_ = kNone;
        free_ps_ = free_ps;
    }

    std::uint32_t at_door() const { return at_door_; } // handed over, acceptance outstanding
    std::uint64_t free_ps() const { return free_ps_; }
    unsigned waiting() const { return waiting_; }

private:
    std::uint32_t first_ = 0;
    std::uint32_t last_ = 0;
    unsigned waiting_ = 0;
    std::uint32_t at_door_ = kNone;
    std::uint64_t free_ps_ = 0;
};

} // namespace systolica
