// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Packets that go on over several outputs of a router.

#include <algorithm>
#include <utility>

#include "machine/noc/fabric/flit_router.h"

namespace systolica {

void FlitRouter::start_fork(std::uint32_t slot, FlitRoutes& routes) {
    InputVc& vc = inputs_vcs_[slot];
    vc.state = State::forking;
    Fork fork;
    fork.slot = slot;
    fork.ready = vc.ready;
    fork.packet = front(slot).packet;
    std::vector<FlitBranch> branches;
    routes.branches(fork.packet, branches);
    for (const FlitBranch& b : branches) {
        Branch branch;
        branch.way = b.way;
        branch.packet = b.packet;
        fork.branches.push_back(branch);
    }
    forks_.push_back(std::move(fork));
}

void FlitRouter::serve_forks(std::uint64_t now, FlitRoutes& routes, FlitWires& wires) {
    note_others(now);
    std::vector<Fork> forks;
    forks.swap(forks_); // behind a fork that is done another may start
    std::size_t kept = 0;
    for (Fork& fork : forks) {
        serve_fork(now, fork, wires);
        if (!free_buffer(now, fork, routes, wires)) {
            std::swap(forks[kept++], fork);
        }
    }
    forks.resize(kept);
    forks.insert(forks.end(), std::make_move_iterator(forks_.begin()), std::make_move_iterator(forks_.end()));
    forks_ = std::move(forks);
}

// What other packets could use in this cycle.
void FlitRouter::note_others(std::uint64_t now) {
    for (const std::uint32_t slot : waiting_) {
        const InputVc& vc = inputs_vcs_[slot];
        for (std::uint8_t w = 0; vc.ready <= now && w < vc.ways; ++w) {
            if (may_speculate(vc.way_of[w])) {
                channel_turns_[vc.way_of[w].port].wanted = now + 1;
            }
        }
    }
    for (const std::uint32_t slot : active_) {
        const std::uint32_t output = inputs_vcs_[slot].output;
        if (outputs_vcs_[output].credits != 0 && output_free_[output / vcs_] <= now) {
            input_turns_[slot / vcs_].wanted = now + 1;
            output_turns_[output / vcs_].wanted = now + 1;
        }
    }
}

void FlitRouter::serve_fork(std::uint64_t now, Fork& fork, FlitWires& wires) {
    if (fork.ready > now) {
        return;
    }
    for (Branch& branch : fork.branches) {
        if (!branch.taken) {
            take_channel(now, branch);
        }
    }
    const std::uint32_t input = fork.slot / vcs_;
    const auto ready = [&](const Branch& branch) { return can_send(now, fork, branch); };
    if (switched_in_[input] == now + 1 || std::none_of(fork.branches.begin(), fork.branches.end(), ready) ||
        !input_turns_[input].forks_turn(now)) {
        return;
    }
    for (Branch& branch : fork.branches) {
        if (ready(branch) && output_turns_[branch.way.port].forks_turn(now)) {
            switched_in_[input] = now + 1;
            send_copy(now, fork, branch, wires);
        }
    }
}

void FlitRouter::take_channel(std::uint64_t now, Branch& branch) {
    const std::uint32_t first = branch.way.port * vcs_ + branch.way.first_vc;
    std::uint32_t best = first + branch.way.vcs;
    for (std::uint32_t c = first; c < first + branch.way.vcs; ++c) {
        const bool better = best == first + branch.way.vcs || outputs_vcs_[c].credits > outputs_vcs_[best].credits;
        if (!outputs_vcs_[c].taken && better) {
            best = c;
        }
    }
    if (best != first + branch.way.vcs && channel_turns_[branch.way.port].forks_turn(now)) {
        outputs_vcs_[best].taken = true;
        branch.taken = true;
        branch.output = best;
        branch.from = now + (pipeline_.speculative ? 0 : 1);
    }
}

bool FlitRouter::can_send(std::uint64_t now, const Fork& fork, const Branch& branch) const {
    return branch.taken && !branch.done && branch.from <= now && output_free_[branch.way.port] <= now &&
           outputs_vcs_[branch.output].credits != 0 && branch.sent - fork.gone < inputs_vcs_[fork.slot].filled;
}

void FlitRouter::send_copy(std::uint64_t now, const Fork& fork, Branch& branch, FlitWires& wires) {
    const InputVc& vc = inputs_vcs_[fork.slot];
    std::uint32_t place = vc.first + (branch.sent - fork.gone);
    place = place < depth_ ? place : place - depth_;
    Flit flit = buffers_[fork.slot * depth_ + place];
    flit.packet = branch.packet & ((1U << 29) - 1);
    const std::uint32_t port = branch.way.port;
    const Output& out = outputs_[port];
    wires.send(now + out.delay, {out.place.node, out.place.slot + branch.output % vcs_}, flit);
    switched_out_[port] = now + 1;
    output_free_[port] = now + out.flit_cycles;
    ++carried_[port];
    if (flit.head) {
        contention_[port] += now - (fork.ready + (pipeline_.speculative ? 0 : 1));
    }
    --outputs_vcs_[branch.output].credits;
    ++branch.sent;
    if (flit.tail) {
        left_by_forks_.push_back(branch.output);
        branch.done = true;
    }
}

// Flits that all branches have taken leave the buffer; true when the tail has.
bool FlitRouter::free_buffer(std::uint64_t now, Fork& fork, FlitRoutes& routes, FlitWires& wires) {
    InputVc& vc = inputs_vcs_[fork.slot];
    std::uint32_t taken = fork.branches.front().sent;
    for (const Branch& branch : fork.branches) {
        taken = std::min(taken, branch.sent);
    }
    bool tail = false;
    for (; fork.gone < taken; ++fork.gone) {
        tail = front(fork.slot).tail;
        pass_buffer(now, fork.slot, wires);
        vc.first = vc.first + 1 < depth_ ? vc.first + 1 : 0;
        --vc.filled;
    }
    if (tail) {
        routes.copied(fork.packet);
        vc.state = State::idle;
        if (vc.filled != 0) {
            start_packet(fork.slot, now + 1, routes);
        }
    }
    return tail;
}

} // namespace systolica
