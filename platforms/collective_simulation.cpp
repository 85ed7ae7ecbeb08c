// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/collective_simulation.h"

#include <algorithm>

#include "machine/collective/estimate.h"
#include "models/chip_link/chip_link.h"
#include "models/chip_link/link_switch.h"
#include "models/collective/collective_chip.h"

namespace systolica {

CollectivePlan plan_collective(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
                               std::optional<CollectiveAlgorithm> algorithm, const CollectiveRequest& request) {
    if (!algorithm) {
        algorithm = fastest_collective(network, link, reduction, request);
    }
    // `ring` does every operation: what it refuses, the others refuse for the same reason.
    CollectivePlan plan;
    plan.algorithm = algorithm.value_or(CollectiveAlgorithm::ring);
    plan.refusal = collective_refusal(network, plan.algorithm, request);
    if (plan.refusal.empty()) {
        plan.schedule = collective_schedule(network, plan.algorithm, request);
    }
    return plan;
}

class CollectiveSimulation::System {
public:
    System(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
           const CollectiveSchedule& schedule)
        : network_(network), program_(network, schedule, reduction) {
        std::vector<CollectiveChip::Params> chips(network.chips());
        for (unsigned chip = 0; chip < network.chips(); ++chip) {
            chips[chip].chip = chip;
        }
        for (unsigned number = 0; number < network.links().size(); ++number) {
            const ChipNetwork::Link& ends = network.links()[number];
            if (ends.from < network.chips()) { // else from a switch
                chips[ends.from].out_links.push_back(number);
            }
            if (ends.to < network.chips()) {
                ++chips[ends.to].in_links;
            }
        }
        for (const CollectiveChip::Params& params : chips) {
            const std::string name = "chip" + std::to_string(params.chip);
            chips_.push_back(std::make_unique<CollectiveChip>(name.c_str(), params, program_));
        }
        if (network.switched()) {
            join_by_switch(link);
        } else {
            join_by_links(link);
        }
        for (const std::uint32_t message : program_.dependencies.first()) {
            chips_[schedule[message].from]->start(message);
        }
        sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaboration
    }

    CollectiveResult run() {
        sc_core::sc_start();
        CollectiveResult result;
        result.complete = program_.done == program_.schedule.size();
        result.errors = program_.errors;
        result.end_ps = program_.end_ps;
        result.transactions = program_.payloads.acquired();
        for (const auto& link : links_) {
            result.link_bytes.push_back(link->bytes());
            result.resent_flits += link->resent_flits();
        }
        result.resent_flits += switch_ ? switch_->resent_flits() : 0;
        for (const bool from : {true, false}) {
            for (unsigned chip = 0; switch_ && chip < network_.chips(); ++chip) {
                result.link_bytes.push_back(from ? switch_->bytes_from(chip) : switch_->bytes_to(chip));
            }
        }
        return result;
    }

private:
    void join_by_switch(const ChipLinkConfig& link) {
        switch_ = std::make_unique<LinkSwitch>("switch", LinkSwitch::Params{network_.chips(), link});
        for (unsigned chip = 0; chip < network_.chips(); ++chip) {
            chips_[chip]->link_out[0].bind(switch_->link_in[chip]);
            switch_->link_out[chip].bind(chips_[chip]->link_in[0]);
        }
    }

    void join_by_links(const ChipLinkConfig& link) {
        std::vector<unsigned> outs(network_.chips()), ins(network_.chips());
        for (const ChipNetwork::Link& ends : network_.links()) {
            const std::string name = "link" + std::to_string(links_.size());
            links_.push_back(std::make_unique<ChipLink>(name.c_str(), link.of_link(links_.size())));
            chips_[ends.from]->link_out[outs[ends.from]++].bind(links_.back()->link_in);
            links_.back()->link_out.bind(chips_[ends.to]->link_in[ins[ends.to]++]);
        }
    }

    const ChipNetwork& network_;
    CollectiveProgram program_;
    std::vector<std::unique_ptr<CollectiveChip>> chips_;
    std::vector<std::unique_ptr<ChipLink>> links_;
    std::unique_ptr<LinkSwitch> switch_;
};

std::uint64_t CollectiveResult::most_link_bytes() const {
    return link_bytes.empty() ? 0 : *std::max_element(link_bytes.begin(), link_bytes.end());
}

CollectiveSimulation::CollectiveSimulation(const ChipNetwork& network, const ChipLinkConfig& link,
                                           const Reduction& reduction, const CollectiveSchedule& schedule)
    : system_(std::make_unique<System>(network, link, reduction, schedule)) {}

CollectiveSimulation::~CollectiveSimulation() = default;

CollectiveResult CollectiveSimulation::run() {
    return system_->run();
}

} // namespace systolica
