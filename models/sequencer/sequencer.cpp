// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/sequencer/sequencer.h"

#include "machine/commands/sync_access.h"

namespace systolica {

namespace {

constexpr std::array<Queue, kQueues> kAllQueues{Queue::load, Queue::matrix, Queue::vector, Queue::store};

} // namespace

Sequencer::Sequencer(const sc_core::sc_module_name& name, const Params& params)
    : sc_core::sc_module(name),
      params_(params),
      unit_out_{&load_out, &matrix_out, &vector_out, &store_out},
      initial_(params.source->initial()),
      event_reads_(kSyncBytes) {
    semaphores_ = Semaphores(initial_);
    for (const Queue queue : kAllQueues) {
        const auto index = static_cast<std::size_t>(queue);
        unit_out_[index]->register_nb_transport_bw(this, &Sequencer::unit_answers, static_cast<int>(index));
    }
    sync_out.register_nb_transport_bw(this, &Sequencer::event_reached);
    post_write_.set_command(tlm::TLM_WRITE_COMMAND);
    post_write_.set_data_ptr(post_data_.data());
    post_write_.set_data_length(kSyncBytes);
    post_write_.set_streaming_width(kSyncBytes);
    SC_HAS_PROCESS(Sequencer);
    SC_METHOD(issue_commands);
    sensitive << issue_;
}

// Issuing takes from semaphores and never gives, so one pass over the queues finds everything that can issue now.
void Sequencer::issue_commands() {
    for (const Queue queue : kAllQueues) {
        serve(queue);
    }
    if (finished_) {
        return;
    }
    for (const QueueState& state : queues_) {
        if (!state.ended || state.in_flight() != 0) {
            return;
        }
    }
    finished_ = true;
    if (params_.monitor != nullptr) {
        params_.monitor->finished();
    }
}

void Sequencer::serve(Queue queue) {
    QueueState& state = of(queue);
    while (draw(queue)) {
        if (state.event == Reach::open) {
            return tell(queue, HeadState::waiting_event, 0);
        }
        if (state.request_open) {
            return tell(queue, HeadState::held_back, 0);
        }
        const SemaphoreMask lacking = semaphores_.acquire(state.head.acquire);
        if (lacking != 0) {
            return tell(queue, HeadState::lacking, lacking);
        }
        issue(queue);
    }
    tell(queue, HeadState::ended, 0);
}

bool Sequencer::draw(Queue queue) {
    QueueState& state = of(queue);
    if (state.has_head || state.ended) {
        return state.has_head;
    }
    if (!params_.source->next(queue, state.head)) {
        state.ended = true;
        return false;
    }
    sc_assert(queue_of(state.head.opcode) == queue);
    state.has_head = true;
    if (state.head.wait.event != 0) {
        await_event(queue);
    }
    return true;
}

void Sequencer::await_event(Queue queue) {
    QueueState& state = of(queue);
    const EventWait& wait = state.head.wait;
    ++state.waits;
    tlm::tlm_generic_payload& read =
        event_reads_.acquire(tlm::TLM_READ_COMMAND, sync_address(wait.event, wait.threshold), kSyncBytes);
    state.event = Reach::open;
    state.event_read = &read;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum status = sync_out->nb_transport_fw(read, phase, delay);
    if (status == tlm::TLM_COMPLETED) { // reached earlier
        phase = tlm::BEGIN_RESP;
        event_reached(read, phase, delay);
    }
}

tlm::tlm_sync_enum Sequencer::event_reached(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            [[maybe_unused]] sc_core::sc_time& delay) {
    sc_assert(delay == sc_core::SC_ZERO_TIME);
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    if (payload.is_response_error()) {
        SC_REPORT_FATAL("/sequencer/event",
                        ("the sync board refused a wait for event " +
                         std::to_string(sync_event(payload.get_address())) + ": " + payload.get_response_string())
                            .c_str());
    }
    for (QueueState& state : queues_) {
        if (state.event_read == &payload) {
            state.event = Reach::reached;
            state.event_read = nullptr;
        }
    }
    payload.release();
    issue_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_COMPLETED;
}

void Sequencer::issue(Queue queue) {
    QueueState& state = of(queue);
    CommandPayload& payload = commands_.acquire(state.head, state.issued);
    ++state.issued;
    state.has_head = false;
    if (params_.monitor != nullptr) {
        params_.monitor->issued(queue, state.head);
    }
    state.operation_wave.set(sc_core::sc_time_stamp().value(), state.head.operation);
    show(queue);
    show_levels();

    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    state.request_open = true;
    CommandSocket& unit_out = *unit_out_[static_cast<std::size_t>(queue)];
    const tlm::tlm_sync_enum status = unit_out->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_COMPLETED) {
        retire(queue, payload);
    } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
        payload.acquire();
        retire(queue, payload);
        phase = tlm::END_RESP;
        unit_out->nb_transport_fw(payload, phase, delay);
        payload.release();
    } else if (status == tlm::TLM_UPDATED) {
        unit_answers(static_cast<int>(queue), payload, phase, delay);
    }
}

// The backward path of the units. A unit may answer in the middle of its own process: what becomes possible by it
// issues from ours, in the same cycle.
tlm::tlm_sync_enum Sequencer::unit_answers(int queue, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           [[maybe_unused]] sc_core::sc_time& delay) {
    sc_assert(delay == sc_core::SC_ZERO_TIME);
    const auto which = static_cast<Queue>(queue);
    if (phase == tlm::END_REQ) {
        QueueState& state = of(which);
        state.request_open = false;
        if (state.told_state == HeadState::held_back) {
            issue_.notify(sc_core::SC_ZERO_TIME);
        }
        return tlm::TLM_ACCEPTED;
    }
    sc_assert(phase == tlm::BEGIN_RESP);
    retire(which, static_cast<CommandPayload&>(payload));
    return tlm::TLM_COMPLETED;
}

void Sequencer::retire(Queue queue, CommandPayload& payload) {
    QueueState& state = of(queue);
    if (payload.is_response_error() || payload.sequence != state.retired) {
        SC_REPORT_FATAL("/sequencer/command",
                        ("tile " + std::to_string(params_.tile) + ": the unit of the " + queue_name(queue) +
                         " queue answered command " + std::to_string(payload.sequence) + " with " +
                         payload.get_response_string() + ", expected OK for command " + std::to_string(state.retired))
                            .c_str());
    }
    ++state.retired;
    if (state.retired == state.issued) {
        state.request_open = false; // BEGIN_RESP implies END_REQ
    }
    if (params_.monitor != nullptr) {
        params_.monitor->retired(queue, payload.operation, payload.staged);
    }
    semaphores_.release(payload.given_back);
    if (payload.post != 0) {
        post(payload.post);
    }
    payload.release();
    show(queue);
    show_levels();
    issue_.notify(sc_core::SC_ZERO_TIME);
}

void Sequencer::post(std::uint32_t event) {
    ++posts_;
    post_write_.set_address(sync_address(event));
    post_write_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    sync_out->b_transport(post_write_, delay);
    if (post_write_.is_response_error()) {
        SC_REPORT_FATAL("/sequencer/event", ("the sync board refused a post of event " + std::to_string(event) + ": " +
                                             post_write_.get_response_string())
                                                .c_str());
    }
}

void Sequencer::tell(Queue queue, HeadState head, SemaphoreMask lacking) {
    QueueState& state = of(queue);
    if (state.told_state == head && state.told_lacking == lacking) {
        return;
    }
    state.told_state = head;
    state.told_lacking = lacking;
    if (params_.monitor != nullptr) {
        params_.monitor->head(queue, head, lacking);
    }
    show(queue);
}

} // namespace systolica
