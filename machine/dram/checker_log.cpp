// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/checker_log.h"

namespace systolica {

namespace {

bool of_a_bank(DramCommand command) {
    return command == DramCommand::activate || command == DramCommand::precharge ||
           command == DramCommand::refresh_bank || is_read(command) || is_write(command);
}

std::string words(const CheckedCommand& c) {
    std::string text = command_mnemonic(c.command);
    if (of_a_bank(c.command)) {
        text += " bank " + std::to_string(c.bank);
    } else {
        text += " rank " + std::to_string(c.rank);
    }
    if (c.command == DramCommand::activate || is_read(c.command) || is_write(c.command)) {
        text += " row " + std::to_string(c.row);
    }
    return text + " at " + std::to_string(c.at);
}

} // namespace

void ViolationLog::broken(const std::string& rule, const CheckedCommand& by) {
    if (wants_words()) {
        first_.push_back(rule + ": " + words(by));
    }
}

void ViolationLog::too_early(const std::string& rule, const CheckedCommand& by, std::int64_t since,
                             std::int64_t clocks) {
    if (wants_words()) {
        first_.push_back(rule + ": " + words(by) + ", " + std::to_string(clocks) + " clocks needed since " +
                         std::to_string(since));
    }
}

} // namespace systolica
