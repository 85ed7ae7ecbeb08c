// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How long a collective takes if every message books its links as soon as it is ready, in order of time: what `auto`
// chooses by. Links that no two messages want at once make it exact.
#pragma once

#include <cstdint>
#include <optional>

#include "machine/chip_link/chip_network.h"
#include "machine/collective/reduction.h"
#include "machine/collective/schedule.h"

namespace systolica {

std::uint64_t collective_estimate_ps(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
                                     const CollectiveSchedule& schedule);

// The algorithm with the least estimated time, the first of equals; none if all are refused.
std::optional<CollectiveAlgorithm> fastest_collective(const ChipNetwork& network, const ChipLinkConfig& link,
                                                      const Reduction& reduction, const CollectiveRequest& request);

} // namespace systolica
