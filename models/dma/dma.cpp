// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dma/dma.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "machine/commands/tile_address.h"
#include "models/tlm/shared_access.h"

namespace systolica {

Dma::Dma(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      params_(params),
      edges_(params.clock),
      pool_(params.config.max_burst_bytes),
      load_(Opcode::load, params),
      store_(Opcode::store, params) {
    load_in.register_nb_transport_fw(this, &Dma::accept_load);
    store_in.register_nb_transport_fw(this, &Dma::accept_store);
    mem_out.register_nb_transport_bw(this, &Dma::answered);
    SC_HAS_PROCESS(Dma);
    SC_METHOD(issue_requests);
    sensitive << issue_event_;
    dont_initialize();
    SC_METHOD(retire_loads);
    sensitive << load_.retire_event;
    dont_initialize();
    SC_METHOD(retire_stores);
    sensitive << store_.retire_event;
    dont_initialize();
}

tlm::tlm_sync_enum Dma::accept_load(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    issue_event_.notify(sc_core::SC_ZERO_TIME);
    return load_.queue.inbox.offer(payload, phase, delay);
}

tlm::tlm_sync_enum Dma::accept_store(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    issue_event_.notify(sc_core::SC_ZERO_TIME);
    return store_.queue.inbox.offer(payload, phase, delay);
}

void Dma::issue_requests() {
    const std::uint64_t now = edges_.cycle();
    for (Direction* direction : {&load_, &store_}) {
        direction->queue.note_arrivals(now);
        direction->queue.take_answers(now);
    }
    stage_store(now);
    while (unaccepted_ == nullptr && now >= port_free_cycle_ && issue_one(now)) {
    }
    wake_retire(load_); // a command that moves nothing, or whose answers are annotated
    wake_retire(store_);
    wake_issue(now);
    show(load_);
    show(store_);
}

bool Dma::issue_one(std::uint64_t now) {
    const bool load = load_ready();
    const bool store = store_ready(now);
    if (load && (load_turn_ || !store)) {
        load_turn_ = false;
        send(load_, load_.queue.next_request(), now);
    } else if (store) {
        load_turn_ = true;
        staged_ = false;
        send(store_, staged_request_, now);
        stage_store(now);
    }
    return load || store;
}

// The cycle in which the pad has moved a burst that it begins with at `from`.
std::uint64_t Dma::through_pad(tlm::tlm_command command, const DmaRequest& request, std::uint64_t from) {
    if (request.pad_bytes == 0) {
        return from;
    }
    return edges_.cycle_after(pads_.burst(pad_out[static_cast<std::size_t>(request.pad)], command, request.pad_address,
                                          request.pad_bytes, edges_.until(from)));
}

// Reads the next store burst from its pad while the one before it is on its way.
void Dma::stage_store(std::uint64_t now) {
    if (staged_ || !store_.queue.has_burst()) {
        return;
    }
    staged_ = true;
    staged_request_ = store_.queue.next_request();
    staged_cycle_ = params_.config.private_ports ? now : through_pad(tlm::TLM_READ_COMMAND, staged_request_, now);
}

// Answers and END_REQ wake the process themselves; all other reasons to wait have a known end.
void Dma::wake_issue(std::uint64_t now) {
    if (unaccepted_ != nullptr) {
        return;
    }
    constexpr std::uint64_t kNever = ~std::uint64_t{0};
    std::uint64_t wake = kNever;
    const auto consider = [&](const DmaQueue& queue, std::uint64_t ready) {
        if (!queue.window_open()) {
            if (!queue.answers_known()) {
                return;
            }
            ready = std::max(ready, queue.next_answer());
        }
        wake = std::min(wake, std::max({ready, port_free_cycle_, now}));
    };
    if (load_.queue.has_burst()) {
        consider(load_.queue, now);
    }
    if (staged_) {
        consider(store_.queue, staged_cycle_);
    }
    if (wake != kNever) {
        issue_event_.notify(edges_.until(wake));
    }
}

tlm::tlm_generic_payload& Dma::make_payload(Direction& direction, const DmaRequest& request) {
    const tlm::tlm_command command = &direction == &load_ ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
    tlm::tlm_generic_payload& payload = pool_.acquire(command, request.memory.address, request.memory.bytes);
    BurstTag* tag = payload.get_extension<BurstTag>();
    if (tag == nullptr) {
        tag = new BurstTag; // owned by the payload
        payload.set_extension(tag);
    }
    tag->direction = &direction;
    tag->request = request;
    SharedAccess* shared = payload.get_extension<SharedAccess>();
    if (shared == nullptr && request.sharers > 1) {
        shared = new SharedAccess; // owned by the payload
        payload.set_extension(shared);
    }
    if (shared != nullptr) {
        shared->sharers = request.sharers;
    }
    return payload;
}

void Dma::count(Direction& direction, const DmaRequest& request) const {
    ++direction.bursts;
    direction.moved_bytes += request.memory.bytes;
    if (in_tile_space(request.memory.address)) {
        direction.tile_bytes[request.operation] += request.memory.bytes;
    } else if (!request.follows) {
        direction.bytes[request.operation] += request.memory.bytes;
    }
}

void Dma::send(Direction& direction, DmaRequest request, std::uint64_t now) {
    if (params_.config.private_ports) {
        const bool load = &direction == &load_;
        request.pad_end_cycle = through_pad(load ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, request, now);
    }
    tlm::tlm_generic_payload& payload = make_payload(direction, request);
    count(direction, request);
    direction.queue.sent();
    port_free_cycle_ = params_.config.private_ports ? now : now + 1;

    sc_core::sc_time delay;
    if (params_.lt) {
        mem_out->b_transport(payload, delay);
        complete_annotated(payload, delay);
        return;
    }
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    const tlm::tlm_sync_enum answer = mem_out->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
        complete_annotated(payload, delay);
    } else if (answer == tlm::TLM_ACCEPTED) {
        unaccepted_ = &payload;
    } else if (phase == tlm::END_REQ) {
        port_free_cycle_ = std::max(port_free_cycle_, edges_.cycle_after(delay));
    } else { // BEGIN_RESP, which implies END_REQ
        sc_core::sc_time end_delay = delay;
        phase = tlm::END_RESP;
        payload.acquire(); // the target may drop its reference in the call
        mem_out->nb_transport_fw(payload, phase, end_delay);
        complete_annotated(payload, delay);
        payload.release();
    }
}

// The answer is known now and comes after `delay`: the window opens then, without an event of its own.
void Dma::complete_annotated(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
    payload.get_extension<BurstTag>()->direction->queue.answer_at(edges_.cycle_after(delay));
    finish_burst(payload, delay);
}

tlm::tlm_sync_enum Dma::answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const std::uint64_t cycle = edges_.cycle_after(delay);
    if (unaccepted_ == &payload) { // END_REQ, or a response that implies it
        unaccepted_ = nullptr;
        port_free_cycle_ = std::max(port_free_cycle_, cycle);
        issue_event_.notify(edges_.until(port_free_cycle_));
    }
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    Direction& direction = *payload.get_extension<BurstTag>()->direction;
    if (!direction.queue.window_open() && unaccepted_ == nullptr) {
        issue_event_.notify(edges_.until(std::max(port_free_cycle_, cycle)));
    }
    direction.queue.answered();
    finish_burst(payload, delay);
    wake_retire(direction);
    show(direction);
    return tlm::TLM_COMPLETED;
}

// Memory has answered (after `delay`). Drops the payload.
void Dma::finish_burst(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
    if (payload.is_response_error()) {
        std::ostringstream text;
        text << payload.get_response_string() << " at address 0x" << std::hex << payload.get_address() << std::dec
             << ", " << payload.get_data_length() << " bytes";
        SC_REPORT_ERROR("/dma/response", text.str().c_str());
    }
    const BurstTag& tag = *payload.get_extension<BurstTag>();
    const DmaRequest& request = tag.request;
    std::uint64_t done = edges_.cycle_after(delay);
    if (params_.config.private_ports) {
        done = std::max(done, request.pad_end_cycle);
    } else if (tag.direction == &load_) {
        done = through_pad(tlm::TLM_WRITE_COMMAND, request, done);
    }
    tag.direction->queue.burst_done(request.slot, done);
    payload.release();
}

void Dma::wake_retire(Direction& direction) {
    if (direction.queue.front_complete()) {
        direction.retire_event.notify(edges_.until(direction.queue.front_done_cycle()));
    }
}

template <class Socket>
void Dma::retire(Direction& direction, Socket& socket) {
    const std::uint64_t now = edges_.cycle();
    while (direction.queue.front_complete() && direction.queue.front_done_cycle() <= now) {
        ++direction.commands;
        if (direction.queue.retire_front(socket)) {
            issue_event_.notify(sc_core::SC_ZERO_TIME);
        }
    }
    wake_retire(direction);
    show(direction);
}

void Dma::retire_loads() {
    retire(load_, load_in);
}

void Dma::retire_stores() {
    retire(store_, store_in);
}

void Dma::show(Direction& direction) {
    if (!traced_) {
        return;
    }
    DmaQueue& queue = direction.queue;
    enum State : unsigned { idle, sending, waiting };
    const bool more = queue.has_burst() || (&direction == &store_ && staged_);
    direction.state.set(now_ps(), queue.inbox.empty() ? idle : more ? sending : waiting);
    direction.in_flight.set(now_ps(), queue.in_flight());
    if (!queue.inbox.empty()) {
        direction.operation.set(now_ps(), queue.inbox.front().command.operation);
    }
}

void Dma::add_waves(const WaveScope& scope) {
    const auto add = [](const WaveScope& place, Direction& direction) {
        direction.state = place.add("state", 2); // 0 idle, 1 sending bursts, 2 all sent, waiting for answers
        direction.in_flight = place.add("in_flight", 16);
        direction.operation = place.add("operation", 32);
        return direction.state.traced() || direction.in_flight.traced() || direction.operation.traced();
    };
    const bool loads = add(scope.child("load"), load_);
    const bool stores = add(scope.child("store"), store_);
    traced_ = loads || stores;
}

void Dma::report(Statistics& statistics) const {
    const auto fill = [](Statistics& node, const Direction& direction) {
        const auto sum = [](const std::vector<std::uint64_t>& bytes) {
            return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
        };
        node.set("commands", direction.commands, "commands");
        node.set("bursts", direction.bursts, "bursts");
        node.set("bytes", direction.moved_bytes, "bytes");
        node.set("memory_bytes", sum(direction.bytes), "bytes");
        node.set("tile_bytes", sum(direction.tile_bytes), "bytes");
    };
    fill(statistics.child("load"), load_);
    fill(statistics.child("store"), store_);
}

} // namespace systolica
