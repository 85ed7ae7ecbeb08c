// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A collective in which all chips do the same, seen from one of them: what it sends stands for what it receives. That
// holds if the messages of every chip, in their order, have the same sizes, wait for the same messages (by their place
// among those of their senders), go one link each, and every chip receives each once. With chips that run alike, every
// message then begins and ends on all chips at the same time, so that links which lead back to the one chip deliver
// what the others would have sent, when they would have. The argument is induction over the messages in order of time;
// links between chips are of one kind and no two chips send on the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "machine/chip_link/chip_network.h"
#include "machine/collective/schedule.h"

namespace systolica {

struct FoldedSchedule {
    CollectiveSchedule messages; // of chip 0 to itself; `side` is a place in `links`
    std::vector<unsigned> links; // that chip 0 sends on, by number
};

// None where chips do not all do the same, or the system has a switch, whose ports they share.
std::optional<FoldedSchedule> fold(const ChipNetwork& network, const CollectiveSchedule& schedule);

} // namespace systolica
