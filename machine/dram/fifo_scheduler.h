// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Serves requests in the order in which they came. Rows of the requests behind the oldest are prepared meanwhile, in
// banks that no older request wants.
#pragma once

#include "machine/dram/scheduler.h"

namespace systolica {

class FifoScheduler : public Scheduler {
public:
    static constexpr std::size_t kPrepareAhead = 8; // entries

    CommandChoice choose(const ChannelState& state, Ck now) override;
};

} // namespace systolica
