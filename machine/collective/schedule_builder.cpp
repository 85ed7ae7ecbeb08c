// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/schedule_builder.h"

#include <algorithm>

namespace systolica {

ScheduleBuilder::ScheduleBuilder(const ChipNetwork& network, CollectiveOp op)
    : network_(network), op_(op), chips_(network.chips()) {}

std::uint32_t ScheduleBuilder::send(unsigned from, unsigned to, std::uint64_t bytes, bool reduces,
                                    std::vector<std::uint32_t> after, unsigned side) {
    schedule_.push_back({from, to, bytes, reduces, side, std::move(after)});
    return static_cast<std::uint32_t>(schedule_.size() - 1);
}

// At step s place i passes share i - s on (reduces: towards the place before the one it began at, which ends with the
// sum), so that a share travels all the way round.
void ScheduleBuilder::ring_phase(const Chips& ring, std::uint64_t bytes, bool reduces, unsigned side, Waits& waits) {
    const std::size_t places = ring.size();
    for (std::size_t step = 0; step + 1 < places; ++step) {
        Waits received(waits.size());
        for (std::size_t place = 0; place < places; ++place) {
            const std::size_t begun = reduces ? place : place + 1; // after a reduction a place has the share behind it
            const std::size_t share = (begun + places - step) % places;
            const unsigned from = ring[place], to = ring[(place + 1) % places];
            received[to] = {send(from, to, share_bytes(bytes, places, share), reduces, waits[from], side)};
        }
        for (const unsigned chip : ring) {
            waits[chip] = std::move(received[chip]);
        }
    }
}

void ScheduleBuilder::ring_exchange(const Chips& ring, std::uint64_t bytes, unsigned side) {
    Waits waits(chips_);
    if (reduces_first()) {
        ring_phase(ring, bytes, true, side, waits);
    }
    if (gathers_last()) {
        ring_phase(ring, bytes, false, side, waits);
    }
}

// At step s every chip hands on what has not arrived yet: the shares for the p - 1 - s chips ahead.
void ScheduleBuilder::ring_all_to_all(const Chips& ring, std::uint64_t bytes) {
    Waits waits(chips_);
    for (std::size_t step = 0; step + 1 < ring.size(); ++step) {
        Waits received(chips_);
        for (std::size_t place = 0; place < ring.size(); ++place) {
            std::uint64_t rest = 0;
            for (std::size_t share = 0; share + step + 1 < ring.size(); ++share) {
                rest += share_bytes(bytes, ring.size(), share);
            }
            const unsigned from = ring[place], to = ring[(place + 1) % ring.size()];
            received[to] = {send(from, to, rest, false, waits[from])};
        }
        waits = std::move(received);
    }
}

void ScheduleBuilder::ring_chain(const Chips& chain, std::uint64_t bytes, unsigned side) {
    std::vector<std::uint32_t> after;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        after = {send(chain[i], chain[i + 1], bytes, false, after, side)};
    }
}

void ScheduleBuilder::add_ring(std::uint64_t bytes) {
    Chips ring = network_.ring_order();
    if (op_ == CollectiveOp::broadcast) {
        std::rotate(ring.begin(), std::find(ring.begin(), ring.end(), 0U), ring.end());
        ring_chain(ring, bytes, 0);
    } else if (op_ == CollectiveOp::all_to_all) {
        ring_all_to_all(ring, bytes);
    } else {
        ring_exchange(ring, bytes, 0);
    }
}

void ScheduleBuilder::add_two_rings(std::uint64_t bytes) {
    Chips ring = network_.ring_order();
    if (op_ != CollectiveOp::broadcast) {
        ring_exchange(ring, share_bytes(bytes, 2, 0), 0);
        std::reverse(ring.begin(), ring.end());
        ring_exchange(ring, share_bytes(bytes, 2, 1), 1);
        return;
    }
    // All bytes both ways, to half of the chips each.
    std::rotate(ring.begin(), std::find(ring.begin(), ring.end(), 0U), ring.end());
    const auto middle = ring.begin() + static_cast<std::ptrdiff_t>(ring.size() / 2) + 1;
    ring_chain({ring.begin(), middle}, bytes, 0);
    Chips back(middle, ring.end());
    back.push_back(ring.front());
    std::reverse(back.begin(), back.end());
    ring_chain(back, bytes, 1);
}

// Partners at distance 1, 2, 4, ... exchange 1/2, 1/4, 1/8, ... of the vector, the nearest the most; then back. Of the
// shares with the number's lower bits alike, a chip keeps those that share one more bit with its own number.
void ScheduleBuilder::add_halving_doubling(std::uint64_t bytes) {
    const auto sum = [&](unsigned chip, unsigned distance) {
        std::uint64_t total = 0;
        for (unsigned share = chip % distance; share < chips_; share += distance) {
            total += share_bytes(bytes, chips_, share);
        }
        return total;
    };
    Waits waits(chips_);
    const auto exchange = [&](unsigned distance, bool reduces) {
        Waits received(chips_);
        for (unsigned chip = 0; chip < chips_; ++chip) {
            const unsigned partner = chip ^ distance;
            // Reducing it gives away the partner's half of what it has, gathering it shows its own.
            const std::uint64_t moved = sum(reduces ? partner : chip, 2 * distance);
            received[partner].push_back(send(chip, partner, moved, reduces, waits[chip]));
        }
        for (unsigned chip = 0; chip < chips_; ++chip) {
            waits[chip].insert(waits[chip].end(), received[chip].begin(), received[chip].end());
        }
    };
    for (unsigned distance = 1; reduces_first() && distance < chips_; distance *= 2) {
        exchange(distance, true);
    }
    for (unsigned distance = chips_ / 2; gathers_last() && distance > 0; distance /= 2) {
        exchange(distance, false);
    }
}

void ScheduleBuilder::add_binomial(std::uint64_t bytes) {
    Waits waits(chips_);
    unsigned distance = 1;
    for (; distance < chips_; distance *= 2) {
        for (unsigned chip = distance; reduces_first() && chip < chips_; chip += 2 * distance) {
            const unsigned to = chip - distance;
            waits[to].push_back(send(chip, to, bytes, true, waits[chip]));
        }
    }
    for (distance /= 2; distance > 0; distance /= 2) {
        for (unsigned chip = 0; chip + distance < chips_; chip += 2 * distance) {
            const unsigned to = chip + distance;
            waits[to] = {send(chip, to, bytes, false, waits[chip])};
        }
    }
}

void ScheduleBuilder::add_tree(const PlaceTree& tree, std::uint64_t bytes) {
    std::vector<std::vector<unsigned>> children(chips_);
    unsigned root = 0;
    for (unsigned chip = 0; chip < chips_; ++chip) {
        if (tree[chip] == chip) {
            root = chip;
        } else {
            children[tree[chip]].push_back(chip);
        }
    }
    Chips order(1, root); // parents first
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Chips& more = children[order[i]];
        order.insert(order.end(), more.begin(), more.end());
    }
    Waits sums(chips_);
    for (auto chip = order.rbegin(); *chip != root; ++chip) {
        sums[tree[*chip]].push_back(send(*chip, tree[*chip], bytes, true, sums[*chip]));
    }
    Waits waits(chips_);
    waits[root] = sums[root];
    for (const unsigned chip : order) {
        for (const unsigned child : children[chip]) {
            waits[child] = {send(chip, child, bytes, false, waits[chip])};
        }
    }
}

void ScheduleBuilder::add_double_binary(std::uint64_t bytes) {
    add_tree(first_binary_tree(chips_), share_bytes(bytes, 2, 0));
    add_tree(second_binary_tree(chips_), share_bytes(bytes, 2, 1));
}

void ScheduleBuilder::direct_phase(std::uint64_t bytes, bool reduces, Waits& waits) {
    Waits received(chips_);
    for (unsigned ahead = 1; ahead < chips_; ++ahead) { // no two chips send to the same one at a time
        for (unsigned chip = 0; chip < chips_; ++chip) {
            const unsigned to = (chip + ahead) % chips_;
            const unsigned share = reduces ? to : chip; // gathering, every chip shows its own
            received[to].push_back(send(chip, to, share_bytes(bytes, chips_, share), reduces, waits[chip]));
        }
    }
    waits = std::move(received);
}

void ScheduleBuilder::add_direct(std::uint64_t bytes) {
    Waits waits(chips_);
    if (op_ == CollectiveOp::broadcast) {
        for (unsigned chip = 1; chip < chips_; ++chip) {
            send(0, chip, bytes, false, {});
        }
        return;
    }
    if (op_ == CollectiveOp::all_to_all) {
        for (unsigned ahead = 1; ahead < chips_; ++ahead) {
            for (unsigned chip = 0; chip < chips_; ++chip) {
                const unsigned to = (chip + ahead) % chips_;
                send(chip, to, share_bytes(bytes, chips_, to), false, {});
            }
        }
        return;
    }
    if (reduces_first()) {
        direct_phase(bytes, true, waits);
    }
    if (gathers_last()) {
        direct_phase(bytes, false, waits);
    }
}

void ScheduleBuilder::grid_phase(bool along_rows, std::uint64_t bytes, bool reduces, Waits& waits) {
    const auto columns = static_cast<unsigned>(network_.grid().columns);
    const auto rows = static_cast<unsigned>(network_.grid().rows);
    for (unsigned line = 0; line < (along_rows ? rows : columns); ++line) {
        Chips ring;
        for (unsigned place = 0; place < (along_rows ? columns : rows); ++place) {
            ring.push_back(along_rows ? line * columns + place : place * columns + line);
        }
        // A column works on what its chips hold of their rows: the share behind theirs (ring_phase).
        const std::uint64_t held = along_rows ? bytes : share_bytes(bytes, columns, (line + 1) % columns);
        ring_phase(ring, held, reduces, 0, waits);
    }
}

void ScheduleBuilder::add_hierarchical(std::uint64_t bytes) {
    Waits waits(chips_);
    if (reduces_first()) {
        grid_phase(true, bytes, true, waits);
        grid_phase(false, bytes, true, waits);
    }
    if (gathers_last()) {
        grid_phase(false, bytes, false, waits);
        grid_phase(true, bytes, false, waits);
    }
}

} // namespace systolica
