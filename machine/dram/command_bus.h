// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The command (CA) bus of a channel: which edges are taken. A command with time t and n edges takes (t - n, t]. The
// column commands of a burst are known in advance as a train; row commands (ACT, PRE, REF) slip between them.
#pragma once

#include "machine/dram/timings.h"

namespace systolica {

class CommandBus {
public:
    explicit CommandBus(Ck column_gap) : gap_(column_gap) {}

    // First time not before `at` at which a row command of that many edges fits.
    Ck row_slot(Ck at, Ck edges) const {
        at = std::max({at, row_last_ == 0 ? 0 : row_last_ + edges, previous_.first});
        return past(latest_, past(previous_, at, edges), edges);
    }
    // First time not before `at` at which a train may start (row commands already placed lie before it).
    Ck column_slot(Ck at) const { return std::max(at, row_last_ == 0 ? 0 : row_last_ + DramTimings::kColumnEdges); }

    void take_row(Ck at) { row_last_ = at; }
    void take_train(Ck first, Ck last) {
        previous_ = latest_;
        latest_ = {first, last};
    }

private:
    struct Train {
        Ck first = 0, last = 0; // no train: first == last == 0
    };

    Ck past(const Train& train, Ck at, Ck edges) const {
        if (train.last == 0 || at >= train.last + edges || at + DramTimings::kColumnEdges <= train.first) {
            return at;
        }
        Ck column = train.first; // the first column command that ends after the row command begins
        if (at >= train.first + edges) {
            column += ((at - edges - train.first) / gap_ + 1) * gap_;
        }
        if (at + DramTimings::kColumnEdges <= column) {
            return at;
        }
        return gap_ >= edges + DramTimings::kColumnEdges ? column + edges : train.last + edges;
    }

    Ck gap_;
    Ck row_last_ = 0; // last edge of the last row command; 0: none yet
    Train previous_, latest_;
};

} // namespace systolica
