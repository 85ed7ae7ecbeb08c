// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Synthetic traffic: which node a node sends to. Nodes are numbered row * columns + column; patterns that know no
// grid take them in a single row. Definitions as in BookSim2 (Dally and Towles, Principles and Practices, table 3.1).
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace systolica {

enum class TrafficPattern { uniform, transpose, bit_complement, neighbour, tornado, hotspot };

// A number below `limit`, each as likely. Standard distributions differ between libraries; this does not.
inline std::uint64_t random_below(std::mt19937_64& random, std::uint64_t limit) {
    const std::uint64_t reject = (~std::uint64_t{0} % limit + 1) % limit; // of the 2^64 numbers, those left over
    std::uint64_t number = random();
    while (number < reject) {
        number = random();
    }
    return number % limit;
}

class TrafficDestinations {
public:
    TrafficDestinations(TrafficPattern pattern, unsigned columns, unsigned rows);

    // "expected ..., got ..." where the pattern does not fit the number of nodes, else empty.
    static std::string problem(TrafficPattern pattern, unsigned nodes);

    unsigned nodes() const { return columns_ * rows_; }
    unsigned pick(unsigned source, std::mt19937_64& random) const;

private:
    unsigned fixed(TrafficPattern pattern, unsigned source) const;

    const unsigned columns_;
    const unsigned rows_;
    std::vector<unsigned> fixed_; // destination of each source, empty for random patterns
    unsigned hot_node_ = 0;       // hotspot: hot_weight_ times as likely as another
    unsigned hot_weight_ = 1;
};

} // namespace systolica
