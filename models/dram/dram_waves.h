// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Waveform signals of a DRAM channel: queue levels, bank states, open rows, data bus, refresh, power-down. Commands are
// decided before their effect shows on the pins, so changes wait here until their time; what idle time made up shows
// when it comes to be known, and only in its sum.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "base/waves.h"
#include "machine/dram/command_listener.h"
#include "machine/dram/config.h"

namespace systolica {

// What a bank does, as its signal shows it (waves/states/dram_bank.txt). Reading and writing last from the first column
// command of a train until its last one has taken its place on the data pins, not until its data have passed.
enum class BankState : std::uint8_t {
    closed,
    activating,
    open,
    reading,
    writing,
    precharging,
    refreshing,
    powered_down // its rank is in power-down or self-refresh
};

class DramWaves : public DramCommandListener {
public:
    DramWaves(const WaveScope& scope, const DramConfig& config, const Clock& clock);

    void queue_levels(std::uint64_t now_ps, std::size_t reads, std::size_t writes) {
        read_queue_.set(now_ps, reads);
        write_queue_.set(now_ps, writes);
    }
    bool any_traced() const;
    std::uint64_t next_change_ps() const; // for the channel, which is the source of these changes
    void show_next();

    void command(const IssuedCommand& issued) override;

private:
    struct Change {
        Ck at;
        std::uint64_t order;
        std::uint32_t signal;
        std::uint32_t value;

        bool operator<(const Change& other) const { // a priority_queue holds the largest on top
            return at != other.at ? at > other.at : order > other.order;
        }
    };

    void columns(const IssuedCommand& issued);
    void data(bool write, Ck first, Ck length);
    void precharge(unsigned bank, Ck at, Ck length);
    void refresh(unsigned bank, Ck at, Ck length);
    void show(std::uint32_t signal);
    void show_state(std::uint32_t bank);
    void change(std::uint32_t signal, std::uint32_t value, Ck at) { changes_.push({at, order_++, signal, value}); }
    void state(unsigned bank, BankState state, Ck at) { change(bank, static_cast<std::uint32_t>(state), at); }

    const DramPart part_;
    const DramTimings timings_;
    const Clock clock_;
    // Signals by number: the states of the banks, whether their rows are open, their rows, power and refresh of the
    // ranks, the data bus.
    const std::uint32_t banks_, ranks_, opens_, rows_, power_, refresh_, data_bus_;
    Wave read_queue_, write_queue_, refresh_wave_;
    std::vector<Wave> signals_;
    std::vector<std::uint32_t> values_;
    std::vector<std::uint32_t> changed_; // signals, while they are shown
    std::vector<Ck> activated_;          // the banks' last ACT
    std::priority_queue<Change> changes_;
    int bursts_ = 0;              // on the data pins
    std::uint32_t direction_ = 0; // of the one that came last
    std::uint64_t shown_ps_ = 0;
    std::uint64_t order_ = 0;
};

} // namespace systolica
