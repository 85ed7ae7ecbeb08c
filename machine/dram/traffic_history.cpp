// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/traffic_history.h"

#include <algorithm>
#include <cmath>

namespace systolica {

LatencyHistogram::Bin LatencyHistogram::range_of(std::size_t bin) {
    if (bin < 2 * kSteps) {
        return {bin, bin, 0};
    }
    const std::size_t shift = (bin >> kStepBits) - 1;
    const Ck from = static_cast<Ck>(bin - (shift << kStepBits)) << shift;
    return {from, from + ((Ck{1} << shift) - 1), 0};
}

Ck LatencyHistogram::percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t bin = 0; bin < counts_.size() && seen < count_; ++bin) {
        seen += counts_[bin];
        if (seen >= std::max<std::uint64_t>(wanted, 1)) {
            return std::min(range_of(bin).to, most_);
        }
    }
    return 0;
}

std::vector<LatencyHistogram::Bin> LatencyHistogram::bins() const {
    std::vector<Bin> found;
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
        if (counts_[bin] != 0) {
            found.push_back(range_of(bin));
            found.back().count = counts_[bin];
        }
    }
    return found;
}

DramTrafficHistory::DramTrafficHistory(const DramConfig& config, Ck window)
    : read_latency_(config.part.rl),
      write_latency_(config.part.wl),
      burst_(config.part.burst_length / config.part.beats_per_clock),
      window_(window),
      channels_(config.channels) {
    for (Channel& channel : channels_) {
        channel.history = this;
        channel.banks.resize(config.banks());
    }
}

void DramTrafficHistory::completed(bool write, std::uint64_t bytes, Ck latency, Ck data_end) {
    Window& window = at(data_end == 0 ? 0 : data_end - 1); // the last clock with data
    if (write) {
        ++window.writes;
        window.write_bytes += bytes;
        return;
    }
    ++window.reads;
    window.read_bytes += bytes;
    window.read_latency += latency;
    window.most_read_latency = std::max(window.most_read_latency, latency);
}

DramTrafficHistory::Window& DramTrafficHistory::at(Ck clock) {
    if (clock < last_begin_ || clock >= last_end_) {
        const Ck number = clock / window_;
        last_ = &windows_[number];
        last_begin_ = number * window_;
        last_end_ = last_begin_ + window_;
    }
    return *last_;
}

void DramTrafficHistory::data(Ck begin, Ck end) {
    while (begin < end) {
        Window& window = at(begin);
        const Ck stop = std::min(end, last_end_);
        window.data_clocks += stop - begin;
        begin = stop;
    }
}

void DramTrafficHistory::columns(Bank& bank, const IssuedCommand& issued) {
    const bool write = is_write(issued.command);
    (write ? bank.writes : bank.reads) += issued.count;
    bank.row_hits += issued.count - (bank.fresh ? 1U : 0U);
    const Ck latency = write ? write_latency_ : read_latency_;
    for (unsigned i = 0; i < issued.count; ++i) {
        const Ck when = issued.at + i * issued.gap;
        Window& window = at(when);
        ++window.columns;
        window.row_hits += bank.fresh ? 0U : 1U;
        bank.fresh = false;
        data(when + latency, when + latency + burst_);
    }
}

void DramTrafficHistory::Channel::command(const IssuedCommand& issued) {
    switch (issued.command) {
    case DramCommand::activate:
        ++history->at(issued.at).activates;
        ++banks[issued.bank].activates;
        banks[issued.bank].fresh = true;
        return;
    case DramCommand::precharge:
        ++banks[issued.bank].precharges;
        return;
    case DramCommand::refresh_bank:
        ++banks[issued.bank].refreshes;
        ++history->at(issued.at).refreshes;
        return;
    case DramCommand::refresh_all:
        ++history->at(issued.at).refreshes;
        return;
    default:
        if (is_read(issued.command) || is_write(issued.command)) {
            history->columns(banks[issued.bank], issued);
        }
    }
}

} // namespace systolica
