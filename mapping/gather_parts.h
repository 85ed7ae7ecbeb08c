// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Makes the plan of a chip's share of channels (workloads/channel_shares.h) wait for what the other chips make: each
// part lies where the whole tensor begins, the other parts, as long, behind it, and an event says that they are there.
#pragma once

#include <vector>

#include "machine/exchange/gradient_exchange.h"
#include "mapping/plan.h"
#include "workloads/channel_shares.h"

namespace systolica {

GradientExchange gather_parts(Plan& plan, const std::vector<ChannelShares::Gathered>& gathered, std::uint64_t chips);

} // namespace systolica
