// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_waves.h"

#include <algorithm>
#include <string>

namespace systolica {

namespace {

constexpr unsigned kStateBits = 3;
constexpr unsigned kRowBits = 32;
constexpr std::uint32_t kPoweredUp = 0, kPowerDown = 1, kSelfRefresh = 2;

} // namespace

DramWaves::DramWaves(const WaveScope& scope, const DramConfig& config, const Clock& clock)
    : part_(config.part),
      timings_(config.part),
      clock_(clock),
      banks_(config.banks()),
      ranks_(config.ranks),
      opens_(banks_),
      rows_(2 * banks_),
      power_(3 * banks_),
      refresh_(power_ + ranks_),
      data_bus_(refresh_ + ranks_),
      read_queue_(scope.add("read_queue", 16)),
      write_queue_(scope.add("write_queue", 16)),
      refresh_wave_(scope.add("refresh", ranks_)), // a bit a rank
      signals_(data_bus_ + 1),
      values_(data_bus_ + 1),
      activated_(banks_) {
    for (std::uint32_t bank = 0; bank < banks_; ++bank) {
        const WaveScope child = scope.child("bank" + std::to_string(bank));
        signals_[bank] = child.add("state", kStateBits);
        signals_[opens_ + bank] = child.add("row_open");
        signals_[rows_ + bank] = child.add("row", kRowBits); // that is open, or was open last
    }
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
        const WaveScope place = ranks_ == 1 ? scope : scope.child("rank" + std::to_string(rank));
        signals_[power_ + rank] = place.add("power", 2);
    }
    signals_[data_bus_] = scope.add("data_busy", 2); // 0 idle, 1 read, 2 write
}

bool DramWaves::any_traced() const {
    return read_queue_.traced() || write_queue_.traced() || refresh_wave_.traced() ||
           std::any_of(signals_.begin(), signals_.end(), [](const Wave& wave) { return wave.traced(); });
}

std::uint64_t DramWaves::next_change_ps() const {
    return changes_.empty() ? WaveSource::kNever : std::max(shown_ps_, clock_.edge_ps(changes_.top().at));
}

// Several changes of one signal at one time show as the last of them.
void DramWaves::show_next() {
    shown_ps_ = next_change_ps();
    for (; !changes_.empty() && clock_.edge_ps(changes_.top().at) <= shown_ps_; changes_.pop()) {
        const Change& top = changes_.top();
        if (top.signal == data_bus_) { // one burst's end may be another's begin
            bursts_ += top.value != 0 ? 1 : -1;
            direction_ = top.value != 0 ? top.value : direction_;
        }
        values_[top.signal] = top.signal == data_bus_ && bursts_ != 0 ? direction_ : top.value;
        changed_.push_back(top.signal);
    }
    for (const std::uint32_t signal : changed_) {
        show(signal);
    }
    changed_.clear();
}

void DramWaves::show(std::uint32_t signal) {
    if (signal < banks_) {
        show_state(signal);
        return;
    }
    if (signal >= refresh_ && signal < data_bus_) {
        std::uint64_t ranks = 0;
        for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
            ranks |= std::uint64_t{values_[refresh_ + rank]} << rank;
        }
        refresh_wave_.set(shown_ps_, ranks);
        return;
    }
    signals_[signal].set(shown_ps_, values_[signal]);
    if (signal >= power_ && signal < refresh_) {
        const std::uint32_t first = (signal - power_) * part_.banks;
        for (std::uint32_t bank = first; bank < first + part_.banks; ++bank) {
            show_state(bank);
        }
    }
}

// Power-down covers what the bank does meanwhile: it closes on, or keeps its row.
void DramWaves::show_state(std::uint32_t bank) {
    const bool down = values_[power_ + bank / part_.banks] != kPoweredUp;
    signals_[bank].set(shown_ps_, down ? static_cast<std::uint32_t>(BankState::powered_down) : values_[bank]);
}

void DramWaves::command(const IssuedCommand& issued) {
    const unsigned first = issued.rank * part_.banks; // of the rank
    switch (issued.command) {
    case DramCommand::activate:
        activated_[issued.bank] = issued.at;
        state(issued.bank, BankState::activating, issued.at);
        state(issued.bank, BankState::open, issued.at + timings_.rcd);
        change(opens_ + issued.bank, 1, issued.at);
        change(rows_ + issued.bank, static_cast<std::uint32_t>(issued.row), issued.at);
        break;
    case DramCommand::precharge:
        precharge(issued.bank, issued.at, timings_.rp_pb);
        break;
    case DramCommand::precharge_all:
        for (unsigned bank = first; bank < first + part_.banks; ++bank) {
            precharge(bank, issued.at, timings_.rp_ab);
        }
        break;
    case DramCommand::refresh_all:
        for (unsigned bank = first; bank < first + part_.banks; ++bank) {
            refresh(bank, issued.at, timings_.rfc_ab);
        }
        change(refresh_ + issued.rank, 1, issued.at);
        change(refresh_ + issued.rank, 0, issued.at + timings_.rfc_ab);
        break;
    case DramCommand::refresh_bank:
        refresh(issued.bank, issued.at, part_.rfc_pb);
        break;
    case DramCommand::power_down_entry:
        change(power_ + issued.rank, kPowerDown, issued.at);
        break;
    case DramCommand::self_refresh_entry:
        change(power_ + issued.rank, kSelfRefresh, issued.at);
        break;
    case DramCommand::power_down_exit:
    case DramCommand::self_refresh_exit:
        change(power_ + issued.rank, kPoweredUp, issued.at);
        break;
    case DramCommand::wck_sync: // part of the column command that follows it
        break;
    case DramCommand::read:
    case DramCommand::write:
    case DramCommand::masked_write:
    case DramCommand::read_precharge:
    case DramCommand::write_precharge:
    case DramCommand::masked_write_precharge:
        columns(issued);
        break;
    }
}

void DramWaves::precharge(unsigned bank, Ck at, Ck length) {
    state(bank, BankState::precharging, at);
    state(bank, BankState::closed, at + length);
    change(opens_ + bank, 0, at);
}

void DramWaves::refresh(unsigned bank, Ck at, Ck length) {
    state(bank, BankState::refreshing, at);
    state(bank, BankState::closed, at + length);
}

void DramWaves::columns(const IssuedCommand& issued) {
    const bool write = is_write(issued.command);
    const Ck last = issued.at + (issued.count - 1) * issued.gap;
    state(issued.bank, write ? BankState::writing : BankState::reading, issued.at);
    state(issued.bank, BankState::open, last + timings_.burst);
    if (issued.gap > timings_.burst) { // columns of another bank group may come between these
        for (unsigned i = 0; i < issued.count; ++i) {
            data(write, issued.at + i * issued.gap, timings_.burst);
        }
    } else {
        data(write, issued.at, last - issued.at + timings_.burst);
    }
    if (precharges_itself(issued.command)) { // tRAS holds for automatic precharge too
        const Ck after = write ? timings_.write_to_precharge : timings_.read_to_precharge;
        precharge(issued.bank, std::max(last + after, activated_[issued.bank] + timings_.ras), timings_.rp_pb);
    }
}

void DramWaves::data(bool write, Ck first, Ck length) {
    const Ck begin = first + (write ? part_.wl : part_.rl);
    change(data_bus_, write ? 2 : 1, begin);
    change(data_bus_, 0, begin + length);
}

} // namespace systolica
