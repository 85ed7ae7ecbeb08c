// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The requests that wait in a channel, in order of acceptance. One entry is one request: consecutive bursts, taken row
// by row; the part within the current row is served by one scheduling decision.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/dram/timings.h"

namespace systolica {

struct BurstEntry {
    void* owner = nullptr; // the caller's own; not looked at
    bool write = false;
    std::uint64_t local_address = 0;
    std::uint32_t bytes = 0;
    std::uint64_t first_burst = 0; // of the request, counted from the start of the channel
    std::uint64_t end_burst = 0;   // one past its last
    std::uint64_t sequence = 0;    // order of acceptance over both queues
    Ck accepted_at = 0;
    Ck visible_at = 0;     // front end passed
    std::uint64_t row = 0; // the part to serve next
    unsigned bank = 0;
    unsigned columns = 0;
    std::uint64_t next_burst = 0; // where the part after that begins
    unsigned bypassed = 0;        // younger parts served while this one was the oldest
    bool one_row = true;          // the whole request lies in one row
    bool blocked = false;         // an older request to the same bytes must go first
    bool promised = false;        // has been answered already

    bool overlaps(const BurstEntry& other) const {
        return first_burst < other.end_burst && other.first_burst < end_burst;
    }
};

class BurstQueue {
public:
    // What a scheduler asks of every entry, kept together: where its next part lies.
    struct Place {
        std::uint64_t row;
        std::uint16_t slot; // of the entry
        std::uint8_t bank;
        bool blocked;
    };
    struct BankLoad {
        unsigned entries = 0;       // whose next part lies in the bank
        unsigned hits = 0;          // of those, in the open row
        std::uint64_t row = 0;      // of the one that came last
        std::uint64_t open = kNone; // row
    };
    static constexpr unsigned kMostBanks = 64;
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};

    explicit BurstQueue(unsigned depth) : slots_(depth) {
        places_.reserve(depth);
        for (unsigned slot = depth; slot > 0; --slot) {
            idle_.push_back(static_cast<std::uint16_t>(slot - 1));
        }
    }

    bool full() const { return idle_.empty(); }
    bool empty() const { return places_.empty(); }
    std::size_t size() const { return places_.size(); }
    std::size_t depth() const { return slots_.size(); }
    std::size_t eligible() const { return places_.size() - blocked_; }
    std::uint64_t bursts() const { return bursts_; } // of all entries, not yet served
    const BankLoad& bank(unsigned bank) const { return banks_[bank]; }
    std::uint64_t banks_in_use() const { return in_use_; } // a bit each

    // Position 0 is the oldest.
    BurstEntry& operator[](std::size_t position) { return slots_[places_[position].slot]; }
    const BurstEntry& operator[](std::size_t position) const { return slots_[places_[position].slot]; }
    const Place& place(std::size_t position) const { return places_[position]; }

    void push(const BurstEntry& entry) {
        const std::uint16_t slot = idle_.back();
        idle_.pop_back();
        slots_[slot] = entry;
        places_.push_back({entry.row, slot, static_cast<std::uint8_t>(entry.bank), entry.blocked});
        blocked_ += entry.blocked ? 1U : 0U;
        long_ += entry.one_row ? 0U : 1U;
        bursts_ += entry.end_burst - entry.first_burst;
        enter(entry);
    }
    void unblock(std::size_t position) {
        (*this)[position].blocked = false;
        places_[position].blocked = false;
        --blocked_;
    }
    // A part has been served; `locate(entry)` finds the place of the next.
    template <typename Locate>
    void next_part(std::size_t position, Locate&& locate) {
        BurstEntry& entry = (*this)[position];
        leave(entry);
        locate(entry);
        places_[position].row = entry.row;
        places_[position].bank = static_cast<std::uint8_t>(entry.bank);
        enter(entry);
    }
    void erase(std::size_t position) { // its last part has been served
        leave((*this)[position]);
        long_ -= (*this)[position].one_row ? 0U : 1U;
        idle_.push_back(places_[position].slot);
        places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(position));
    }
    void row_opened(unsigned bank, std::uint64_t row) {
        BankLoad& load = banks_[bank];
        load.open = row;
        load.hits = 0;
        for (std::size_t i = 0; load.entries != 0 && i < places_.size(); ++i) {
            load.hits += places_[i].bank == bank && places_[i].row == row ? 1U : 0U;
        }
    }
    void row_closed(unsigned bank) {
        banks_[bank].open = kNone;
        banks_[bank].hits = 0;
    }
    bool any_blocked() const { return blocked_ != 0; }
    bool in_order() const { return blocked_ + long_ == 0; } // column commands to the same bytes go oldest first

private:
    void enter(const BurstEntry& entry) {
        BankLoad& load = banks_[entry.bank];
        ++load.entries;
        load.hits += entry.row == load.open ? 1U : 0U;
        load.row = entry.row;
        in_use_ |= std::uint64_t{1} << entry.bank;
    }
    void leave(const BurstEntry& entry) {
        BankLoad& load = banks_[entry.bank];
        --load.entries;
        load.hits -= entry.row == load.open ? 1U : 0U;
        in_use_ &= ~(std::uint64_t{load.entries == 0} << entry.bank);
        bursts_ -= entry.columns;
    }

    std::vector<BurstEntry> slots_;
    std::vector<Place> places_;
    std::vector<std::uint16_t> idle_;
    std::array<BankLoad, kMostBanks> banks_{};
    std::uint64_t in_use_ = 0;
    std::size_t blocked_ = 0;
    std::size_t long_ = 0; // entries of several rows
    std::uint64_t bursts_ = 0;
};

} // namespace systolica
