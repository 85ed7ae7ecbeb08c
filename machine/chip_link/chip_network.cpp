// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/chip_link/chip_network.h"

#include <algorithm>
#include <deque>

namespace systolica {

namespace {

// The neighbour of `at` on a ring of `size` on the shorter way to `to`; of equals the ascending one.
unsigned around(unsigned at, unsigned to, unsigned size) {
    const unsigned ahead = (to + size - at) % size;
    return ahead <= size - ahead ? (at + 1) % size : (at + size - 1) % size;
}

unsigned along(unsigned at, unsigned to, unsigned size, bool wrap) {
    if (wrap) {
        return around(at, to, size);
    }
    return to > at ? at + 1 : at - 1;
}

} // namespace

ChipGrid chip_grid(const SystemConfig& system) {
    ChipGrid grid{system.columns, system.rows};
    if (grid.columns == 0 && grid.rows == 0) {
        for (std::uint64_t rows = 1; rows * rows <= system.chips; ++rows) {
            grid.rows = system.chips % rows == 0 ? rows : grid.rows;
        }
    }
    if (grid.columns == 0) {
        grid.columns = system.chips / grid.rows;
    }
    if (grid.rows == 0) {
        grid.rows = system.chips / grid.columns;
    }
    return grid;
}

ChipNetwork::ChipNetwork(const SystemConfig& system)
    : chips_(static_cast<unsigned>(system.chips)), topology_(system.topology), grid_(chip_grid(system)) {
    add_links(system);
    for (unsigned i = 0; i < links_.size(); ++i) {
        between_[{links_[i].from, links_[i].to}].push_back(i);
    }
    if (topology_ == ChipTopology::custom) {
        find_paths();
    }
}

void ChipNetwork::add_links(const SystemConfig& system) {
    if (chips_ < 2) {
        return;
    }
    switch (topology_) {
    case ChipTopology::ring:
        for (unsigned chip = 0; chip < chips_; ++chip) {
            add_pair(chip, (chip + 1) % chips_);
        }
        break;
    case ChipTopology::mesh:
    case ChipTopology::torus:
        add_grid_links(topology_ == ChipTopology::torus);
        break;
    case ChipTopology::full:
        for (unsigned a = 0; a < chips_; ++a) {
            for (unsigned b = a + 1; b < chips_; ++b) {
                add_pair(a, b);
            }
        }
        break;
    case ChipTopology::fabric:
        for (unsigned chip = 0; chip < chips_; ++chip) {
            links_.push_back({chip, chips_});
        }
        for (unsigned chip = 0; chip < chips_; ++chip) {
            links_.push_back({chips_, chip});
        }
        break;
    case ChipTopology::custom:
        for (const auto& pair : system.links) {
            add_pair(static_cast<unsigned>(pair[0]), static_cast<unsigned>(pair[1]));
        }
        break;
    }
}

void ChipNetwork::add_pair(unsigned a, unsigned b) {
    links_.push_back({a, b});
    links_.push_back({b, a});
}

void ChipNetwork::add_grid_links(bool wrap) {
    const auto columns = static_cast<unsigned>(grid_.columns), rows = static_cast<unsigned>(grid_.rows);
    for (unsigned row = 0; row < rows; ++row) {
        for (unsigned column = 0; column < columns; ++column) {
            const unsigned chip = row * columns + column;
            if (column + 1 < columns || (wrap && columns > 1)) {
                add_pair(chip, row * columns + (column + 1) % columns);
            }
            if (row + 1 < rows || (wrap && rows > 1)) {
                add_pair(chip, (row + 1) % rows * columns + column);
            }
        }
    }
}

// Breadth first from every destination.
void ChipNetwork::find_paths() {
    std::vector<std::vector<unsigned>> neighbours(chips_);
    for (const auto& [ends, numbers] : between_) {
        neighbours[ends.first].push_back(ends.second); // ascending: between_ is ordered
    }
    next_.assign(chips_, std::vector<unsigned>(chips_, chips_));
    for (unsigned to = 0; to < chips_; ++to) {
        std::vector<unsigned>& next = next_[to];
        std::deque<unsigned> front(1, to);
        next[to] = to;
        while (!front.empty()) {
            const unsigned chip = front.front();
            front.pop_front();
            for (const unsigned neighbour : neighbours[chip]) {
                if (next[neighbour] == chips_) {
                    next[neighbour] = chip;
                    front.push_back(neighbour);
                }
            }
        }
    }
}

unsigned ChipNetwork::next_chip(unsigned at, unsigned to) const {
    const auto columns = static_cast<unsigned>(grid_.columns), rows = static_cast<unsigned>(grid_.rows);
    switch (topology_) {
    case ChipTopology::ring:
        return around(at, to, chips_);
    case ChipTopology::mesh:
    case ChipTopology::torus: {
        const bool wrap = topology_ == ChipTopology::torus;
        if (at % columns != to % columns) {
            return at / columns * columns + along(at % columns, to % columns, columns, wrap);
        }
        return along(at / columns, to / columns, rows, wrap) * columns + at % columns;
    }
    case ChipTopology::custom:
        return next_[to][at];
    case ChipTopology::full:
    case ChipTopology::fabric:
        break;
    }
    return to;
}

unsigned ChipNetwork::link_towards(unsigned at, unsigned to, unsigned side) const {
    if (switched()) {
        return at;
    }
    const std::vector<unsigned>& parallel = between_.at({at, next_chip(at, to)});
    return parallel[side % parallel.size()];
}

// Along the rows forth and back without the first column, and home through it: needs an even number of rows (or of
// columns, the other way round). With neither there is such a ring only on a torus; it is not looked for.
std::vector<unsigned> ChipNetwork::ring_order() const {
    std::vector<unsigned> order;
    const bool grid = topology_ == ChipTopology::mesh || topology_ == ChipTopology::torus;
    const bool by_rows = grid_.rows % 2 == 0;
    if (!grid || grid_.rows < 2 || grid_.columns < 2 || (!by_rows && grid_.columns % 2 != 0)) {
        for (unsigned chip = 0; chip < chips_; ++chip) {
            order.push_back(chip);
        }
        return order;
    }
    const auto columns = static_cast<unsigned>(grid_.columns);
    const unsigned lines = static_cast<unsigned>(by_rows ? grid_.rows : grid_.columns);
    const unsigned length = static_cast<unsigned>(by_rows ? grid_.columns : grid_.rows);
    const auto visit = [&](unsigned line, unsigned place) {
        order.push_back(by_rows ? line * columns + place : place * columns + line);
    };
    for (unsigned line = 0; line < lines; ++line) {
        for (unsigned i = 1; i < length; ++i) {
            visit(line, line % 2 == 0 ? i : length - i);
        }
    }
    for (unsigned line = lines; line > 0; --line) {
        visit(line - 1, 0);
    }
    return order;
}

std::vector<unsigned> ChipNetwork::unreachable() const {
    std::vector<unsigned> chips;
    if (topology_ == ChipTopology::custom) {
        for (unsigned chip = 0; chip < chips_; ++chip) {
            if (next_[0][chip] == chips_) {
                chips.push_back(chip);
            }
        }
    }
    return chips;
}

} // namespace systolica
