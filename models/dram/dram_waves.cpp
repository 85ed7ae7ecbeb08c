// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_waves.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kRowBits = 32;

} // namespace

DramWaves::DramWaves(const WaveScope& scope, const DramPart& part, const Clock& clock)
    : timings_(part),
      clock_(clock),
      read_queue_(scope.add("read_queue", 16)),
      write_queue_(scope.add("write_queue", 16)),
      values_(2 * std::size_t{part.banks} + 2),
      rows_(part.banks),
      data_bus_(2 * part.banks),
      refresh_(2 * part.banks + 1) {
    for (unsigned bank = 0; bank < part.banks; ++bank) {
        signals_.push_back(scope.child("bank" + std::to_string(bank)).add("row_open"));
    }
    for (unsigned bank = 0; bank < part.banks; ++bank) { // the row that is open, or was open last
        signals_.push_back(scope.child("bank" + std::to_string(bank)).add("row", kRowBits));
    }
    signals_.push_back(scope.add("data_busy", 2)); // 0 idle, 1 read, 2 write
    signals_.push_back(scope.add("refresh"));
}

bool DramWaves::any_traced() const {
    return read_queue_.traced() || write_queue_.traced() ||
           std::any_of(signals_.begin(), signals_.end(), [](const Wave& wave) { return wave.traced(); });
}

// Refreshes of an idle channel become known when it is used again: what was due earlier shows late, and only in its
// sum.
std::uint64_t DramWaves::next_change_ps() const {
    return changes_.empty() ? WaveSource::kNever : std::max(shown_ps_, clock_.edge_ps(changes_.top().at));
}

// Several changes of one signal at one time show as the last of them.
void DramWaves::show_next() {
    shown_ps_ = next_change_ps();
    for (; !changes_.empty() && clock_.edge_ps(changes_.top().at) <= shown_ps_; changes_.pop()) {
        values_[changes_.top().signal] = changes_.top().value;
    }
    for (std::size_t i = 0; i < signals_.size(); ++i) {
        signals_[i].set(shown_ps_, values_[i]);
    }
}

void DramWaves::activate(unsigned bank, std::uint64_t row, Ck at) {
    change(bank, 1, at);
    change(rows_ + bank, static_cast<std::uint32_t>(row), at);
}

void DramWaves::precharge(unsigned bank, Ck at) {
    change(bank, 0, at);
}

void DramWaves::precharge_all(Ck at) {
    for (std::uint32_t bank = 0; bank < rows_; ++bank) {
        change(bank, 0, at);
    }
}

void DramWaves::refresh(Ck at) {
    change(refresh_, 1, at);
    change(refresh_, 0, at + timings_.rfc_ab);
}

void DramWaves::columns(unsigned /*bank*/, bool write, unsigned count, Ck first) {
    const Ck end =
        first + (count - 1) * timings_.column_gap + (write ? timings_.write_data_end : timings_.read_data_end);
    const Ck begin = first + (write ? timings_.write_data_end : timings_.read_data_end) - timings_.burst;
    change(data_bus_, write ? 2 : 1, begin);
    change(data_bus_, 0, end);
}

} // namespace systolica
