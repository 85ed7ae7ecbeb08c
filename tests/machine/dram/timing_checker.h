// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the tests of the controller ask of its commands: how many there were, and whether the standard allows them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "machine/dram/command_checker.h"

namespace systolica::test {

class TimingChecker : public DramCommandListener {
public:
    enum Kind { act, rd, wr, pre, prea, ref };

    // The default configuration's part; whether all refreshes come is checked only for a given configuration.
    TimingChecker() { config_.refresh = DramRefresh::none; }
    explicit TimingChecker(const DramConfig& config) : config_(config) {}

    void command(const IssuedCommand& c) override {
        commands_.push_back(c);
        last_ = std::max(last_, c.at + (c.count - 1) * c.gap);
    }

    std::size_t count(Kind kind) const {
        std::size_t sum = 0;
        for (const IssuedCommand& c : commands_) {
            sum += is(c.command, kind) ? c.count : 0;
        }
        return sum;
    }

    const std::vector<IssuedCommand>& commands() const { return commands_; } // as announced

    // The first violation up to the last command, or nothing.
    std::string violation() const {
        DramCommandChecker checker(config_);
        for (const IssuedCommand& c : commands_) {
            checker.command(c);
        }
        checker.finish(last_);
        return checker.violations() == 0 ? "" : checker.first_violations().front();
    }

private:
    static bool is(DramCommand command, Kind kind) {
        switch (kind) {
        case act:
            return command == DramCommand::activate;
        case rd:
            return is_read(command);
        case wr:
            return is_write(command);
        case pre:
            return command == DramCommand::precharge;
        case prea:
            return command == DramCommand::precharge_all;
        case ref:
            return command == DramCommand::refresh_all || command == DramCommand::refresh_bank;
        }
        return false;
    }

    DramConfig config_;
    std::vector<IssuedCommand> commands_; // as announced
    Ck last_ = 0;
};

} // namespace systolica::test
