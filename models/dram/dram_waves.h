// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Waveform signals of a DRAM channel: queue levels, open rows, data bus, refresh. Commands are decided before their
// effect shows on the pins, so changes wait here until their time; refreshes made up after idle time do not show.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "base/waves.h"
#include "machine/dram/command_listener.h"
#include "machine/dram/config.h"

namespace systolica {

class DramWaves : public DramCommandListener {
public:
    DramWaves(const WaveScope& scope, const DramPart& part, const Clock& clock);

    void queue_levels(std::uint64_t now_ps, std::size_t reads, std::size_t writes) {
        read_queue_.set(now_ps, reads);
        write_queue_.set(now_ps, writes);
    }
    bool any_traced() const;
    std::uint64_t next_change_ps() const; // for the channel, which is the source of these changes
    void show_next();

    void activate(unsigned bank, std::uint64_t row, Ck at) override;
    void precharge(unsigned bank, Ck at) override;
    void precharge_all(Ck at) override;
    void refresh(Ck at) override;
    void columns(unsigned bank, bool write, unsigned count, Ck first) override;

private:
    // Signals by number: row_open of the banks, their rows, then the two below.
    struct Change {
        Ck at;
        std::uint64_t order;
        std::uint32_t signal;
        std::uint32_t value;

        bool operator<(const Change& other) const { // a priority_queue holds the largest on top
            return at != other.at ? at > other.at : order > other.order;
        }
    };

    void change(std::uint32_t signal, std::uint32_t value, Ck at) { changes_.push({at, order_++, signal, value}); }

    const DramTimings timings_;
    const Clock clock_;
    Wave read_queue_, write_queue_;
    std::vector<Wave> signals_;
    std::vector<std::uint32_t> values_;
    std::uint32_t rows_, data_bus_, refresh_;
    std::priority_queue<Change> changes_;
    std::uint64_t shown_ps_ = 0;
    std::uint64_t order_ = 0;
};

} // namespace systolica
