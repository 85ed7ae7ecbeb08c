// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Whether a channel refreshes often enough. Each bank is refreshed once every tREFI on average, by a REFab of its rank
// or by a REFpb; at most eight may be postponed or pulled in, so that two are never more than nine tREFI apart
// (JESD209-4 and JESD209-5, section "Refresh requirement"). In self-refresh the device looks after itself, and counting
// begins anew with the exit.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/dram/checker_log.h"
#include "machine/dram/config.h"

namespace systolica {

class RefreshPace {
public:
    RefreshPace(const DramConfig& config, ViolationLog& log);

    void refreshed(const CheckedCommand& by); // REFab or REFpb
    void enters_self_refresh(const CheckedCommand& by);
    void leaves_self_refresh(const CheckedCommand& by);
    void ends(std::int64_t now);

private:
    struct Bank {
        std::int64_t since = 0; // when counting began
        std::int64_t last = 0;  // refresh, or `since`
        std::int64_t refreshes = 0;
    };
    // Which of the banks' demands does not hold at this time: the name of the first, or nothing.
    const char* late(const Bank& bank, std::int64_t at) const;
    void check_rank(const CheckedCommand& by);

    const bool on_;
    const std::int64_t refi_;
    const std::int64_t slack_;  // refreshes a bank may be behind or ahead
    const std::uint32_t banks_; // of a rank
    ViolationLog& log_;
    std::vector<Bank> bank_;   // of the channel
    std::vector<bool> asleep_; // a rank
    std::vector<bool> slept_;
    std::vector<std::uint64_t> round_; // of a rank: bit for each bank whose REFpb has come in this round
};

} // namespace systolica
