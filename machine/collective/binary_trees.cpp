// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <algorithm>
#include <set>
#include <utility>

#include "machine/collective/schedule_builder.h"

namespace systolica {

namespace {

using Edge = std::pair<unsigned, unsigned>;

std::set<Edge> edges(const PlaceTree& tree) {
    std::set<Edge> out;
    for (unsigned place = 0; place < tree.size(); ++place) {
        if (tree[place] != place) {
            out.insert(std::minmax(place, tree[place]));
        }
    }
    return out;
}

// Place x of the tree becomes place a x + 1; a and the number of places have no common divisor.
PlaceTree relabelled(const PlaceTree& tree, unsigned a) {
    const auto places = static_cast<unsigned>(tree.size());
    PlaceTree out(places);
    for (unsigned place = 0; place < places; ++place) {
        out[(a * place + 1) % places] = (a * tree[place] + 1) % places;
    }
    return out;
}

bool coprime(unsigned a, unsigned b) {
    while (b != 0) {
        a = std::exchange(b, a % b);
    }
    return a == 1;
}

} // namespace

// As NCCL's: place 0 is the root, the parent of any other is the next place with one more low bit cleared, of two the
// one whose number is a sum with the bit above.
PlaceTree first_binary_tree(unsigned places) {
    if (places == 4) {
        return {1, 1, 1, 2}; // a path: four chips have six pairs, and two trees need all of them
    }
    PlaceTree tree(places, 0);
    for (unsigned place = 1; place < places; ++place) {
        const unsigned bit = place & (~place + 1);
        const unsigned up = (place ^ bit) | (bit << 1U);
        tree[place] = up < places ? up : place ^ bit;
    }
    return tree;
}

// The first one with other numbers, leaves in the place of inner nodes: of some maps the one that shares fewest edges.
PlaceTree second_binary_tree(unsigned places) {
    if (places == 4) {
        return {0, 3, 0, 0};
    }
    const PlaceTree first = first_binary_tree(places);
    const std::set<Edge> taken = edges(first);
    PlaceTree best;
    std::size_t fewest = places;
    for (const unsigned a : {3U, 5U, 7U, 1U}) {
        if (!coprime(places, a)) {
            continue;
        }
        PlaceTree tree = relabelled(first, a);
        std::size_t shared = 0;
        for (const Edge& edge : edges(tree)) {
            shared += taken.count(edge);
        }
        if (shared < fewest) {
            fewest = shared;
            best = std::move(tree);
        }
    }
    return best;
}

} // namespace systolica
