// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/system/chip_system.h"

namespace systolica {

ChipSystem::ChipSystem(const Params& params) : params_(params) {
    for (unsigned c = 0; c < params_.chips.size(); ++c) {
        Chip::Params chip = params_.chips[c];
        if (params_.exchange != nullptr) {
            chip.link_port = port_of(c);
            chip.link_router = params_.link_router;
        }
        chips_.push_back(std::make_unique<Chip>(("chip" + std::to_string(c)).c_str(), chip));
    }
    if (params_.exchange != nullptr) {
        params_.network->switched() ? join_by_switch() : join_by_links();
    }
}

LinkPort::Params ChipSystem::port_of(unsigned chip) const {
    LinkPort::Params port;
    port.chip = chip;
    port.chunks_at_once = params_.chunks_at_once;
    port.program = params_.exchange;
    if (params_.exchange->folded()) {
        port.out_links = params_.exchange->folded_links();
        port.in_links = static_cast<unsigned>(port.out_links.size());
        return port;
    }
    if (params_.network->switched()) {
        port.out_links = {chip};
        port.in_links = 1;
        return port;
    }
    const std::vector<ChipNetwork::Link>& links = params_.network->links();
    for (unsigned link = 0; link < links.size(); ++link) {
        if (links[link].from == chip) {
            port.out_links.push_back(link);
        }
        port.in_links += links[link].to == chip ? 1 : 0;
    }
    return port;
}

void ChipSystem::join_by_links() {
    std::vector<unsigned> outs(chips_.size()), ins(chips_.size());
    const auto join = [&](unsigned number, unsigned from, unsigned to) {
        links_.push_back(
            std::make_unique<ChipLink>(("link" + std::to_string(number)).c_str(), params_.link.of_link(number)));
        numbers_.push_back(number);
        chips_[from]->link_port()->link_out[outs[from]++].bind(links_.back()->link_in);
        links_.back()->link_out.bind(chips_[to]->link_port()->link_in[ins[to]++]);
    };
    if (params_.exchange->folded()) {
        for (const unsigned number : params_.exchange->folded_links()) {
            join(number, 0, 0);
        }
        return;
    }
    const std::vector<ChipNetwork::Link>& links = params_.network->links();
    for (unsigned number = 0; number < links.size(); ++number) {
        join(number, links[number].from, links[number].to);
    }
}

void ChipSystem::join_by_switch() {
    const auto chips = static_cast<unsigned>(chips_.size());
    switch_ = std::make_unique<LinkSwitch>("switch", LinkSwitch::Params{chips, params_.link});
    for (unsigned chip = 0; chip < chips; ++chip) {
        chips_[chip]->link_port()->link_out[0].bind(switch_->link_in[chip]);
        switch_->link_out[chip].bind(chips_[chip]->link_port()->link_in[0]);
    }
}

std::vector<ChipSystem::LinkUse> ChipSystem::links_of_first_chip() const {
    if (switch_) {
        return {{"chip0 to switch", switch_->bytes_from(0)}};
    }
    std::vector<LinkUse> uses;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const ChipNetwork::Link& ends = params_.network->links()[numbers_[i]];
        if (ends.from == 0 && links_[i]->messages() > 0) {
            uses.push_back({"chip0 to chip" + std::to_string(ends.to), links_[i]->bytes()});
        }
    }
    return uses;
}

std::uint64_t ChipSystem::link_transactions() const {
    std::uint64_t sum = 0;
    for (const auto& link : links_) {
        sum += link->messages();
    }
    return sum;
}

void ChipSystem::report(Statistics& statistics) const {
    for (std::size_t c = 0; c < chips_.size(); ++c) {
        chips_[c]->report(statistics.child("chip" + std::to_string(c)));
    }
    for (std::size_t i = 0; i < links_.size(); ++i) {
        links_[i]->report(statistics.child("link" + std::to_string(numbers_[i])));
    }
    if (switch_) {
        switch_->report(statistics.child("switch"));
    }
}

} // namespace systolica
