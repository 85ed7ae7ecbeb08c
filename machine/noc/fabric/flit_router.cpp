// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/noc/fabric/flit_router.h"

#include <algorithm>
#include <utility>

namespace systolica {

namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

} // namespace

FlitRouter::Switch::Switch(std::size_t inputs, std::size_t outputs)
    : outputs_(outputs),
      cells_(inputs * outputs, kNone),
      allocator_(static_cast<unsigned>(inputs), static_cast<unsigned>(outputs)) {}

void FlitRouter::Switch::ask(std::uint32_t input, std::uint32_t output, std::uint32_t vc, std::uint32_t turn) {
    std::uint32_t& asking = cells_[cell(input, output)];
    if (asking == kNone) {
        asked_.push_back({input, output});
        allocator_.request(input, output);
        asking = vc;
    } else if (nearer(vc, asking, turn)) {
        asking = vc;
    }
}

const std::vector<SeparableAllocator::Match>& FlitRouter::Switch::allocate() {
    return allocator_.allocate();
}

void FlitRouter::Switch::forget() {
    for (const SeparableAllocator::Match& a : asked_) {
        cells_[cell(a.input, a.output)] = kNone;
    }
    asked_.clear();
}

FlitRouter::FlitRouter(unsigned id, const FabricConfig& config, std::vector<Input> inputs, std::vector<Output> outputs)
    : id_(id),
      vcs_(config.virtual_channels),
      depth_(config.buffer_flits),
      pipeline_(RouterPipeline::of(config.router_cycles)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)),
      inputs_vcs_(inputs_.size() * vcs_),
      outputs_vcs_(outputs_.size() * vcs_, {depth_, false}),
      buffers_(inputs_vcs_.size() * depth_),
      output_free_(outputs_.size()),
      carried_(outputs_.size()),
      contention_(outputs_.size()),
      channels_(static_cast<unsigned>(inputs_vcs_.size()), static_cast<unsigned>(outputs_vcs_.size())),
      switch_(inputs_.size(), outputs_.size()),
      speculation_(inputs_.size(), outputs_.size()),
      turns_(inputs_.size()),
      switched_in_(inputs_.size()),
      switched_out_(outputs_.size()),
      input_turns_(inputs_.size()),
      output_turns_(outputs_.size()),
      channel_turns_(outputs_.size()) {}

void FlitRouter::arrive(std::uint64_t now, std::uint32_t slot, Flit flit, FlitRoutes& routes) {
    InputVc& vc = inputs_vcs_[slot];
    std::uint32_t place = vc.first + vc.filled;
    place = place < depth_ ? place : place - depth_;
    buffers_[slot * depth_ + place] = flit;
    ++vc.filled;
    if (vc.state == State::idle) {
        start_packet(slot, now, routes);
    } else if (vc.state == State::active && vc.filled == 1) {
        active_.push_back(slot);
    }
}

// The head of a packet has come to the front.
void FlitRouter::start_packet(std::uint32_t slot, std::uint64_t ready, FlitRoutes& routes) {
    InputVc& vc = inputs_vcs_[slot];
    vc.state = State::waiting;
    vc.ready = ready + pipeline_.route_cycles;
    vc.ways = static_cast<std::uint8_t>(routes.ways(id_, front(slot).packet, vc.way_of));
    vc.way = 0;
    if (vc.ways == 0) {
        start_fork(slot, routes);
        return;
    }
    if (!vc.listed) { // a packet that has come and gone within this cycle still is
        vc.listed = true;
        waiting_.push_back(slot);
    }
}

// An adaptive packet asks where most room is in virtual channels that are free.
void FlitRouter::choose_way(InputVc& vc) const {
    std::uint32_t most = 0;
    for (std::uint8_t w = 0; w < vc.ways; ++w) {
        const FlitWay& way = vc.way_of[w];
        std::uint32_t room = 0;
        for (std::uint32_t c = way.port * vcs_ + way.first_vc; c < way.port * vcs_ + way.first_vc + way.vcs; ++c) {
            room += outputs_vcs_[c].taken ? 0 : outputs_vcs_[c].credits + 1;
        }
        if (room > most) {
            most = room;
            vc.way = w;
        }
    }
}

bool FlitRouter::may_speculate(const FlitWay& way) const {
    const std::uint32_t first = way.port * vcs_ + way.first_vc;
    return std::any_of(outputs_vcs_.begin() + first, outputs_vcs_.begin() + first + way.vcs,
                       [](const OutputVc& vc) { return !vc.taken && vc.credits != 0; });
}

void FlitRouter::evaluate(std::uint64_t now, FlitRoutes& routes, FlitWires& wires) {
    if (!forks_.empty()) {
        serve_forks(now, routes, wires);
    }
    ask_for_channels(now);
    ask_for_switch(now);
    take_channels();
    take_switch(now, routes, wires);
    forget_done();
    for (const std::uint32_t channel : left_by_forks_) {
        outputs_vcs_[channel].taken = false;
    }
    left_by_forks_.clear();
}

void FlitRouter::ask_for_channels(std::uint64_t now) {
    for (const std::uint32_t slot : waiting_) {
        InputVc& vc = inputs_vcs_[slot];
        if (vc.ready > now) {
            continue;
        }
        if (vc.ways > 1) {
            choose_way(vc);
        }
        const FlitWay& way = vc.way_of[vc.way];
        const std::uint32_t first = way.port * vcs_ + way.first_vc;
        for (std::uint32_t c = first; c < first + way.vcs; ++c) {
            if (!outputs_vcs_[c].taken) {
                channels_.request(slot, c);
            }
        }
        if (pipeline_.speculative && output_free_[way.port] <= now && may_speculate(way)) {
            const std::uint32_t input = slot / vcs_;
            speculation_.ask(input, way.port, slot - input * vcs_, turns_[input]);
        }
    }
}

void FlitRouter::ask_for_switch(std::uint64_t now) {
    for (const std::uint32_t slot : active_) {
        const std::uint32_t channel = inputs_vcs_[slot].output;
        const std::uint32_t output = channel / vcs_;
        if (outputs_vcs_[channel].credits != 0 && output_free_[output] <= now) {
            const std::uint32_t input = slot / vcs_;
            if (switched_in_[input] == now + 1) { // by a fork
                continue;
            }
            switch_.ask(input, output, slot - input * vcs_, turns_[input]);
        }
    }
}

// These may ask for the switch from the next cycle on, except speculatively.
void FlitRouter::take_channels() {
    for (const auto& [slot, channel] : channels_.allocate()) {
        inputs_vcs_[slot].state = State::active;
        inputs_vcs_[slot].output = channel;
        outputs_vcs_[channel].taken = true;
        active_.push_back(slot);
    }
}

void FlitRouter::take_switch(std::uint64_t now, FlitRoutes& routes, FlitWires& wires) {
    for (const auto& match : switch_.allocate()) {
        const std::uint32_t vc = switch_.vc(match);
        turns_[match.input] = vc + 1 < vcs_ ? vc + 1 : 0;
        switched_in_[match.input] = now + 1; // 0 is never
        switched_out_[match.output] = now + 1;
        send(now, match.input * vcs_ + vc, routes, wires);
    }
    switch_.forget();
    if (!pipeline_.speculative) {
        return;
    }
    for (const auto& match : speculation_.allocate()) {
        if (switched_in_[match.input] == now + 1 || switched_out_[match.output] == now + 1) {
            continue;
        }
        const std::uint32_t vc = speculation_.vc(match);
        turns_[match.input] = vc + 1 < vcs_ ? vc + 1 : 0;
        const std::uint32_t slot = match.input * vcs_ + vc;
        const InputVc& in = inputs_vcs_[slot];
        if (in.state == State::active && outputs_vcs_[in.output].credits != 0) {
            send(now, slot, routes, wires);
        }
    }
    speculation_.forget();
}

void FlitRouter::send(std::uint64_t now, std::uint32_t slot, FlitRoutes& routes, FlitWires& wires) {
    InputVc& vc = inputs_vcs_[slot];
    Flit flit = front(slot);
    flit.joins = vc.way_of[vc.way].joins ? 1U : 0U;
    const std::uint32_t port = vc.output / vcs_;
    const Output& out = outputs_[port];
    const Input& in = inputs_[slot / vcs_];
    wires.send(now + out.delay, {out.place.node, out.place.slot + vc.output % vcs_}, flit);
    wires.credit(now + in.delay, {in.place.node, in.place.slot + slot % vcs_});
    ++carried_[port];
    output_free_[port] = now + out.flit_cycles;
    --outputs_vcs_[vc.output].credits;
    vc.first = vc.first + 1 < depth_ ? vc.first + 1 : 0;
    --vc.filled;
    if (flit.head) {
        contention_[port] += now - (vc.ready + (pipeline_.speculative ? 0 : 1));
        routes.left(flit.packet, vc.way_of[vc.way].state);
    }
    if (flit.tail) {
        outputs_vcs_[vc.output].taken = false;
        vc.state = State::idle;
        if (vc.filled != 0) {
            start_packet(slot, now + 1, routes);
        }
    }
}

void FlitRouter::pass_buffer(std::uint64_t now, std::uint32_t slot, FlitWires& wires) const {
    const Input& in = inputs_[slot / vcs_];
    wires.credit(now + in.delay, {in.place.node, in.place.slot + slot % vcs_});
}

void FlitRouter::forget_done() {
    const auto forget = [this](std::vector<std::uint32_t>& slots, auto&& done) {
        slots.erase(std::remove_if(slots.begin(), slots.end(), [&](std::uint32_t s) { return done(inputs_vcs_[s]); }),
                    slots.end());
    };
    forget(waiting_, [](InputVc& vc) {
        vc.listed = vc.state == State::waiting;
        return !vc.listed;
    });
    forget(active_, [](const InputVc& vc) { return vc.state != State::active || vc.filled == 0; });
}

} // namespace systolica
