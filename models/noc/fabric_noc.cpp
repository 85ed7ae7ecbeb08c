// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/fabric_noc.h"

#include "machine/noc/noc_fabric.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kMessageClasses = 2;
constexpr std::uint32_t kParty = 1U << 31; // numbers and tags of groups have it

} // namespace

FabricNoc::FabricNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock)
    : FabricNoc(name, params, clock, noc_fabric(params.noc, NocEnds::tiles_and_memories, kMessageClasses)) {}

FabricNoc::FabricNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock,
                     const FabricConfig& fabric)
    : AccessNoc(name, params, clock),
      topology_(fabric.shape),
      network_(make_fabric_network(params.noc.level, fabric)),
      passed_(fabric),
      link_waves_(clock),
      groups_(params.noc.multicast),
      held_{std::vector<bool>(topology_.endpoints()), std::vector<bool>(topology_.endpoints())},
      interface_free_(topology_.endpoints()) {}

std::uint64_t FabricNoc::inject(std::uint32_t number, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits,
                                Class of) {
    ++packets_;
    if (number >= offered_.size()) {
        offered_.resize(std::size_t{number} + 1);
    }
    offered_[number] = {from, to, flits, of, number};
    offers_.push(cycle, from, number);
    return occupy(cycle, from, flits);
}

std::uint64_t FabricNoc::occupy(std::uint64_t cycle, unsigned from, unsigned flits) {
    interface_free_[from] = std::max(cycle, interface_free_[from]) + flits;
    if (link_waves_.traced()) {
        link_waves_.enters(from, cycle, interface_free_[from]);
    }
    return interface_free_[from];
}

FabricNoc::Group& FabricNoc::offered_group(std::uint32_t party) {
    if (party >= offered_groups_.size()) {
        offered_groups_.resize(std::size_t{party} + 1);
    }
    return offered_groups_[party];
}

void FabricNoc::inject_multicast(std::uint32_t party, std::uint64_t cycle, unsigned from,
                                 const std::vector<unsigned>& to, unsigned flits, Class of) {
    ++packets_;
    offered_group(party) = {{from, to.front(), flits, of, kParty | party}, to, false};
    offers_.push(cycle, from, kParty | party);
    occupy(cycle, from, flits);
}

void FabricNoc::inject_reduction(std::uint32_t party, std::uint64_t cycle, const std::vector<unsigned>& from,
                                 unsigned to, unsigned flits, Class of) {
    packets_ += from.size();
    offered_group(party) = {{from.front(), to, flits, of, kParty | party}, from, true};
    offers_.push(cycle, from.front(), kParty | party);
}

void FabricNoc::offer(std::uint64_t created, CycleQueue::Value number) {
    if ((number & kParty) == 0) {
        network_->offer(created, offered_[number]);
        return;
    }
    const Group& group = offered_groups_[number & ~kParty];
    if (group.reduction) {
        network_->offer_reduction(created, group.packet, group.ends);
    } else {
        network_->offer_multicast(created, group.packet, group.ends);
    }
}

void FabricNoc::call_at(std::uint64_t cycle, unsigned endpoint, std::uint32_t token) {
    calls_.push(cycle, endpoint, token);
}

std::uint64_t FabricNoc::pass_ahead(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) {
    return passed_.pass(cycle, from, to, flits);
}

void FabricNoc::come_to(std::uint64_t cycle) {
    calls_.come_to(cycle);
    passed_.come_to(cycle);
}

// Nothing is delivered while deliveries are read: what they cause enters the network later.
void FabricNoc::advance(std::uint64_t cycle) {
    if (offers_.next() < cycle) {
        offers_.drain(cycle - 1, [this](std::uint64_t created, CycleQueue::Value number) { offer(created, number); });
    }
    offers_.come_to(cycle);
    network_->advance(cycle);
    for (const FabricDelivery& delivery : network_->deliveries()) {
        hops_ += delivery.routers - 1;
        const auto number = static_cast<std::uint32_t>(delivery.packet.tag);
        if ((number & kParty) == 0) {
            arrived(number);
        } else {
            party_arrived(number & ~kParty, delivery.packet.destination);
        }
    }
    network_->clear_deliveries();
    calls_.drain(cycle, [this](std::uint64_t, CycleQueue::Value token) { called(token); });
}

std::uint64_t FabricNoc::next_cycle() const {
    const std::uint64_t offer = offers_.next();
    return std::min({network_->next_cycle(), calls_.next(), offer == CycleQueue::kNever ? offer : offer + 1});
}

void FabricNoc::set_door(unsigned endpoint, Class of, bool blocked) {
    if (held_[of][endpoint] != blocked) {
        held_[of][endpoint] = blocked;
        network_->hold(endpoint, of, blocked);
    }
}

std::uint64_t FabricNoc::busy_cycles(unsigned link) const {
    return (network_->link_flits(link) + passed_.link_flits(link)) * topology_.flit_cycles(link);
}

std::vector<AccessNoc::LinkUse> FabricNoc::links() const {
    std::vector<LinkUse> list;
    for (unsigned link = 0; link < topology_.all_links(); ++link) {
        list.push_back({topology_.signal_name(link), busy_cycles(link)});
    }
    return list;
}

void FabricNoc::report_links(Statistics& links) const {
    for (unsigned link = 0; link < topology_.all_links(); ++link) {
        Statistics& entry = links.child(topology_.signal_name(link));
        entry.set("busy_cycles", busy_cycles(link), "cycles");
        entry.set("flits", network_->link_flits(link) + passed_.link_flits(link), "flits");
        entry.set("contention", network_->link_contention(link), "cycles");
    }
}

void FabricNoc::add_waves(const WaveScope& scope) {
    link_waves_.add(topology_, scope);
    if (link_waves_.traced()) {
        network_->log_links(&link_waves_.log());
        passed_.log_links(&link_waves_.log());
    }
    AccessNoc::add_waves(scope);
}

} // namespace systolica
