// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Memory with a private interface for each scratchpad group of one tile (machine/dram/private_port.h): the time of a
// burst follows from what its interface has been asked for before, in order. Data are not kept.
//
// Nothing can overtake, so that the end of a burst is known when it comes: nb_transport answers with TLM_COMPLETED and
// the time until then, as b_transport does; the initiator's own limits bound what is in flight. No events.
#pragma once

#include <array>
#include <deque>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/dram/counters.h"
#include "machine/dram/private_port.h"
#include "models/dram/protocol_errors.h"
#include "models/tlm/clock_edges.h"

namespace systolica {

class PrivateMemory : public sc_core::sc_module, private WaveSource {
public:
    struct Params {
        Clock clock;
        std::array<unsigned, kPads> bits_per_cycle{}; // by Pad
    };

    tlm_utils::passthrough_target_socket<PrivateMemory> mem_in{"mem_in"};

    PrivateMemory(const sc_core::sc_module_name& name, const Params& params);

    DramCounters counters() const; // of all interfaces
    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope); // <pad>.busy

private:
    struct Stretch { // of an interface that is busy without a gap
        std::uint64_t begin = 0, end = 0;
    };
    struct Interface {
        explicit Interface(unsigned bits_per_cycle) : port(bits_per_cycle) {}

        PrivatePort port;
        DramCounters counters;
        Wave busy_wave;
        std::deque<Stretch> unshown; // only when traced
        bool shown_busy = false;

        std::uint64_t next_change() const {
            return unshown.empty() ? kNever : shown_busy ? unshown.front().end : unshown.front().begin;
        }
    };

    tlm::tlm_sync_enum request(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void note(Interface& interface, std::uint64_t begin, std::uint64_t end);

    std::uint64_t next_change_ps() override;
    void show_next() override;

    const Clock clock_;
    const ClockEdges edges_;
    std::array<Interface, kPads> interfaces_; // by Pad
    ProtocolErrors errors_;
};

} // namespace systolica
