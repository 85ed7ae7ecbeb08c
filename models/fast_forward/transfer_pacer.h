// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Stands between the sequencer of a tile and its DMA engine when the chip may fast-forward. A command is handed to the
// DMA in pieces, so that the mode can change in the middle of it, just as many ahead that the DMA never runs dry; or,
// paced, its pieces take the time that the chip's FastForward gives them. Commands retire in order, as from the DMA.
// Between DMA and scratchpads it passes accesses on, which tell it how far the DMA is; paced pieces take their ports at
// once when they start. Latency of paced accesses: as long as the shortest seen, after the last piece of a command.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "base/statistics.h"
#include "machine/dma/config.h"
#include "machine/fast_forward/transfer_pieces.h"
#include "models/fast_forward/fast_forward.h"
#include "models/sequencer/command_payload.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/command_inbox.h"
#include "models/tlm/pad_access.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class TransferPacer : public sc_core::sc_module {
public:
    static constexpr unsigned kDmaDepth = 32; // pieces that the DMA can hold in each direction

    struct Params {
        DmaConfig dma;
        Clock clock{1'000'000};
        std::uint32_t operations = 1;
        std::uint32_t interleave_bytes = 256;
        std::uint32_t block_bytes = 32; // of the memory's pins
        FastForward* fast_forward = nullptr;
        unsigned queue_depth = 4; // commands held in each direction, as in the DMA
    };

    tlm_utils::passthrough_target_socket<TransferPacer> load_in{"load_in"};
    tlm_utils::passthrough_target_socket<TransferPacer> store_in{"store_in"};
    tlm_utils::simple_initiator_socket_tagged<TransferPacer> load_out{"load_out"};
    tlm_utils::simple_initiator_socket_tagged<TransferPacer> store_out{"store_out"};
    sc_core::sc_vector<tlm_utils::passthrough_target_socket_tagged<TransferPacer>> pad_in{"pad_in", kPads}; // by Pad
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<TransferPacer>> pad_out{"pad_out", kPads};

    TransferPacer(const sc_core::sc_module_name& name, const Params& params);

    // Payload bytes that were paced, by operation of the plan.
    const std::vector<std::uint64_t>& read_bytes_by_operation() const { return load_.paced_bytes; }
    const std::vector<std::uint64_t>& write_bytes_by_operation() const { return store_.paced_bytes; }

    void report(Statistics& statistics) const;

private:
    struct Job {
        bool prepared = false;
        TransferPieces pieces;
        std::uint32_t traffic = 0;
        std::uint32_t under_way = 0; // pieces
        std::uint64_t done_cycle = 0;
    };
    struct Piece { // in the DMA
        std::uint32_t traffic = 0;
        std::uint64_t pad_bytes_left = 0;
        double pin_bytes_per_pad_byte = 0;
        std::uint64_t full_pad_bytes = 0; // so many ahead keep the stream as busy as it can be
    };

    struct Direction : PacedStream {
        Direction(TransferPacer& pacer, Opcode command, const Params& params)
            : owner(pacer),
              opcode(command),
              inbox(command, params.operations, params.queue_depth),
              paced_bytes(params.operations) {}

        void piece_ended() override { owner.end_paced_piece(*this); }
        bool stores() const { return opcode == Opcode::store; }
        bool over_memory() const { return handed != answered; }

        TransferPacer& owner;
        const Opcode opcode;
        std::size_t stream = 0;
        CommandInbox<Job> inbox;
        std::size_t current = 0;                // the first command that has pieces left
        bool pacing = false;                    // a piece is being paced
        std::uint64_t handed = 0, answered = 0; // pieces, to and from the DMA
        std::deque<Piece> pieces;               // that the DMA has not brought to or from the pad
        std::uint64_t pad_bytes_ahead = 0;      // of these
        std::uint64_t ahead_limit = 0;
        bool hungry = false; // waits for pad_bytes_ahead to fall below the limit
        bool alone = false;  // the first access of a load that nothing else is under way with is awaited
        std::uint64_t asked_cycle = 0;
        CommandPool payloads;
        std::vector<std::uint64_t> paced_bytes;
        std::uint64_t paced_pieces = 0;
        std::uint64_t random = 0; // state of a linear congruential generator
        TimedEvent go_on;
    };

    tlm::tlm_sync_enum accept_load(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum accept_store(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum dma_answers(int stores, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
    void pass_access(int pad, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

    void go_on_loading(); // process
    void go_on_storing(); // process
    template <class In, class Out>
    void go_on(Direction& direction, In& in, Out& out);
    template <class In>
    void retire(Direction& direction, In& in);
    template <class Out>
    bool hand_out(Direction& direction, Out& out); // the next piece; false: not now
    void pace(Direction& direction, CommandInbox<Job>::Entry& entry);
    std::uint64_t paced_piece_bytes(Direction& direction) const;
    template <class Out>
    void send(Direction& direction, CommandInbox<Job>::Entry& entry, Out& out);
    bool paceable(const CommandInbox<Job>::Entry& entry) const;
    bool runs_ahead(Direction& direction, const CommandInbox<Job>::Entry& entry);
    void end_paced_piece(Direction& direction);
    void note_progress(Direction& direction, std::uint64_t pad_bytes);
    void show_stream(Direction& direction);

    const Params params_;
    const ClockEdges edges_;
    const std::uint64_t burst_bytes_;
    const std::uint64_t window_bytes_; // that the DMA may have in flight
    PadAccess pads_;
    Direction load_;
    Direction store_;
};

} // namespace systolica
