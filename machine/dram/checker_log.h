// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the command checker found: all violations counted, the first ones in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine/dram/command_name.h"

namespace systolica {

// One command of an announcement; a train is many.
struct CheckedCommand {
    std::int64_t at;
    std::uint64_t row;
    std::uint32_t bank; // of the channel; of a command to a whole rank its first
    std::uint16_t rank;
    DramCommand command;
};

class ViolationLog {
public:
    // `rule`: ..., then what broke it, in clocks.
    void broken(const std::string& rule, const CheckedCommand& by);
    void too_early(const std::string& rule, const CheckedCommand& by, std::int64_t since, std::int64_t clocks);

    std::uint64_t count() const { return count_; }
    const std::vector<std::string>& first() const { return first_; }

private:
    bool wants_words() { return ++count_ <= kKept; }

    static constexpr std::uint64_t kKept = 10;

    std::uint64_t count_ = 0;
    std::vector<std::string> first_;
};

} // namespace systolica
