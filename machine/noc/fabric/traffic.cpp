// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/traffic.h"

#include <cmath>

namespace systolica {

namespace {

unsigned bits_of(unsigned nodes) { // of a node number, if nodes is a power of two
    unsigned bits = 0;
    while ((1U << bits) < nodes) {
        ++bits;
    }
    return bits;
}

bool power_of_two(unsigned nodes) {
    return nodes != 0 && (nodes & (nodes - 1)) == 0;
}

} // namespace

std::string TrafficDestinations::problem(TrafficPattern pattern, unsigned nodes) {
    const std::string got = " nodes, got " + std::to_string(nodes);
    if (nodes == 0) {
        return "expected at least 1" + got;
    }
    if (pattern == TrafficPattern::transpose && (!power_of_two(nodes) || bits_of(nodes) % 2 != 0)) {
        return "expected a power of four" + got;
    }
    if (pattern == TrafficPattern::bit_complement && !power_of_two(nodes)) {
        return "expected a power of two" + got;
    }
    return "";
}

// The hot node of hotspot sits left of and above the middle; its weight is the side of a square of so many nodes.
TrafficDestinations::TrafficDestinations(TrafficPattern pattern, unsigned columns, unsigned rows)
    : columns_(columns), rows_(rows) {
    if (pattern == TrafficPattern::hotspot) {
        hot_node_ = (rows - 1) / 2 * columns + (columns - 1) / 2;
        hot_weight_ = static_cast<unsigned>(std::lround(std::sqrt(nodes())));
    } else if (pattern != TrafficPattern::uniform) {
        for (unsigned source = 0; source < nodes(); ++source) {
            fixed_.push_back(fixed(pattern, source));
        }
    }
}

unsigned TrafficDestinations::fixed(TrafficPattern pattern, unsigned source) const {
    const unsigned bits = bits_of(nodes());
    const auto shifted = [&](unsigned by_columns, unsigned by_rows) {
        return (source / columns_ + by_rows) % rows_ * columns_ + (source % columns_ + by_columns) % columns_;
    };
    switch (pattern) {
    case TrafficPattern::transpose: // upper and lower half of the bits
        return (source >> (bits / 2)) | ((source << (bits / 2)) & (nodes() - 1));
    case TrafficPattern::bit_complement:
        return nodes() - 1 - source;
    case TrafficPattern::tornado: // half way round, rounded down
        return shifted((columns_ + 1) / 2 - 1, (rows_ + 1) / 2 - 1);
    default:
        return shifted(1, 1);
    }
}

unsigned TrafficDestinations::pick(unsigned source, std::mt19937_64& random) const {
    if (!fixed_.empty()) {
        return fixed_[source];
    }
    const auto number = static_cast<unsigned>(random_below(random, nodes() - 1 + hot_weight_));
    return number < nodes() ? number : hot_node_;
}

} // namespace systolica
