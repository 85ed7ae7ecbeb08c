// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sees every command of a channel: waveforms, command traces and checkers. Commands are announced when they are
// decided, which for a train and a refresh is up to its length ahead of its last command; idle refreshes are announced
// late.
#pragma once

#include "machine/dram/timings.h"

namespace systolica {

class DramCommandListener {
public:
    virtual ~DramCommandListener() = default;

    virtual void activate(unsigned bank, std::uint64_t row, Ck at) = 0;
    virtual void precharge(unsigned bank, Ck at) = 0;
    virtual void precharge_all(Ck at) = 0;
    virtual void refresh(Ck at) = 0;
    // `count` RD or WR, the first at `first`, each column_gap after the one before.
    virtual void columns(unsigned bank, bool write, unsigned count, Ck first) = 0;
};

} // namespace systolica
