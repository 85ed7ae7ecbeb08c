// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sees every command of a channel: waveforms, command traces, energy and checkers. Commands are announced when they are
// decided, which for a train, a refresh or an automatic precharge is up to its length ahead of its last command; those
// of idle time (refresh, power-down) are announced late, when the channel is used again or asked.
#pragma once

#include <cstdint>

#include "machine/dram/timings.h"

namespace systolica {

enum class DramCommand : std::uint8_t {
    activate, // LPDDR4: ACT-1, ACT-2 back to back; LPDDR5 the same
    read,
    write,
    masked_write,
    read_precharge, // RD with auto-precharge
    write_precharge,
    masked_write_precharge,
    precharge,
    precharge_all,    // of a rank
    refresh_all,      // of a rank
    refresh_bank,     // LPDDR5 with 16 banks: takes the bank 8 above too
    power_down_entry, // of a rank
    power_down_exit,
    self_refresh_entry, // of a rank
    self_refresh_exit,
    wck_sync, // LPDDR5: CAS that starts WCK for the column command that follows it
};

constexpr bool is_read(DramCommand c) {
    return c == DramCommand::read || c == DramCommand::read_precharge;
}
constexpr bool is_write(DramCommand c) {
    return c == DramCommand::write || c == DramCommand::masked_write || c == DramCommand::write_precharge ||
           c == DramCommand::masked_write_precharge;
}
constexpr bool precharges_itself(DramCommand c) {
    return c == DramCommand::read_precharge || c == DramCommand::write_precharge ||
           c == DramCommand::masked_write_precharge;
}

struct IssuedCommand {
    Ck at; // the command's time: its last edge on the CA bus
    DramCommand command;
    unsigned rank;
    unsigned bank;      // 0 .. banks of the channel - 1: rank * banks of a rank + group * banks of a group + bank
    std::uint64_t row;  // of an ACT, and of column commands
    unsigned column;    // bursts from the start of the row; column commands only
    unsigned count = 1; // equal column commands, to consecutive columns,
    Ck gap = 0;         // this far apart; a train with auto-precharge is announced in two pieces
};

class DramCommandListener {
public:
    virtual ~DramCommandListener() = default;

    virtual void command(const IssuedCommand& issued) = 0;
};

} // namespace systolica
