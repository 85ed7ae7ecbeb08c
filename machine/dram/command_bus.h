// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The command (CA) bus of a channel: which edges are taken. A command with time t and n edges takes (t - n, t]. The
// column commands of a burst are known in advance as a train; row commands (ACT, PRE, REF) slip between them.
#pragma once

#include "machine/dram/timings.h"

namespace systolica {

class CommandBus {
public:
    explicit CommandBus(const DramTimings& timings) : column_edges_(timings.column_edges) {}

    // First time not before `at` at which a row command of that many edges fits.
    Ck row_slot(Ck at, Ck edges) const {
        at = std::max({at, after_row(edges), previous_.first});
        return past(latest_, past(previous_, at, edges), edges);
    }
    // First time not before `at` at which a train may start: row commands and trains already placed lie before it.
    Ck column_slot(Ck at, Ck edges) const {
        return std::max({at, after_row(edges), latest_.any ? latest_.last + edges : 0});
    }

    void take_row(Ck at) {
        row_last_ = at;
        any_row_ = true;
    }
    // Its first command takes `lead` edges: one more than the others when a CAS goes before it.
    void take_train(Ck first, Ck last, Ck gap, Ck lead) {
        previous_ = latest_;
        latest_ = {first, last, gap, lead, true};
    }

private:
    struct Train {
        Ck first = 0, last = 0, gap = 1, lead = 0;
        bool any = false;
    };

    Ck after_row(Ck edges) const { return any_row_ ? row_last_ + edges : 0; }

    Ck past(const Train& train, Ck at, Ck edges) const {
        if (!train.any || at >= train.last + edges || at + train.lead <= train.first) {
            return at;
        }
        // The first column command that ends after the row command begins.
        const Ck passed = at < train.first + edges ? 0 : (at - edges - train.first) / train.gap + 1;
        const Ck column = train.first + passed * train.gap;
        if (passed != 0 && at + column_edges_ <= column) {
            return at;
        }
        return train.gap >= edges + column_edges_ ? column + edges : train.last + edges;
    }

    Ck column_edges_;
    Ck row_last_ = 0; // last edge of the last row command
    bool any_row_ = false;
    Train previous_, latest_;
};

} // namespace systolica
