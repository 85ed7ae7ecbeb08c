// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Moves pieces of a chip's memory into the buffer of its link port, and back: a DMA engine as a tile has one, with an
// entrance to the network of its own. The buffer takes and gives what the network can carry. Jobs of a direction are
// done in the order in which they come.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "base/statistics.h"
#include "machine/exchange/gradient_exchange.h"
#include "models/dma/dma.h"
#include "models/sequencer/command_payload.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class MemoryMover : public sc_core::sc_module {
public:
    struct Params {
        DmaConfig dma;
        Clock clock{1'000'000};
        std::uint32_t interleave_bytes = 256;
        bool lt = false;
        std::function<void(std::uint32_t)> loaded, stored; // a job has been done
    };

    tlm::tlm_initiator_socket<> mem_out{"mem_out"};

    MemoryMover(const sc_core::sc_module_name& name, const Params& params);

    void load(std::uint32_t job, const std::vector<MemoryPiece>& pieces);
    void store(std::uint32_t job, const std::vector<MemoryPiece>& pieces);

    std::uint64_t read_bytes() const { return dma_.read_bytes_by_operation().front(); }
    std::uint64_t written_bytes() const { return dma_.write_bytes_by_operation().front(); }
    std::uint64_t transactions() const { return dma_.transactions(); }
    void report(Statistics& statistics) const { dma_.report(statistics); }

private:
    struct Step {
        Command command;
        std::uint32_t job = 0;
        bool last = false; // of its job
    };
    struct Direction {
        std::deque<Step> waiting, under_way;
        bool open = false; // a request waits for END_REQ
    };

    void add(Opcode opcode, std::uint32_t job, const std::vector<MemoryPiece>& pieces, Direction& direction);
    tlm::tlm_sync_enum take_answer(int direction, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
    void buffer_access(int pad, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    void send_commands(); // process
    void retire(int direction);

    const Params params_;
    Dma dma_;
    sc_core::sc_vector<tlm_utils::simple_initiator_socket_tagged<MemoryMover>> command_out_{"command_out", 2};
    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<MemoryMover>> buffer_in_{"buffer_in", kPads};
    CommandPool commands_;
    std::array<Direction, 2> directions_; // loads, stores
    std::uint64_t sequence_ = 0;
    TimedEvent wake_{"wake"};
};

} // namespace systolica
