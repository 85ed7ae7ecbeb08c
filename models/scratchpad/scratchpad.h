// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One group of scratchpad banks (ifmap, filter, ofmap or vector) of a tile: loosely timed, the annotated delay says
// when the last byte has passed. The array and the vector unit stream, the DMA and other tiles move bursts; they
// compete for the ports by machine/scratchpad/pad_schedule.h. Addresses wrap, since pads are used as rings; how full
// they are is known to the sequencer's semaphores. Not modelled: stored data (transport_dbg moves nothing), error
// correction.
#pragma once

#include <array>
#include <vector>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/scratchpad/pad_schedule.h"
#include "models/tlm/clock_edges.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>

namespace systolica {

class Scratchpad : public sc_core::sc_module, private WaveSource {
public:
    struct Params {
        ScratchpadConfig config;
        Clock clock;
    };

    // Not every unit reaches every pad: a socket may stay unbound.
    using Port = tlm_utils::passthrough_target_socket_tagged_optional<Scratchpad>;
    Port array_in{"array_in"};
    Port vector_in{"vector_in"};
    Port dma_in{"dma_in"};
    Port remote_in{"remote_in"}; // from outside the tile

    Scratchpad(const sc_core::sc_module_name& name, const Params& params);

    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    struct Usage {
        std::uint64_t start = 0, end = 0;
        unsigned ports = 0;
        bool stream = false;
    };

    void access(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    bool refuse(int port, tlm::tlm_generic_payload& payload) const;
    void show_usage(const Usage& usage);
    std::uint64_t next_change() const; // cycle
    std::uint64_t next_change_ps() override;
    void show_next() override;

    const Params params_;
    const ClockEdges edges_;
    PadSchedule schedule_;

    std::array<std::uint64_t, kStreamSources> stream_bytes_{};
    std::array<std::uint64_t, kStreamSources> stretched_cycles_{};
    std::uint64_t bursts_ = 0;
    std::uint64_t burst_bytes_ = 0;

    Wave stream_ports_, burst_ports_;
    bool traced_ = false;
    std::vector<Usage> usages_;       // only while traced
    std::uint64_t shown_ = 0;         // cycle up to which the waves are right
    std::uint64_t new_from_ = kNever; // first cycle of usages that have not been shown at all
};

} // namespace systolica
