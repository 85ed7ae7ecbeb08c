// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Strict order of acceptance over reads and writes together. The banks of the next entries are opened ahead as long as
// no older entry needs them, so order costs turnarounds and row misses but not bank parallelism.
#pragma once

#include "machine/dram/scheduler.h"

namespace systolica {

class FifoScheduler : public Scheduler {
public:
    static constexpr std::size_t kPrepareAhead = 8; // entries

    CommandChoice choose(const ChannelState& state, Ck now) override;
};

} // namespace systolica
