// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// When a request will be served, said when it is asked (loosely timed use): the request waits in its queue like any
// other and the scheduler serves it in its own time; the promise is a guess at that time. It is the latest of
// - the request alone: its row is open, closed or to be exchanged (what waits before it counts as done),
// - the column commands that wait before it, without a gap (reads do not wait for writes),
// - the first gap on the data pins between what has been promised: the promised data never exceed the peak rate.
// A promise that was too early leaves its request in the queue, so the next ones are later: errors do not add up.
#pragma once

#include "machine/dram/scheduler.h"
#include "machine/gap_book.h"

namespace systolica {

class Promises {
public:
    // The end of the last data beat of a request that arrives at `at` and is not in its queue yet. Its first part has
    // been located; `now` is how far the scheduler has come.
    Ck make(const ChannelState& state, const BurstEntry& entry, Ck at, Ck now);

    void forget(Ck time) { columns_.forget(time); } // no later request arrives before

private:
    GapBook columns_; // promised column commands
};

} // namespace systolica
