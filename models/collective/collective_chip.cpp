// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/collective/collective_chip.h"

#include <algorithm>

#include "machine/chip_link/chip_address.h"
#include "models/tlm/clock_edges.h"

namespace systolica {

namespace {

std::uint64_t largest_message(const CollectiveSchedule& schedule) {
    std::uint64_t most = 0;
    for (const CollectiveMessage& message : schedule) {
        most = std::max(most, message.bytes);
    }
    return most;
}

constexpr std::uint64_t kNever = ~std::uint64_t{0};

} // namespace

CollectiveProgram::CollectiveProgram(const ChipNetwork& chip_network, const CollectiveSchedule& messages,
                                     const Reduction& adding)
    : network(chip_network),
      schedule(messages),
      reduction(adding),
      dependencies(messages),
      payloads(largest_message(messages)) {}

CollectiveChip::CollectiveChip(const sc_core::sc_module_name& name, const Params& params, CollectiveProgram& program)
    : sc_module(name),
      link_out("link_out", params.out_links.size()),
      link_in("link_in", params.in_links),
      chip_(params.chip),
      program_(program),
      out_links_(params.out_links),
      ports_(params.out_links.size()) {
    for (std::size_t i = 0; i < link_out.size(); ++i) {
        link_out[i].register_nb_transport_bw(this, &CollectiveChip::take_answer, static_cast<int>(i));
    }
    for (std::size_t i = 0; i < link_in.size(); ++i) {
        link_in[i].register_nb_transport_fw(this, &CollectiveChip::take_message, static_cast<int>(i));
        link_in[i].register_b_transport(this, &CollectiveChip::take_blocking, static_cast<int>(i));
    }
    SC_HAS_PROCESS(CollectiveChip);
    SC_METHOD(work);
    sensitive << wake_;
}

void CollectiveChip::start(std::uint32_t message) {
    queue(message, 0);
}

void CollectiveChip::queue(std::uint32_t message, std::uint64_t at_ps) {
    const CollectiveMessage& what = program_.schedule[message];
    const unsigned link = program_.network.link_towards(chip_, what.to, what.side);
    const auto port = std::find(out_links_.begin(), out_links_.end(), link) - out_links_.begin();
    ports_[static_cast<std::size_t>(port)].ready.insert({at_ps, message});
}

tlm::tlm_sync_enum CollectiveChip::take_message(int /*id*/, Payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    arrived(static_cast<std::uint32_t>(address_on_chip(payload.get_address())), now_ps() + delay.value());
    return tlm::TLM_COMPLETED;
}

void CollectiveChip::take_blocking(int /*id*/, Payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    arrived(static_cast<std::uint32_t>(address_on_chip(payload.get_address())), now_ps() + delay.value());
}

void CollectiveChip::arrived(std::uint32_t message, std::uint64_t at_ps) {
    const CollectiveMessage& what = program_.schedule[message];
    if (what.to != chip_) {
        queue(message, at_ps);
    } else {
        if (what.reduces) {
            unit_free_ps_ = std::max(unit_free_ps_, at_ps) + program_.reduction.ps(what.bytes);
        }
        added_.push_back({message, what.reduces ? unit_free_ps_ : at_ps});
    }
    wake_.notify(sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum CollectiveChip::take_answer(int port, Payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
    Port& from = ports_[static_cast<std::size_t>(port)];
    if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    if (from.open) {
        from.open = false;
        from.free_ps = now_ps() + delay.value();
        wake_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase == tlm::END_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    finish(payload);
    return tlm::TLM_COMPLETED;
}

void CollectiveChip::finish(Payload& payload) {
    program_.errors += payload.is_response_error() ? 1 : 0;
    payload.release();
}

void CollectiveChip::work() {
    const std::uint64_t now = now_ps();
    std::uint64_t wake = kNever;
    while (!added_.empty() && added_.front().at_ps <= now) {
        ++program_.done;
        program_.end_ps = std::max(program_.end_ps, now);
        program_.dependencies.received(added_.front().message, [&](std::uint32_t next) { queue(next, now); });
        added_.pop_front();
    }
    if (!added_.empty()) {
        wake = added_.front().at_ps;
    }
    for (std::size_t port = 0; port < ports_.size(); ++port) {
        while (!ports_[port].ready.empty() && !ports_[port].open && ports_[port].free_ps <= now) {
            send(port, now);
        }
        if (!ports_[port].ready.empty() && !ports_[port].open) {
            wake = std::min(wake, ports_[port].free_ps);
        }
    }
    if (wake != kNever) {
        wake_.notify(until_ps(wake));
    }
}

void CollectiveChip::send(std::size_t number, std::uint64_t now) {
    Port& port = ports_[number];
    const std::uint32_t message = port.ready.begin()->second;
    port.ready.erase(port.ready.begin());
    const CollectiveMessage& what = program_.schedule[message];
    Payload& payload = program_.payloads.acquire(tlm::TLM_WRITE_COMMAND, system_address(what.to, message),
                                                 static_cast<std::uint32_t>(what.bytes));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum answer = link_out[number]->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_ACCEPTED) {
        port.open = true;
        return;
    }
    port.free_ps = now + delay.value();
    if (answer == tlm::TLM_COMPLETED) {
        finish(payload);
    } else if (phase == tlm::BEGIN_RESP) {
        phase = tlm::END_RESP;
        link_out[number]->nb_transport_fw(payload, phase, delay);
        finish(payload);
    }
}

} // namespace systolica
