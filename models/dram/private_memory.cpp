// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/private_memory.h"

#include <algorithm>

#include "models/dram/request_check.h"

namespace systolica {

PrivateMemory::PrivateMemory(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      clock_(params.clock),
      edges_(params.clock),
      interfaces_{Interface(params.bits_per_cycle[0]), Interface(params.bits_per_cycle[1]),
                  Interface(params.bits_per_cycle[2]), Interface(params.bits_per_cycle[3])} {
    static_assert(kPads == 4);
    mem_in.register_nb_transport_fw(this, &PrivateMemory::request);
    mem_in.register_b_transport(this, &PrivateMemory::access);
}

tlm::tlm_sync_enum PrivateMemory::request(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
        access(payload, delay);
        return tlm::TLM_COMPLETED;
    }
    if (!ProtocolErrors::extended(phase)) {
        errors_.add(*this, &payload, phase, "on the forward path", "BEGIN_REQ, which is completed at once");
    }
    return tlm::TLM_ACCEPTED;
}

void PrivateMemory::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    payload.set_response_status(check_attributes(payload));
    if (payload.is_response_error()) {
        return;
    }
    const std::uint64_t bytes = touched_bytes(payload);
    const std::optional<Pad> pad = private_port_of(payload.get_address(), bytes);
    if (!pad) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    Interface& interface = interfaces_[static_cast<std::size_t>(*pad)];
    DramCounters& counters = interface.counters;
    ++(payload.is_write() ? counters.writes : counters.reads);
    (payload.is_write() ? counters.write_bytes : counters.read_bytes) += bytes;
    counters.bus_bytes += bytes;
    const std::uint64_t begin = std::max(edges_.cycle_after(delay), interface.port.free_at());
    const std::uint64_t end = interface.port.reserve(begin, payload.get_address(), bytes, payload.is_write());
    note(interface, begin, end);
    delay = edges_.until(end);
}

DramCounters PrivateMemory::counters() const {
    DramCounters sum;
    for (const Interface& interface : interfaces_) {
        sum += interface.counters;
    }
    return sum;
}

void PrivateMemory::report(Statistics& statistics) const {
    for (std::size_t i = 0; i < kPads; ++i) {
        Statistics& node = statistics.child(pad_name(static_cast<Pad>(i)));
        const DramCounters& counters = interfaces_[i].counters;
        node.set("reads", counters.reads, "requests");
        node.set("writes", counters.writes, "requests");
        node.set("read_bytes", counters.read_bytes, "bytes");
        node.set("write_bytes", counters.write_bytes, "bytes");
        node.set("busy_cycles", interfaces_[i].port.busy_cycles(), "cycles");
    }
}

void PrivateMemory::note(Interface& interface, std::uint64_t begin, std::uint64_t end) {
    if (!interface.busy_wave.traced() || begin == end) {
        return;
    }
    if (!interface.unshown.empty() && interface.unshown.back().end == begin) {
        interface.unshown.back().end = end;
    } else {
        interface.unshown.push_back({begin, end});
    }
}

std::uint64_t PrivateMemory::next_change_ps() {
    std::uint64_t next = kNever;
    for (const Interface& interface : interfaces_) {
        next = std::min(next, interface.next_change());
    }
    return next == kNever ? kNever : clock_.edge_ps(next);
}

void PrivateMemory::show_next() {
    std::uint64_t next = kNever;
    for (const Interface& interface : interfaces_) {
        next = std::min(next, interface.next_change());
    }
    for (Interface& interface : interfaces_) {
        if (interface.next_change() == next) {
            interface.shown_busy = !interface.shown_busy;
            interface.busy_wave.set(clock_.edge_ps(next), interface.shown_busy ? 1 : 0);
            if (!interface.shown_busy) {
                interface.unshown.pop_front();
            }
        }
    }
}

void PrivateMemory::add_waves(const WaveScope& scope) {
    bool traced = false;
    for (std::size_t i = 0; i < kPads; ++i) {
        interfaces_[i].busy_wave = scope.child(pad_name(static_cast<Pad>(i))).add("busy");
        traced = traced || interfaces_[i].busy_wave.traced();
    }
    if (traced) {
        scope.add_source(*this);
    }
}

} // namespace systolica
