// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A network of routers of any shape with virtual channels and finite buffers (machine/noc/fabric), flit by flit or
// packet by packet as the description says. Requests and responses are two classes of messages with virtual channels of
// their own. It sleeps until something can happen in the network: no clock. Packets enter it when the cycle in which
// they were created is over, in order of endpoints, so that nothing depends on the order of calls within a cycle. A
// network interface takes a flit a cycle from its tile or memory and keeps what the network does not take yet. Where a
// memory or a tile does not take what has arrived, the endpoint is held: packets of its class wait in the buffers of
// the routers and hold their links. b_transport passes packets ahead (machine/noc/fabric/passed_packets.h).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "machine/noc/cycle_queue.h"
#include "machine/noc/fabric/fabric_network.h"
#include "machine/noc/fabric/passed_packets.h"
#include "models/noc/access_noc.h"
#include "models/noc/link_waves.h"

namespace systolica {

class FabricNoc : public AccessNoc {
public:
    FabricNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock);

    std::uint64_t packets() const override { return packets_ + passed_.packets(); }
    std::uint64_t packet_hops() const override { return hops_ + passed_.packet_hops(); } // of packets that arrived
    std::vector<LinkUse> links() const override;
    void add_waves(const WaveScope& scope) override;

private:
    FabricNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock,
              const FabricConfig& fabric);

    std::uint64_t inject(std::uint32_t number, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits,
                         Class of) override;
    bool carries_groups() const override { return groups_; }
    void inject_multicast(std::uint32_t party, std::uint64_t cycle, unsigned from, const std::vector<unsigned>& to,
                          unsigned flits, Class of) override;
    void inject_reduction(std::uint32_t party, std::uint64_t cycle, const std::vector<unsigned>& from, unsigned to,
                          unsigned flits, Class of) override;
    std::uint64_t occupy(std::uint64_t cycle, unsigned from, unsigned flits) override;
    void call_at(std::uint64_t cycle, unsigned endpoint, std::uint32_t token) override;
    std::uint64_t pass_ahead(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) override;
    void come_to(std::uint64_t cycle) override;
    void advance(std::uint64_t cycle) override;
    std::uint64_t next_cycle() const override;
    void set_door(unsigned endpoint, Class of, bool blocked) override;
    bool holds_for(unsigned endpoint, Class of) const override { return held_[of][endpoint]; }
    void report_links(Statistics& links) const override;
    std::uint64_t busy_cycles(unsigned link) const;

    const FabricTopology topology_;
    const std::unique_ptr<FabricNetwork> network_;
    PassedPackets passed_;
    LinkWaves link_waves_;
    CycleQueue calls_;
    CycleQueue offers_;                 // packets created in a cycle that is not over
    std::vector<FabricPacket> offered_; // by number
    struct Group {
        FabricPacket packet;
        std::vector<unsigned> ends; // sources of a reduction, destinations of a multicast
        bool reduction = false;
    };
    Group& offered_group(std::uint32_t party);
    void offer(std::uint64_t created, CycleQueue::Value number);

    const bool groups_;
    std::vector<Group> offered_groups_;         // by party
    std::array<std::vector<bool>, 2> held_;     // endpoints, by class
    std::vector<std::uint64_t> interface_free_; // of each endpoint: the cycle in which it takes the next packet
    std::uint64_t packets_ = 0;
    std::uint64_t hops_ = 0;
};

} // namespace systolica
