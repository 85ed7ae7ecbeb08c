// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What sampled windows have shown of the traffic of tiles with memory: how fast one stream of a class can go at most,
// what its bytes cost when memory and network together are short, and when the class should be looked at again. A class
// is the loads or the stores of one operation, in runs of about one length: what one operation reached says little of
// the next, whose runs fall on other channels and banks and meet other company. A
// stream is one direction (loads or stores) of a tile; it is backlogged while it has as much to do as it may have in
// flight. Bytes are those on the pins of the memory.
//
// Two things hold traffic up. A stream has its own limit: its link, or the latency of memory, of which a window of
// outstanding bursts hides only so much. And all streams share the memory, whose channels, banks and turn-arounds serve
// some classes better than others. What a stream reached while few were backlogged is its own limit; what all together
// reached while more were backlogged than the memory can serve is the memory's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "machine/fast_forward/shared_rate.h"

namespace systolica {

class TrafficRates {
public:
    static constexpr double kWorthwhileWindows = 4;
    static constexpr std::size_t kCrowds = 8; // numbers of backlogged streams: 0 and 1, 2, 3 to 4, 5 to 8, ..

    struct Class {
        bool stores = false;
        std::uint32_t operation = 0;
        double link_per_cycle = 1; // no stream is faster
    };
    struct Seen { // of a class, in a window, by crowd
        std::array<double, kCrowds> bytes{};
        std::array<double, kCrowds> backlog_bytes{};         // of backlogged streams
        std::array<std::uint64_t, kCrowds> backlog_cycles{}; // summed over these streams
    };
    struct Window {
        std::uint64_t cycles = 0;
        std::array<std::uint64_t, kCrowds> crowd_cycles{};
        std::map<std::size_t, Seen> classes; // those that were there
        double served_bytes = 0;             // by the memory; what the streams have moved is scaled to it
    };

    // `operation_bytes`: what each operation moves in the whole run; peak: of memory and network, bytes a cycle.
    TrafficRates(std::vector<std::uint64_t> operation_bytes, double peak_per_cycle, std::uint64_t window_cycles);

    static std::size_t crowd(std::size_t streams);

    std::size_t add(const Class& what); // 0, 1, ..

    // Whether an operation moves enough for windows to pay; others are never paced.
    bool worthwhile(std::uint32_t operation) const {
        return static_cast<double>(operation_bytes_[operation]) >= kWorthwhileWindows * peak_ * window_cycles_;
    }

    // Returns how far the window was off from what had been known: 0.1 is 10 %.
    double learn(const Window& window);

    // Whether enough is known of a class to go on without memory, and it has not been without for too long.
    bool trusted(std::size_t traffic) const;
    void asked_for(std::size_t traffic) { ++rates_[traffic].asked; } // a window was opened because of it
    void paced(std::size_t traffic, double bytes) { rates_[traffic].paced_bytes += bytes; }

    SharedRate::Share share(std::size_t traffic) const;
    double usual_cost() const { return 1 / capacity(); } // cycles a byte

private:
    struct Mean { // of the last few samples, by weight
        double value = 0;
        double weight = 0;
        void add(double sample, double sample_weight, double memory);
    };
    struct Rate {
        unsigned windows = 0;
        unsigned asked = 0;
        double paced_bytes = 0; // since the last window
        double limit_bytes = 0;
        Mean cap;
        Mean cost;
    };
    struct Sums;

    double capacity() const { return capacity_.weight > 0 ? capacity_.value : peak_; }
    double window_bytes() const { return capacity() * window_cycles_; }
    Sums sums_of(const Window& window) const;
    void learn_cap(std::size_t traffic, const Seen& seen, const Window& window, double scale);
    std::size_t shortage(const Window& window, const Sums& sums) const;
    double learn_costs(const Window& window, const Sums& sums, std::size_t from);
    void learn_store_weight(const Window& window, const Sums& sums, std::size_t from);
    void set_limits(const Window& window, const Sums& sums);

    const double peak_;
    const double window_cycles_;
    std::vector<Class> classes_;
    std::vector<Rate> rates_;
    const std::vector<std::uint64_t> operation_bytes_;
    std::vector<std::array<unsigned, 2>> windows_of_; // by operation: loads, stores
    Mean capacity_;
    Mean store_weight_;
    double best_rate_ = 0;
};

} // namespace systolica
