// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/request_queue.h"

#include <stdexcept>

namespace systolica {

RequestQueue::RequestQueue(const DramConfig& config)
    : depth_{config.unified_queue != 0 ? config.unified_queue : config.read_queue,
             config.unified_queue != 0 ? config.unified_queue : config.write_queue},
      unified_(config.unified_queue != 0),
      per_bank_(config.per_bank_queue) {
    const std::size_t entries = 2 * (depth_[0] + depth_[1]); // a read-modify-write takes a second one
    if (config.banks() > kMostBanks || depth_[0] == 0 || depth_[1] == 0 || entries >= kNone) {
        throw std::invalid_argument("DRAM: at most 64 banks, and queues of 1 to 16383 entries");
    }
    nodes_.resize(entries);
    for (std::size_t slot = entries; slot > 0; --slot) {
        idle_.push_back(static_cast<Slot>(slot - 1));
    }
}

void RequestQueue::append(List& list, std::size_t link, Slot slot) {
    nodes_[slot].links[link] = {kNone, list.tail};
    (list.tail == kNone ? list.head : nodes_[list.tail].links[link].next) = slot;
    list.tail = slot;
}

void RequestQueue::insert_by_age(List& list, std::size_t link, Slot slot) {
    Slot older = list.tail;
    while (older != kNone && nodes_[older].entry.sequence > nodes_[slot].entry.sequence) {
        older = nodes_[older].links[link].previous;
    }
    const Slot younger = older == kNone ? list.head : nodes_[older].links[link].next;
    nodes_[slot].links[link] = {younger, older};
    (older == kNone ? list.head : nodes_[older].links[link].next) = slot;
    (younger == kNone ? list.tail : nodes_[younger].links[link].previous) = slot;
}

void RequestQueue::remove(List& list, std::size_t link, Slot slot) {
    const Link at = nodes_[slot].links[link];
    (at.previous == kNone ? list.head : nodes_[at.previous].links[link].next) = at.next;
    (at.next == kNone ? list.tail : nodes_[at.next].links[link].previous) = at.previous;
}

void RequestQueue::find_oldest(BankKind& kind, std::uint64_t open) {
    kind.oldest = kNone;
    kind.hit = kNone;
    for (Slot slot = kind.list.head; slot != kNone && kind.hit == kNone; slot = nodes_[slot].links[2].next) {
        const BurstEntry& entry = nodes_[slot].entry;
        if (!entry.blocked) {
            kind.oldest = kind.oldest == kNone ? slot : kind.oldest;
            kind.hit = entry.row == open ? slot : kNone;
            if (open == kClosed) {
                return;
            }
        }
    }
}

unsigned RequestQueue::hits(unsigned bank) const {
    unsigned found = 0;
    for (const BankKind& kind : banks_[bank].kinds) {
        for (Slot slot = kind.list.head; slot != kNone; slot = nodes_[slot].links[2].next) {
            found += nodes_[slot].entry.row == banks_[bank].open ? 1U : 0U;
        }
    }
    return found;
}

void RequestQueue::enter_bank(Slot slot) {
    const BurstEntry& entry = nodes_[slot].entry;
    Bank& bank = banks_[entry.bank];
    BankKind& kind = bank.kinds[entry.write];
    insert_by_age(kind.list, 2, slot);
    ++kind.entries;
    in_use_[entry.write] |= std::uint64_t{1} << entry.bank;
    if (kind.list.tail != slot) {
        find_oldest(kind, bank.open);
    } else if (!entry.blocked) {
        kind.oldest = kind.oldest == kNone ? slot : kind.oldest;
        kind.hit = kind.hit == kNone && entry.row == bank.open ? slot : kind.hit;
    }
}

void RequestQueue::leave_bank(Slot slot) {
    const BurstEntry& entry = nodes_[slot].entry;
    Bank& bank = banks_[entry.bank];
    BankKind& kind = bank.kinds[entry.write];
    remove(kind.list, 2, slot);
    --kind.entries;
    in_use_[entry.write] &= ~(std::uint64_t{kind.entries == 0} << entry.bank);
    if (kind.oldest == slot || kind.hit == slot) {
        find_oldest(kind, bank.open);
    }
}

RequestQueue::Slot RequestQueue::push(const BurstEntry& entry) {
    const Slot slot = idle_.back();
    idle_.pop_back();
    nodes_[slot].entry = entry;
    append(lists_[kAll], 0, slot);
    append(lists_[kKind + entry.write], 1, slot);
    ++counts_[entry.write];
    blocked_[entry.write] += entry.blocked ? 1U : 0U;
    long_[entry.write] += entry.one_run ? 0U : 1U;
    bursts_[entry.write] += entry.end_burst - entry.first_burst;
    enter_bank(slot);
    return slot;
}

void RequestQueue::unblock(Slot slot) {
    BurstEntry& entry = nodes_[slot].entry;
    entry.blocked = false;
    --blocked_[entry.write];
    find_oldest(banks_[entry.bank].kinds[entry.write], banks_[entry.bank].open);
}

void RequestQueue::erase(Slot slot) {
    const BurstEntry& entry = nodes_[slot].entry;
    leave_bank(slot);
    remove(lists_[kAll], 0, slot);
    remove(lists_[kKind + entry.write], 1, slot);
    --counts_[entry.write];
    ++left_[entry.write];
    bursts_[entry.write] -= entry.columns;
    long_[entry.write] -= entry.one_run ? 0U : 1U;
    idle_.push_back(slot);
}

void RequestQueue::row_opened(unsigned bank, std::uint64_t row) {
    banks_[bank].open = row;
    for (BankKind& kind : banks_[bank].kinds) {
        find_oldest(kind, row);
    }
}

void RequestQueue::row_closed(unsigned bank) {
    banks_[bank].open = kClosed;
    for (BankKind& kind : banks_[bank].kinds) {
        kind.hit = kNone;
    }
}

} // namespace systolica
