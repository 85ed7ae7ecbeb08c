// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The accounting of a tile: every cycle goes into one state, the first that matches of
//   matrix      the array works
//   vector      the vector unit works
//   dependency  the next command of some queue waits for an event (the load queue's only if no load is under way that
//               the array or the vector unit waits for)
//   scratchpad  the array or the vector unit is held up by bank ports
//   load        the next matrix or vector command lacks what the load queue brings
//   store       it lacks room that the store queue frees
// and what no rule above explains goes to the DMA queue that is busy (loads first; stores first once matrix and vector
// work are over), or to dependency. Time is added lazily, when something changes or the ledger samples.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/waves.h"
#include "machine/commands/command_source.h"
#include "models/chip/ledger.h"
#include "models/sequencer/queue_monitor.h"
#include "models/tile/unit_monitor.h"

namespace systolica {

class Accounting final : public UnitMonitor, public QueueMonitor, public StateSampler {
public:
    Accounting(const Clock& clock, const CommandSource& source, Ledger& ledger);

    void unit_state(Queue unit, UnitState state) override;
    void stage_ended(std::uint32_t operation) override;

    void head(Queue queue, HeadState state, SemaphoreMask lacking) override;
    void issued(Queue queue, const Command& command) override;
    void retired(Queue queue, std::uint32_t operation, bool staged) override;
    void finished() override;

    StateCycles sample() override;

    void add_waves(const WaveScope& scope); // `state`: 0 none, then 1.. as listed above

private:
    enum class State : std::uint8_t { none, matrix, vector, dependency, scratchpad, load, store };

    struct QueueView {
        HeadState head = HeadState::lacking;
        SemaphoreMask lacking = 0;
        std::uint32_t in_flight = 0;
    };

    State state() const;
    State stall() const;
    void advance(); // adds the time since the last change to the state that held
    void changed();
    void work_done(std::uint32_t operation);

    QueueView& of(Queue queue) { return queues_[static_cast<std::size_t>(queue)]; }
    const QueueView& of(Queue queue) const { return queues_[static_cast<std::size_t>(queue)]; }

    const Clock clock_;
    Ledger& ledger_;
    unsigned tile_ = 0;
    std::vector<std::uint64_t> work_to_go_; // matrix commands and vector stages, by operation
    std::array<QueueView, kQueues> queues_;
    UnitState array_ = UnitState::idle;
    UnitState vector_unit_ = UnitState::idle;
    StateCycles spent_;
    std::uint64_t now_ps_ = 0;
    std::uint64_t now_ = 0; // cycle up to which spent_ is complete
    Wave state_wave_;
};

} // namespace systolica
