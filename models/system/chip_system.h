// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Chips and the links between them. Where chips exchange gradients, links join their ports; with a folded exchange one
// chip stands for all and its links lead back to it. Pure composition; chips without an exchange have no links.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/statistics.h"
#include "machine/chip_link/chip_network.h"
#include "models/chip/chip.h"
#include "models/chip_link/chip_link.h"
#include "models/chip_link/link_switch.h"
#include "models/exchange/exchange_program.h"

namespace systolica {

class ChipSystem {
public:
    struct Params {
        std::vector<Chip::Params> chips;      // those that are simulated; without their link ports
        const ChipNetwork* network = nullptr; // outlives this, as the program does
        ChipLinkConfig link;
        ExchangeProgram* exchange = nullptr; // none: chips work on their own
        unsigned link_router = 0;
        unsigned chunks_at_once = 2;
    };

    explicit ChipSystem(const Params& params);

    const std::vector<std::unique_ptr<Chip>>& chips() const { return chips_; }

    struct LinkUse {
        std::string name;
        std::uint64_t bytes = 0;
    };
    std::vector<LinkUse> links_of_first_chip() const; // that lead away from it
    std::uint64_t link_transactions() const;
    void report(Statistics& statistics) const;

private:
    LinkPort::Params port_of(unsigned chip) const;
    void join_by_links();
    void join_by_switch();

    const Params params_;
    std::vector<std::unique_ptr<Chip>> chips_;
    std::vector<std::unique_ptr<ChipLink>> links_;
    std::vector<unsigned> numbers_; // of the links
    std::unique_ptr<LinkSwitch> switch_;
};

} // namespace systolica
