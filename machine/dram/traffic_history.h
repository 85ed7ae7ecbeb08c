// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a memory did over time and how long its requests took: latencies as a histogram, traffic in windows of equal
// length, commands of each bank. Windows in which nothing happened take no memory.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "machine/dram/command_listener.h"

namespace systolica {

// Counts by size: one bin a clock below 2 * kSteps, then kSteps equal bins between powers of two, so that a value is
// known within 1/kSteps of itself.
class LatencyHistogram {
public:
    static constexpr unsigned kStepBits = 7;
    static constexpr Ck kSteps = Ck{1} << kStepBits;

    struct Bin {
        Ck from = 0, to = 0; // the last value in it
        std::uint64_t count = 0;
    };

    void add(Ck value) {
        ++counts_[bin_of(value)];
        ++count_;
        sum_ += value;
        most_ = value > most_ ? value : most_;
    }

    std::uint64_t count() const { return count_; }
    Ck most() const { return most_; }
    double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
    Ck percentile(double share) const; // no fewer than this share of the values are at most so large; 0 of none
    std::vector<Bin> bins() const;     // those that hold something

private:
    static std::size_t bin_of(Ck value) {
        if (value < 2 * kSteps) {
            return static_cast<std::size_t>(value);
        }
        const unsigned shift = 63U - static_cast<unsigned>(__builtin_clzll(value)) - kStepBits;
        return (std::size_t{shift} << kStepBits) + static_cast<std::size_t>(value >> shift);
    }
    static Bin range_of(std::size_t bin);

    std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kSteps * (64 - kStepBits + 1));
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    Ck most_ = 0;
};

// What became of the requests of a trace. Times in clocks of the memory.
struct DramTrafficTotals {
    std::uint64_t requests = 0; // completed
    std::uint64_t read_bytes = 0, write_bytes = 0;
    std::uint64_t errors = 0;                     // requests that were not answered with TLM_OK_RESPONSE
    std::uint64_t transactions = 0;               // requests, or the parts of those that were split
    Ck end = 0;                                   // of the last data beat
    Ck read_from_due = 0;                         // sum over the reads: when they were due to their last data beat
    Ck blocked = 0;                               // sum: offered and not accepted yet
    LatencyHistogram read_latency, write_latency; // acceptance to the last data beat
};

class DramTrafficHistory {
public:
    struct Window {
        std::uint64_t reads = 0, writes = 0;           // requests whose last data beat fell in here,
        std::uint64_t read_bytes = 0, write_bytes = 0; // and their payload
        Ck read_latency = 0, most_read_latency = 0;    // the sum, the largest
        Ck data_clocks = 0;                            // data pins in use, of all channels
        std::uint64_t columns = 0, row_hits = 0;       // RD and WR; those that needed no ACT of their own
        std::uint64_t activates = 0, refreshes = 0;
    };
    struct Bank {
        std::uint64_t reads = 0, writes = 0; // column commands
        std::uint64_t row_hits = 0, activates = 0;
        std::uint64_t precharges = 0, refreshes = 0; // of this bank alone
        bool fresh = false;                          // no column command since its ACT
    };

    DramTrafficHistory(const DramConfig& config, Ck window);
    DramTrafficHistory(const DramTrafficHistory&) = delete;
    DramTrafficHistory& operator=(const DramTrafficHistory&) = delete;

    DramCommandListener& listener(unsigned channel) { return channels_[channel]; }
    void completed(bool write, std::uint64_t bytes, Ck latency, Ck data_end);

    Ck window_clocks() const { return window_; }
    const std::map<Ck, Window>& windows() const { return windows_; } // by number: clock / window_clocks()
    const std::vector<Bank>& banks(unsigned channel) const { return channels_[channel].banks; }

private:
    struct Channel : DramCommandListener {
        void command(const IssuedCommand& issued) override;

        DramTrafficHistory* history = nullptr;
        std::vector<Bank> banks;
    };

    Window& at(Ck clock);
    void columns(Bank& bank, const IssuedCommand& issued);
    void data(Ck begin, Ck end);

    const Ck read_latency_, write_latency_, burst_; // RD or WR to its first data; the length of those
    const Ck window_;
    std::map<Ck, Window> windows_;
    Ck last_begin_ = 1, last_end_ = 0; // the window used last; none at first
    Window* last_ = nullptr;
    std::vector<Channel> channels_;
};

} // namespace systolica
