// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A collective alone: the chips of a system, the links between them, and nothing else. One a process, because a
// simulation context cannot be reset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/chip_link/chip_network.h"
#include "machine/collective/reduction.h"
#include "machine/collective/schedule.h"

namespace systolica {

// The messages of a collective, by the algorithm that was asked for or the one with the least estimated time.
struct CollectivePlan {
    std::string refusal; // why there is none: "expected ..., got ..."
    CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
    CollectiveSchedule schedule;
};

CollectivePlan plan_collective(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
                               std::optional<CollectiveAlgorithm> algorithm, const CollectiveRequest& request);

struct CollectiveResult {
    bool complete = false; // every message has been received
    std::uint64_t errors = 0;
    std::uint64_t end_ps = 0;
    std::vector<std::uint64_t> link_bytes; // by number of the link
    std::uint64_t transactions = 0;        // messages over single links
    std::uint64_t resent_flits = 0;

    std::uint64_t most_link_bytes() const;
};

class CollectiveSimulation {
public:
    // Elaborates. All arguments outlive this.
    CollectiveSimulation(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
                         const CollectiveSchedule& schedule);
    ~CollectiveSimulation();
    CollectiveSimulation(const CollectiveSimulation&) = delete;
    CollectiveSimulation& operator=(const CollectiveSimulation&) = delete;

    CollectiveResult run();

private:
    class System;

    std::unique_ptr<System> system_;
};

} // namespace systolica
