// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The requests that wait in a channel. One entry is one request: consecutive bursts, taken run by run; a run lies in
// one row at consecutive columns. Entries hang in three lists by order of acceptance: all, those of their kind, and
// those of their kind whose next run lies in one bank. A scheduler asks each bank for its oldest entry and its oldest
// row hit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/dram/config.h"
#include "machine/dram/timings.h"

namespace systolica {

struct BurstEntry {
    void* owner = nullptr; // the caller's own; not looked at
    bool write = false;
    bool promised = false; // has been answered already
    bool internal = false; // the controller's own read of a read-modify-write
    bool one_run = true;   // the whole request lies in one run
    bool masked = false;   // the run is written in part: masked write commands
    bool all_masked = false, ragged_head = false, ragged_tail = false; // which bursts are written in part
    bool fresh_run = true;                                             // nothing of the run has been served
    bool blocked = false; // an older request to the same bytes must go first
    std::uint32_t bytes = 0;
    std::uint64_t local_address = 0;
    std::uint64_t first_burst = 0; // of the request, counted from the start of the channel
    std::uint64_t end_burst = 0;   // one past its last
    std::uint64_t sequence = 0;    // order of acceptance
    Ck accepted_at = 0;
    Ck visible_at = 0;     // front end passed
    std::uint64_t row = 0; // the run to serve next
    unsigned bank = 0;
    unsigned column = 0;
    unsigned columns = 0;
    std::uint64_t next_burst = 0; // where the run after that begins

    bool overlaps(const BurstEntry& other) const {
        return first_burst < other.end_burst && other.first_burst < end_burst;
    }
};

class RequestQueue {
public:
    using Slot = std::uint16_t; // of an entry; stays the same while it waits
    static constexpr Slot kNone = 0xffff;
    static constexpr unsigned kMostBanks = 64;
    static constexpr std::uint64_t kClosed = ~std::uint64_t{0};

    explicit RequestQueue(const DramConfig& config);

    bool has_room(bool write, unsigned bank) const {
        const std::size_t used = unified_ ? size() : counts_[write];
        return used < depth_[write] && (per_bank_ == 0 || entries(bank) < per_bank_);
    }
    bool limits_banks() const { return per_bank_ != 0; }
    bool empty() const { return counts_[0] + counts_[1] == 0; }
    std::size_t size() const { return counts_[0] + counts_[1]; }
    std::size_t size(bool write) const { return counts_[write]; }
    std::size_t eligible(bool write) const { return counts_[write] - blocked_[write]; }
    std::uint64_t bursts(bool write) const { return bursts_[write]; }       // of all entries, not yet served
    std::uint64_t left(bool write) const { return left_[write]; }           // entries served and erased so far
    std::uint64_t banks_in_use(bool write) const { return in_use_[write]; } // a bit each
    bool any_blocked() const { return blocked_[0] + blocked_[1] != 0; }
    // Column commands of one kind to the same bytes go oldest first by themselves.
    bool in_order(bool write) const { return blocked_[write] + long_[write] == 0; }

    BurstEntry& operator[](Slot slot) { return nodes_[slot].entry; }
    const BurstEntry& operator[](Slot slot) const { return nodes_[slot].entry; }

    Slot oldest() const { return lists_[kAll].head; }
    Slot after(Slot slot) const { return nodes_[slot].links[kAll].next; }
    Slot oldest(bool write) const { return lists_[kKind + write].head; }
    // Of a bank; blocked ones do not count. kNone: none.
    Slot oldest(unsigned bank, bool write) const { return banks_[bank].kinds[write].oldest; }
    Slot oldest_hit(unsigned bank, bool write) const { return banks_[bank].kinds[write].hit; }
    unsigned entries(unsigned bank) const { return banks_[bank].kinds[0].entries + banks_[bank].kinds[1].entries; }
    unsigned entries(unsigned bank, bool write) const { return banks_[bank].kinds[write].entries; }
    unsigned hits(unsigned bank) const;                         // entries for its open row
    std::uint64_t newest_row(unsigned bank, bool write) const { // of the entry that came last
        return nodes_[banks_[bank].kinds[write].list.tail].entry.row;
    }

    Slot newest(bool write) const { return lists_[kKind + write].tail; }
    Slot push(const BurstEntry& entry);
    void extend(Slot slot, unsigned columns) { // at the end of its run, which is its last
        BurstEntry& entry = nodes_[slot].entry;
        entry.columns += columns;
        entry.end_burst += columns;
        entry.next_burst += columns;
        bursts_[entry.write] += columns;
    }
    void unblock(Slot slot);
    void erase(Slot slot);
    // The run, or as many of its first columns, has been served; `locate(entry)` finds the next run.
    template <typename Locate>
    void served(Slot slot, unsigned columns, Locate&& locate) {
        BurstEntry& entry = nodes_[slot].entry;
        bursts_[entry.write] -= columns;
        if (columns < entry.columns) {
            entry.columns -= columns;
            entry.column += columns;
            return;
        }
        leave_bank(slot);
        locate(entry);
        enter_bank(slot);
    }
    void row_opened(unsigned bank, std::uint64_t row);
    void row_closed(unsigned bank);

private:
    // Lists by number: all, then each kind; the entries' third link is that of their bank and kind.
    static constexpr std::size_t kAll = 0, kKind = 1;
    struct Link {
        Slot next = kNone, previous = kNone;
    };
    struct List {
        Slot head = kNone, tail = kNone;
    };
    struct Node {
        BurstEntry entry;
        std::array<Link, 3> links; // all, kind, bank
    };
    struct BankKind {
        List list;
        Slot oldest = kNone, hit = kNone;
        unsigned entries = 0;
    };
    struct Bank {
        std::array<BankKind, 2> kinds;
        std::uint64_t open = kClosed; // row
    };

    void append(List& list, std::size_t link, Slot slot);
    void insert_by_age(List& list, std::size_t link, Slot slot);
    void remove(List& list, std::size_t link, Slot slot);
    void enter_bank(Slot slot);
    void leave_bank(Slot slot);
    void find_oldest(BankKind& kind, std::uint64_t open);

    std::vector<Node> nodes_;
    std::vector<Slot> idle_;
    std::array<List, 3> lists_; // all, reads, writes
    std::array<Bank, kMostBanks> banks_{};
    std::array<std::size_t, 2> depth_{}, counts_{}, blocked_{}, long_{};
    std::array<std::uint64_t, 2> bursts_{}, left_{}, in_use_{};
    bool unified_;
    unsigned per_bank_;
};

} // namespace systolica
