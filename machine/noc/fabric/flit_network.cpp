// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/flit_network.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr unsigned kEndpointLink = 1; // cycles between an endpoint and its router

constexpr std::uint32_t kMostPackets = (1U << 29) - 1; // what a flit can name

// The last part of a network interface's way into its router, and of a credit's way back.
constexpr unsigned kInterfaceCycles = 1;

unsigned longest_link(const FabricTopology& topology) {
    unsigned longest = kEndpointLink;
    for (unsigned id = 0; id < topology.links(); ++id) {
        longest = std::max(longest, topology.link(id).latency_cycles + topology.link(id).flit_cycles);
    }
    return longest;
}

std::uint32_t port_of(const std::vector<unsigned>& list, unsigned id) {
    return static_cast<std::uint32_t>(std::find(list.begin(), list.end(), id) - list.begin());
}

} // namespace

FlitLevelNetwork::FlitLevelNetwork(const FabricConfig& config)
    : config_(config),
      topology_(config.shape),
      routes_(topology_, config.routing, config.seed),
      pipeline_(RouterPipeline::of(config.router_cycles)),
      wires_(longest_link(topology_) + pipeline_.transfer_cycles + config.credit_cycles + kInterfaceCycles +
             config.combine_cycles),
      order_(topology_.endpoints(), config.message_classes),
      out_port_(topology_.links()),
      inject_port_(topology_.endpoints() + topology_.routers()),
      eject_port_(topology_.endpoints()),
      sources_(inject_port_.size()),
      held_(std::size_t{topology_.endpoints()} * config.message_classes),
      is_busy_(topology_.routers()) {
    for (Source& source : sources_) {
        source.lanes.resize(config.message_classes);
        source.credits.assign(config.virtual_channels, config.buffer_flits);
    }
    make_routers();
}

void FlitLevelNetwork::make_routers() {
    const unsigned vcs = config_.virtual_channels;
    const unsigned credit = kInterfaceCycles + config_.credit_cycles;
    for (unsigned id = 0; id < topology_.links(); ++id) {
        out_port_[id] = port_of(topology_.links_of(topology_.link(id).from), id);
    }
    for (unsigned router = 0; router < topology_.routers(); ++router) {
        std::vector<FlitRouter::Input> inputs;
        std::vector<FlitRouter::Output> outputs;
        for (const unsigned id : topology_.links_into(router)) {
            const FabricLink& link = topology_.link(id);
            inputs.push_back({{link.from, out_port_[id] * vcs}, link.latency_cycles + credit});
        }
        for (const unsigned id : topology_.links_of(router)) {
            const FabricLink& link = topology_.link(id);
            const std::uint32_t port = port_of(topology_.links_into(link.to), id);
            const unsigned delay = pipeline_.transfer_cycles + link.latency_cycles + link.flit_cycles - 1;
            outputs.push_back({{link.to, port * vcs}, delay, link.flit_cycles});
        }
        for (const unsigned endpoint : topology_.endpoints_of(router)) {
            const unsigned node = topology_.routers() + endpoint;
            inject_port_[endpoint] = static_cast<unsigned>(inputs.size());
            eject_port_[endpoint] = static_cast<unsigned>(outputs.size());
            inputs.push_back({{node, 0}, kInterfaceCycles + kEndpointLink});
            outputs.push_back({{node, 0}, pipeline_.transfer_cycles + kEndpointLink, 1});
        }
        inject_port_[adder(router)] = static_cast<unsigned>(inputs.size());
        inputs.push_back({{topology_.routers() + adder(router), 0}, 1});
        routers_.emplace_back(router, config_, std::move(inputs), std::move(outputs));
    }
}

std::uint32_t FlitLevelNetwork::new_packet(std::uint64_t cycle, const FabricPacket& packet) {
    std::uint32_t id = static_cast<std::uint32_t>(packets_.size());
    if (free_.empty()) {
        packets_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    Packet& p = packets_[id];
    p = {};
    p.delivery.packet = packet;
    p.delivery.created = cycle;
    return id;
}

void FlitLevelNetwork::offer(std::uint64_t cycle, const FabricPacket& packet) {
    const std::uint32_t id = new_packet(cycle, packet);
    Packet& p = packets_[id];
    p.number = order_.number(packet);
    p.state = routes_.start(packet);
    send_at(cycle, id);
}

void FlitLevelNetwork::send_at(std::uint64_t cycle, std::uint32_t packet) {
    if (cycle <= now_) {
        create(packet);
    } else {
        offered_.push({cycle, (offers_++ << 32) | packet});
    }
}

void FlitLevelNetwork::create(std::uint32_t packet) {
    queue(packets_[packet].delivery.packet.source, packet);
}

void FlitLevelNetwork::queue(unsigned from, std::uint32_t packet) {
    Source& source = sources_[from];
    source.lanes[packets_[packet].delivery.packet.message_class].packets.push_back(packet);
    if (!source.listed) {
        source.listed = true;
        sending_.push_back(from);
    }
}

std::uint64_t FlitLevelNetwork::next_cycle() const {
    if (working()) {
        return now_ + 1;
    }
    return std::min(wires_.next(now_), offered_.empty() ? kNever : offered_.top().first);
}

void FlitLevelNetwork::advance(std::uint64_t cycle) {
    while (now_ < cycle) {
        close_cycle();
        now_ = std::min(next_cycle(), cycle);
        open_cycle();
    }
}

void FlitLevelNetwork::open_cycle() {
    for (std::size_t i = 0; i < draining_.size();) {
        Held& held = held_[draining_[i]];
        if (!held.held && !held.flits.empty()) {
            const auto [flit, vc] = held.flits.front();
            held.flits.pop_front();
            sink(draining_[i] / config_.message_classes, flit, vc);
        }
        if (held.held || held.flits.empty()) {
            draining_.erase(draining_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    wires_.take(
        now_, [this](FlitWires::Place place, Flit flit) { take_flit(place, flit); },
        [this](FlitWires::Place place) { take_credit(place); });
    while (!offered_.empty() && offered_.top().first <= now_) {
        create(static_cast<std::uint32_t>(offered_.top().second));
        offered_.pop();
    }
}

void FlitLevelNetwork::close_cycle() {
    const auto idle = [this](unsigned from) { return !send_from(from); };
    sending_.erase(std::remove_if(sending_.begin(), sending_.end(), idle), sending_.end());
    const auto done = [this](unsigned router) {
        routers_[router].evaluate(now_, *this, wires_);
        is_busy_[router] = routers_[router].busy();
        return !is_busy_[router];
    };
    busy_.erase(std::remove_if(busy_.begin(), busy_.end(), done), busy_.end());
    if (log_ != nullptr) {
        log_cycle();
    }
}

// One flit of the next message class that can send one; false when nothing is left to send.
bool FlitLevelNetwork::send_from(unsigned from) {
    Source& source = sources_[from];
    const unsigned classes = config_.message_classes;
    for (unsigned i = 0; i < classes; ++i) {
        const unsigned message_class = (source.turn + i) % classes;
        Lane& lane = source.lanes[message_class];
        if (!lane.packets.empty() && send_flit(from, lane, message_class)) {
            source.turn = (message_class + 1) % classes;
            break;
        }
    }
    source.listed =
        std::any_of(source.lanes.begin(), source.lanes.end(), [](const Lane& l) { return !l.packets.empty(); });
    return source.listed;
}

// A new packet takes the next virtual channel with room after that of the packet before.
bool FlitLevelNetwork::find_channel(const Source& source, Lane& lane, unsigned message_class) const {
    const VcRange range = vc_range(config_, 1, message_class, 0);
    for (unsigned i = 1; i <= range.count; ++i) {
        const std::uint32_t vc = range.first + (lane.vc + i) % range.count;
        if (source.credits[vc] != 0) {
            lane.vc = vc - range.first;
            return true;
        }
    }
    return false;
}

bool FlitLevelNetwork::send_flit(unsigned from, Lane& lane, unsigned message_class) {
    Source& source = sources_[from];
    const std::uint32_t id = lane.packets.front();
    Packet& packet = packets_[id];
    const bool adds = from >= topology_.endpoints();
    if (adds && !has_flit(packet)) {
        return false;
    }
    if (packet.sent == 0 && !find_channel(source, lane, message_class)) {
        return false;
    }
    const std::uint32_t vc = vc_range(config_, 1, message_class, 0).first + lane.vc;
    if (source.credits[vc] == 0) {
        return false;
    }
    --source.credits[vc];
    const bool head = packet.sent == 0;
    const bool tail = ++packet.sent == packet.delivery.packet.flits;
    ++source.flits;
    const std::uint32_t slot = inject_port_[from] * config_.virtual_channels + vc;
    const unsigned router = adds ? from - topology_.endpoints() : topology_.router_of(from);
    wires_.send(now_ + (adds ? config_.combine_cycles : kInterfaceCycles + kEndpointLink), {router, slot},
                {id & kMostPackets, head, tail, packet.joins});
    if (tail) {
        lane.packets.pop_front();
    }
    return true;
}

void FlitLevelNetwork::take_flit(FlitWires::Place place, Flit flit) {
    if (flit.joins) {
        join(place, flit);
        return;
    }
    if (place.node < topology_.routers()) {
        routers_[place.node].arrive(now_, place.slot, flit, *this);
        if (!is_busy_[place.node]) {
            is_busy_[place.node] = true;
            busy_.push_back(place.node);
        }
        return;
    }
    const unsigned endpoint = place.node - topology_.routers();
    Held& held = held_at(endpoint, packets_[flit.packet].delivery.packet.message_class);
    if (held.held || !held.flits.empty()) {
        held.flits.emplace_back(flit, place.slot);
    } else {
        sink(endpoint, flit, place.slot);
    }
}

void FlitLevelNetwork::take_credit(FlitWires::Place place) {
    if (place.node < topology_.routers()) {
        routers_[place.node].credit(place.slot);
    } else {
        ++sources_[place.node - topology_.routers()].credits[place.slot];
    }
}

void FlitLevelNetwork::sink(unsigned endpoint, Flit flit, std::uint32_t vc) {
    const std::uint32_t slot = eject_port_[endpoint] * config_.virtual_channels + vc;
    wires_.credit(now_ + kEndpointLink + kInterfaceCycles + config_.credit_cycles,
                  {topology_.router_of(endpoint), slot});
    if (flit.tail) {
        Packet& packet = packets_[flit.packet];
        if (packet.group != PacketGroups::kNone) {
            groups_.arrive(packet.group, packet.node, packet.delivery.packet.flits, now_, order_, deliveries_);
        } else {
            packet.delivery.arrived = now_;
            order_.arrive(packet.delivery, packet.number, deliveries_);
        }
        free_.push_back(flit.packet);
    }
}

void FlitLevelNetwork::hold(unsigned endpoint, unsigned message_class, bool held) {
    Held& h = held_at(endpoint, message_class);
    const unsigned place = endpoint * config_.message_classes + message_class;
    if (!held && !h.flits.empty() && std::find(draining_.begin(), draining_.end(), place) == draining_.end()) {
        draining_.push_back(place);
    }
    h.held = held;
}

unsigned FlitLevelNetwork::ways(unsigned router, std::uint32_t packet, FlitWay* ways) const {
    const Packet& p = packets_[packet];
    const FabricPacket& what = p.delivery.packet;
    if (p.group != PacketGroups::kNone) {
        const TreeNode& node = groups_[p.group].tree.node(p.node);
        ways[0] = way_of(p, node.on.front());
        return node.on.size() == 1 ? 1 : 0;
    }
    const unsigned target = topology_.router_of(what.destination);
    const auto way = [](unsigned port, VcRange range, RouteState state) {
        return FlitWay{static_cast<std::uint16_t>(port), static_cast<std::uint16_t>(range.first),
                       static_cast<std::uint16_t>(range.count), state, false};
    };
    if (router == target) { // endpoints always take what comes: no class waits for another there
        ways[0] = way(eject_port_[what.destination], vc_range(config_, 1, what.message_class, 0), p.state);
        return 1;
    }
    unsigned count = 0;
    for (const RouteChoice& choice : routes_.routing().next(router, target, p.state)) {
        const VcRange range = vc_range(config_, routes_.routing().classes(), what.message_class, choice.vc_class);
        ways[count++] = way(out_port_[choice.link], range, choice.state);
    }
    return count;
}

void FlitLevelNetwork::left(std::uint32_t packet, RouteState state) {
    Packet& p = packets_[packet];
    p.state = state;
    ++p.delivery.routers;
    if (p.group != PacketGroups::kNone) {
        p.node = groups_[p.group].tree.node(p.node).on.front().to;
    }
}

} // namespace systolica
