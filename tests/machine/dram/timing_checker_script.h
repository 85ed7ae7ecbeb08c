// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Command sequences as text for the tests of the command checker: "ACT0@1000 RD0@1029" activates bank 0 at clock 1000
// and reads it 29 clocks later. The number is a bank of the channel, or a rank for commands to a whole rank; ":7"
// behind it is a row other than 1. A star marks the first command of those that come early in the broken version,
// otherwise it is the last one.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "machine/dram/command_checker.h"
#include "tests/machine/dram/example_parts.h"

namespace systolica::test {

struct Script {
    std::vector<IssuedCommand> commands;
    std::size_t marked = 0;
};

inline Script parse_script(const std::string& text, unsigned banks_of_rank) {
    static const std::map<std::string, DramCommand> kNames{
        {"ACT", DramCommand::activate},
        {"RD", DramCommand::read},
        {"WR", DramCommand::write},
        {"MWR", DramCommand::masked_write},
        {"RDA", DramCommand::read_precharge},
        {"WRA", DramCommand::write_precharge},
        {"MWRA", DramCommand::masked_write_precharge},
        {"PRE", DramCommand::precharge},
        {"PREA", DramCommand::precharge_all},
        {"REFAB", DramCommand::refresh_all},
        {"REFPB", DramCommand::refresh_bank},
        {"PDE", DramCommand::power_down_entry},
        {"PDX", DramCommand::power_down_exit},
        {"SRE", DramCommand::self_refresh_entry},
        {"SRX", DramCommand::self_refresh_exit},
        {"CAS", DramCommand::wck_sync},
    };
    Script script;
    std::istringstream words(text);
    std::string word;
    bool starred = false;
    while (words >> word) {
        if (word[0] == '*') {
            script.marked = script.commands.size();
            starred = true;
            word.erase(0, 1);
        }
        const std::size_t digits = word.find_first_of("0123456789");
        const DramCommand command = kNames.at(word.substr(0, digits));
        const auto number = static_cast<unsigned>(std::stoul(word.substr(digits)));
        const std::size_t colon = word.find(':');
        const std::uint64_t row = colon == std::string::npos ? 1 : std::stoull(word.substr(colon + 1));
        const bool of_rank = command == DramCommand::precharge_all || command == DramCommand::refresh_all ||
                             command >= DramCommand::power_down_entry;
        const unsigned rank = of_rank ? number : number / banks_of_rank;
        script.commands.push_back(
            {std::stoull(word.substr(word.find('@') + 1)), command, rank, of_rank ? 0 : number, row, 0});
    }
    if (!starred) {
        script.marked = script.commands.size() - 1;
    }
    return script;
}

// Names of the rules that the commands break, in order.
inline std::vector<std::string> broken_rules(const DramConfig& config, const std::vector<IssuedCommand>& commands) {
    DramCommandChecker checker(config);
    Ck last = 0;
    for (const IssuedCommand& c : commands) {
        checker.command(c);
        last = std::max(last, c.at);
    }
    checker.finish(last);
    std::vector<std::string> names;
    for (const std::string& text : checker.first_violations()) {
        names.push_back(text.substr(0, text.find(':')));
    }
    EXPECT_EQ(names.size(), std::min<std::uint64_t>(checker.violations(), 10));
    return names;
}

inline std::vector<std::string> broken_rules(const DramConfig& config, const std::string& script) {
    return broken_rules(config, parse_script(script, config.part.banks).commands);
}

// The script is legal, and one clock early breaks this rule. Two bursts too close collide on the pins as well.
inline void expect_limit(const DramConfig& config, const std::string& rule, const std::string& text) {
    Script script = parse_script(text, config.part.banks);
    EXPECT_EQ(broken_rules(config, script.commands), std::vector<std::string>()) << rule << ": " << text;
    for (std::size_t i = script.marked; i < script.commands.size(); ++i) {
        --script.commands[i].at;
    }
    std::vector<std::string> names = broken_rules(config, script.commands);
    if (names.size() == 2 && names[1] == "DQ pins") {
        names.pop_back();
    }
    EXPECT_EQ(names, std::vector<std::string>{rule}) << text;
}

// LPDDR4-3200 8 Gb (0.625 ns clock), the part of the default configuration, two ranks; no refresh is asked for.
inline DramConfig lpddr4_two_ranks() {
    DramConfig config;
    config.ranks = 2;
    config.refresh = DramRefresh::none;
    return config;
}

// LPDDR5-6400 8 Gb in four bank groups (1.25 ns clock, WCK four times that), two ranks; no refresh is asked for.
inline DramConfig lpddr5_two_ranks() {
    DramConfig config;
    config.ranks = 2;
    config.refresh = DramRefresh::none;
    config.part = lpddr5_6400();
    config.part.dqsck = 1; // so that the rules which count it show
    return config;
}

} // namespace systolica::test
