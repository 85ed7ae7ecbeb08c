// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Fast-forward of a chip: network and memory are simulated burst by burst only in windows, from which rates are learned
// (machine/fast_forward/traffic_rates.h). In between, the transfers of the tiles are paced: each takes the time it
// would by these rates, all sharing the memory (machine/fast_forward/shared_rate.h). Commands, events, arrays, vector
// units and scratchpads are simulated as ever, so time, accounting and the dependencies of everything stay what they
// are; docs/fast_forward.md says how far paced runs are off.
// A window opens when a class of traffic comes up that has none yet, or none for long; operations that move little are
// simulated whole. Both changes of mode take the transfers under way with them; what memory moves meanwhile beside the
// paced streams is charged to these.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <systemc>

#include "base/clock.h"
#include "base/statistics.h"
#include "machine/fast_forward/shared_rate.h"
#include "machine/fast_forward/traffic_rates.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/timed_event.h"

namespace systolica {

// One direction of a tile.
class PacedStream {
public:
    virtual ~PacedStream() = default;
    virtual void piece_ended() = 0; // the one that was started
};

class FastForward : public sc_core::sc_module {
public:
    struct Params {
        Clock clock{1'000'000};
        std::size_t streams = 0;
        std::vector<std::uint64_t> operation_bytes; // between tiles and memory, in the whole run
        std::uint32_t burst_bytes = 256;            // longest
        std::uint32_t block_bytes = 32;             // of the memory's pins
        std::uint32_t flit_bytes = 32;
        double peak_per_cycle = 1; // bytes of memory and network
        std::uint64_t window_cycles = 1;
        std::uint64_t settle_cycles = 1;             // from pacing to a window
        std::function<std::uint64_t()> served_bytes; // on the pins, until now
        std::function<void(bool)> paces;             // called when pacing begins (true) and ends (false)
    };

    FastForward(const sc_core::sc_module_name& name, const Params& params);

    std::size_t attach(PacedStream& stream); // in order: 0, 1, ..

    // The class of a transfer of whole runs of `run_bytes`, of one run if `run_bytes` is 0.
    std::uint32_t traffic(std::uint32_t operation, bool stores, std::uint32_t run_bytes);

    bool worthwhile(std::uint32_t operation) const { return rates_.worthwhile(operation); }
    bool pacing() const { return mode_ == Mode::pacing; }
    // Whether a transfer of the class may be paced now. If it must not, a window opens.
    bool may_pace(std::uint32_t traffic);
    void start(std::size_t stream, std::uint32_t traffic, bool stores, std::uint64_t bytes, std::uint64_t pin_bytes,
               std::uint64_t bursts);

    // In windows, and while they open and close: what a stream does over memory.
    // Backlogged: it has at least as much to do as it may have in flight.
    void busy(std::size_t stream, std::uint32_t traffic, bool backlogged);
    void idle(std::size_t stream);
    void moved(std::size_t stream, double pin_bytes);

    // A load that nothing else was under way with got its first bytes after so many cycles.
    void answered_after(std::uint64_t cycles) { latency_cycles_ = std::min(latency_cycles_, cycles); }
    std::uint64_t latency_cycles() const { return latency_cycles_ == kUnknown ? 0 : latency_cycles_; }

    std::uint64_t paced_cycles() const; // of the chip, so far
    std::uint64_t paced_read_bytes() const { return paced_bytes_[0]; }
    std::uint64_t paced_written_bytes() const { return paced_bytes_[1]; }
    std::uint64_t paced_pin_bytes() const { return paced_pin_bytes_; }
    std::uint64_t paced_bursts() const { return paced_bursts_; }
    std::uint64_t windows() const { return windows_; }

    void report(Statistics& statistics) const;

private:
    enum class Mode : std::uint8_t { settling, measuring, pacing };
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

    struct Stream {
        PacedStream* stream = nullptr;
        std::uint32_t busy_with = kNone;
        bool backlogged = false;
    };
    // A change of mode, while transfers are under way both ways.
    struct Change {
        bool open = false;
        std::uint64_t cycle = 0;
        std::uint64_t served_bytes = 0;
        double used = 0;
        std::size_t present = 0;
        bool full = false;
    };

    void serve_streams(); // process
    void decide();        // process
    void open_window();
    void measure();
    void close_window();
    void begin_change();
    void end_change();
    void pay_debt();
    void account();
    void set_backlogged(Stream& stream, bool backlogged);
    void wake_server();

    const Params params_;
    const ClockEdges edges_;
    std::vector<Stream> streams_;
    SharedRate server_;
    TrafficRates rates_;
    TrafficRates::Window window_;
    std::map<std::array<std::uint32_t, 3>, std::uint32_t> classes_; // by operation, direction, length
    Mode mode_ = Mode::settling;
    std::uint64_t since_ = 0; // the mode; measuring: the window
    std::uint64_t accounted_ = 0;
    std::uint64_t served_before_ = 0;
    std::size_t busy_streams_ = 0;
    std::size_t backlogged_streams_ = 0;
    Change change_;
    double debt_cycles_ = 0; // of the server: what was served twice
    std::uint64_t latency_cycles_ = kUnknown;
    std::uint64_t paced_cycles_ = 0;
    std::array<std::uint64_t, 2> paced_bytes_{};
    std::uint64_t paced_pin_bytes_ = 0;
    std::uint64_t paced_bursts_ = 0;
    std::uint64_t windows_ = 0;
    unsigned repeated_ = 0; // windows that did not agree
    TimedEvent serve_event_;
    TimedEvent decide_event_;
};

} // namespace systolica
