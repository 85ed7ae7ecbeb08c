// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/fast_forward/transfer_pacer.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr std::uint64_t kSmallestPiece = 4096;
constexpr std::uint64_t kWhole = ~std::uint64_t{0};

} // namespace

TransferPacer::TransferPacer(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      edges_(params.clock),
      burst_bytes_(std::min(params.dma.max_burst_bytes, params.interleave_bytes)),
      window_bytes_(std::uint64_t{params.dma.outstanding} * params.dma.max_burst_bytes),
      load_(*this, Opcode::load, params),
      store_(*this, Opcode::store, params) {
    load_in.register_nb_transport_fw(this, &TransferPacer::accept_load);
    store_in.register_nb_transport_fw(this, &TransferPacer::accept_store);
    load_out.register_nb_transport_bw(this, &TransferPacer::dma_answers, 0);
    store_out.register_nb_transport_bw(this, &TransferPacer::dma_answers, 1);
    for (std::size_t pad = 0; pad < kPads; ++pad) {
        pad_in[pad].register_b_transport(this, &TransferPacer::pass_access, static_cast<int>(pad));
    }
    load_.stream = params.fast_forward->attach(load_);
    store_.stream = params.fast_forward->attach(store_);
    load_.random = load_.stream;
    store_.random = store_.stream;
    SC_HAS_PROCESS(TransferPacer);
    SC_METHOD(go_on_loading);
    sensitive << load_.go_on;
    dont_initialize();
    SC_METHOD(go_on_storing);
    sensitive << store_.go_on;
    dont_initialize();
}

tlm::tlm_sync_enum TransferPacer::accept_load(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time& delay) {
    load_.go_on.notify(sc_core::SC_ZERO_TIME);
    return load_.inbox.offer(payload, phase, delay);
}

tlm::tlm_sync_enum TransferPacer::accept_store(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
    store_.go_on.notify(sc_core::SC_ZERO_TIME);
    return store_.inbox.offer(payload, phase, delay);
}

void TransferPacer::go_on_loading() {
    go_on(load_, load_in, load_out);
}

void TransferPacer::go_on_storing() {
    go_on(store_, store_in, store_out);
}

template <class In, class Out>
void TransferPacer::go_on(Direction& direction, In& in, Out& out) {
    show_stream(direction);
    retire(direction, in);
    while (hand_out(direction, out)) {
        retire(direction, in);
    }
    show_stream(direction);
    if (direction.current > 0 && direction.inbox.front().job.under_way == 0) {
        direction.go_on.notify(edges_.until(direction.inbox.front().job.done_cycle));
    }
}

template <class In>
void TransferPacer::retire(Direction& direction, In& in) {
    const std::uint64_t now = edges_.cycle();
    while (direction.current > 0) {
        const Job& job = direction.inbox.front().job;
        if (job.under_way != 0 || job.done_cycle > now) {
            return;
        }
        --direction.current;
        direction.inbox.retire(in);
    }
}

template <class Out>
bool TransferPacer::hand_out(Direction& direction, Out& out) {
    if (direction.current == direction.inbox.size() || direction.pacing) {
        return false;
    }
    CommandInbox<Job>::Entry& entry = direction.inbox[direction.current];
    Job& job = entry.job;
    if (!job.prepared) {
        job.prepared = true;
        job.done_cycle = edges_.cycle();
        job.pieces = TransferPieces(entry.command.dma, params_.interleave_bytes);
        job.traffic = params_.fast_forward->traffic(entry.command.operation, direction.stores(),
                                                    job.pieces.one_run() ? 0 : job.pieces.run_bytes());
    }
    if (!job.pieces.done()) {
        // Both ways at once would mix up the order: memory first lets go of what it has.
        if (!direction.over_memory() && params_.fast_forward->may_pace(job.traffic)) {
            pace(direction, entry);
        } else if (params_.fast_forward->pacing() || runs_ahead(direction, entry)) {
            return false;
        } else {
            send(direction, entry, out);
        }
    }
    direction.current += job.pieces.done() ? 1 : 0;
    return true;
}

void TransferPacer::pace(Direction& direction, CommandInbox<Job>::Entry& entry) {
    const DmaArguments piece = entry.job.pieces.next(paced_piece_bytes(direction));
    direction.pacing = true;
    direction.paced_bytes[entry.command.operation] += piece.bytes();
    ++direction.paced_pieces;
    ++entry.job.under_way;
    params_.fast_forward->start(direction.stream, entry.job.traffic, direction.stores(), piece.bytes(),
                                block_bytes(piece, params_.block_bytes),
                                block_bytes(piece, burst_bytes_) / burst_bytes_);
    if (piece.pad_bytes > 0) {
        pads_.burst(pad_out[static_cast<std::size_t>(piece.pad)],
                    direction.stores() ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND, piece.pad_address,
                    piece.pad_bytes, sc_core::SC_ZERO_TIME);
    }
}

// Streams that are paced alike would come back to memory in step, all of them at the same channel: a convoy that is not
// there when they meet in every burst. Pieces of different lengths, half as long to one and a half, keep them apart.
std::uint64_t TransferPacer::paced_piece_bytes(Direction& direction) const {
    // Multiplier and increment: D. E. Knuth, The Art of Computer Programming, volume 2, 3.3.4 (MMIX).
    direction.random = direction.random * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t mean = std::max(window_bytes_, kSmallestPiece);
    return mean / 2 + (direction.random >> 32U) * mean / 0x100000000U;
}

void TransferPacer::end_paced_piece(Direction& direction) {
    direction.pacing = false;
    for (std::size_t age = 0; age < direction.inbox.size(); ++age) {
        Job& job = direction.inbox[age].job;
        if (job.under_way != 0) {
            --job.under_way;
            job.done_cycle = edges_.cycle() + params_.fast_forward->latency_cycles();
            break;
        }
    }
    direction.go_on.notify(sc_core::SC_ZERO_TIME);
}

// What is never paced goes to the DMA as it came.
bool TransferPacer::paceable(const CommandInbox<Job>::Entry& entry) const {
    return params_.fast_forward->worthwhile(entry.command.operation);
}

// A load is in the DMA until it has been answered, and a window of loads is: more must wait behind it. A store has left
// the pad when it is sent.
bool TransferPacer::runs_ahead(Direction& direction, const CommandInbox<Job>::Entry& entry) {
    if (direction.handed - direction.answered == kDmaDepth) {
        return true;
    }
    if (!paceable(entry)) {
        return false;
    }
    const DmaArguments& dma = entry.command.dma;
    const std::uint64_t ahead = direction.stores() ? window_bytes_ : 2 * window_bytes_;
    direction.ahead_limit = ahead * std::max(dma.bytes(), std::uint64_t{dma.pad_bytes}) / dma.bytes();
    direction.hungry = direction.pad_bytes_ahead >= direction.ahead_limit;
    return direction.hungry;
}

template <class Out>
void TransferPacer::send(Direction& direction, CommandInbox<Job>::Entry& entry, Out& out) {
    Command command;
    command.opcode = direction.opcode;
    command.operation = entry.command.operation;
    command.dma = entry.job.pieces.next(paceable(entry) ? window_bytes_ / 2 : kWhole);
    if (!direction.over_memory()) {
        direction.alone = true;
        direction.asked_cycle = edges_.cycle();
    }
    ++entry.job.under_way;
    const std::uint32_t pad_bytes = command.dma.pad_bytes;
    const auto pin_bytes = static_cast<double>(block_bytes(command.dma, params_.block_bytes));
    if (!direction.pieces.empty() && direction.pieces.front().pad_bytes_left == 0) {
        direction.pieces.pop_front();
    }
    const std::uint64_t burst = std::min<std::uint64_t>(params_.dma.max_burst_bytes, entry.job.pieces.run_bytes());
    const std::uint64_t full = (direction.stores() ? 1 : params_.dma.outstanding) * burst;
    direction.pieces.push_back({entry.job.traffic, pad_bytes, pad_bytes == 0 ? 0 : pin_bytes / pad_bytes,
                                full * pad_bytes / command.dma.bytes()});
    direction.pad_bytes_ahead += pad_bytes;
    CommandPayload& payload = direction.payloads.acquire(command, direction.handed++);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    [[maybe_unused]] const tlm::tlm_sync_enum status = out->nb_transport_fw(payload, phase, delay);
    sc_assert(status == tlm::TLM_UPDATED && phase == tlm::END_REQ);
}

tlm::tlm_sync_enum TransferPacer::dma_answers(int stores, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                              sc_core::sc_time&) {
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    Direction& direction = stores != 0 ? store_ : load_;
    auto& piece = static_cast<CommandPayload&>(payload);
    if (piece.is_response_error() || piece.sequence != direction.answered) {
        SC_REPORT_FATAL("/fast_forward/piece",
                        ("the DMA answered piece " + std::to_string(piece.sequence) + " with " +
                         piece.get_response_string() + ", expected OK for piece " + std::to_string(direction.answered))
                            .c_str());
    }
    ++direction.answered;
    piece.release();
    for (std::size_t age = 0; age < direction.inbox.size(); ++age) {
        Job& job = direction.inbox[age].job;
        if (job.under_way != 0) {
            --job.under_way;
            job.done_cycle = edges_.cycle();
            break;
        }
    }
    if (!direction.over_memory()) {
        direction.pieces.clear();
        direction.pad_bytes_ahead = 0;
    }
    direction.go_on.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_COMPLETED;
}

void TransferPacer::pass_access(int pad, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    Direction& direction = payload.is_write() ? load_ : store_;
    if (direction.alone) {
        direction.alone = false;
        if (!direction.stores()) {
            params_.fast_forward->answered_after(edges_.cycle_after(delay) - direction.asked_cycle);
        }
    }
    note_progress(direction, payload.get_data_length());
    pad_out[static_cast<std::size_t>(pad)]->b_transport(payload, delay);
}

// Answers may overtake each other, but not by much: the oldest piece is taken to be the one that went on.
void TransferPacer::note_progress(Direction& direction, std::uint64_t pad_bytes) {
    while (pad_bytes > 0 && !direction.pieces.empty()) {
        Piece& piece = direction.pieces.front();
        const std::uint64_t passed = std::min(pad_bytes, piece.pad_bytes_left);
        params_.fast_forward->moved(direction.stream, static_cast<double>(passed) * piece.pin_bytes_per_pad_byte);
        piece.pad_bytes_left -= passed;
        pad_bytes -= passed;
        direction.pad_bytes_ahead -= passed;
        if (piece.pad_bytes_left == 0 && direction.pieces.size() > 1) {
            direction.pieces.pop_front();
            show_stream(direction);
        } else if (piece.pad_bytes_left == 0) {
            break;
        }
    }
    show_stream(direction);
    if (direction.hungry && direction.pad_bytes_ahead < direction.ahead_limit) {
        direction.hungry = false;
        direction.go_on.notify(sc_core::SC_ZERO_TIME);
    }
}

void TransferPacer::show_stream(Direction& direction) {
    if (direction.over_memory()) {
        const Piece& piece = direction.pieces.front();
        params_.fast_forward->busy(direction.stream, piece.traffic, direction.pad_bytes_ahead >= piece.full_pad_bytes);
    } else {
        params_.fast_forward->idle(direction.stream);
    }
}

void TransferPacer::report(Statistics& statistics) const {
    for (const Direction* direction : {&load_, &store_}) {
        Statistics& node = statistics.child(direction->stores() ? "store" : "load");
        std::uint64_t bytes = 0;
        for (const std::uint64_t of_operation : direction->paced_bytes) {
            bytes += of_operation;
        }
        node.set("paced_bytes", bytes, "bytes");
        node.set("paced_pieces", direction->paced_pieces, "pieces");
    }
}

} // namespace systolica
