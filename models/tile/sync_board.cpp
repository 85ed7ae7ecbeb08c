// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tile/sync_board.h"

#include "machine/commands/sync_access.h"

namespace systolica {

namespace {

std::uint64_t now_ps() {
    return sc_core::sc_time_stamp().value();
}

void put_count(tlm::tlm_generic_payload& payload, std::uint32_t count) {
    for (std::size_t i = 0; i < kSyncBytes; ++i) {
        payload.get_data_ptr()[i] = static_cast<unsigned char>(count >> (8 * i));
    }
}

} // namespace

SyncBoard::SyncBoard(const sc_core::sc_module_name& name, const Params& params)
    : sc_core::sc_module(name), tile_in("tile_in", params.tiles), params_(params) {
    for (unsigned tile = 0; tile < params.tiles; ++tile) {
        const int tag = static_cast<int>(tile);
        tile_in[tile].register_b_transport(this, &SyncBoard::b_transport, tag);
        tile_in[tile].register_nb_transport_fw(this, &SyncBoard::nb_transport_fw, tag);
        tile_in[tile].register_transport_dbg(this, &SyncBoard::transport_dbg, tag);
    }
    SC_HAS_PROCESS(SyncBoard);
    SC_METHOD(answer_waits);
    sensitive << answer_;
    dont_initialize();
}

// Calls carry no delay: a post or a wait belongs to the edge it is made at.
void SyncBoard::b_transport(int, tlm::tlm_generic_payload& payload, [[maybe_unused]] sc_core::sc_time& delay) {
    sc_assert(delay == sc_core::SC_ZERO_TIME);
    if (!legal(payload)) {
        return;
    }
    const std::uint32_t event = sync_event(payload.get_address());
    if (payload.is_write()) {
        post(event);
    } else {
        put_count(payload, counter(event).count);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum SyncBoard::nb_transport_fw(int tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                              [[maybe_unused]] sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
        return tlm::TLM_COMPLETED;
    }
    sc_assert(phase == tlm::BEGIN_REQ && delay == sc_core::SC_ZERO_TIME);
    if (!legal(payload)) {
        return tlm::TLM_COMPLETED;
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    const std::uint32_t event = sync_event(payload.get_address());
    if (payload.is_write()) {
        post(event);
        return tlm::TLM_COMPLETED;
    }
    ++waits_;
    const std::uint32_t threshold = sync_threshold(payload.get_address());
    Counter& counts = counter(event);
    const std::uint32_t seen = counts.last_post_ps == now_ps() ? counts.count_before : counts.count;
    put_count(payload, counts.count);
    if (seen >= threshold) {
        return tlm::TLM_COMPLETED;
    }
    const std::uint32_t waiter = add_waiter(payload, tile);
    if (counts.count >= threshold) {
        answer_next_edge(waiter);
    } else {
        waiters_[waiter].next = counts.first_waiter;
        counts.first_waiter = waiter;
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

unsigned SyncBoard::transport_dbg(int, tlm::tlm_generic_payload& payload) {
    if (!legal(payload) || payload.is_write()) {
        return 0;
    }
    put_count(payload, counter(sync_event(payload.get_address())).count);
    return kSyncBytes;
}

void SyncBoard::post(std::uint32_t event) {
    ++posts_;
    Counter& counts = counter(event);
    if (counts.last_post_ps != now_ps()) {
        counts.last_post_ps = now_ps();
        counts.count_before = counts.count;
    }
    ++counts.count;
    std::uint32_t* link = &counts.first_waiter;
    while (*link != kNone) {
        Waiter& waiter = waiters_[*link];
        if (counts.count >= sync_threshold(waiter.payload->get_address())) {
            const std::uint32_t due = *link;
            *link = waiter.next;
            put_count(*waiter.payload, counts.count);
            answer_next_edge(due);
        } else {
            link = &waiter.next;
        }
    }
}

void SyncBoard::answer_next_edge(std::uint32_t waiter) {
    const std::uint64_t next = params_.clock.edge_ps(params_.clock.edge_at_or_before(now_ps()) + 1);
    answers_.push_back({next, waiter});
    answer_.notify(sc_core::sc_time::from_value(next - now_ps())); // an earlier notification stays
}

void SyncBoard::answer_waits() {
    while (next_answer_ < answers_.size() && answers_[next_answer_].at_ps <= now_ps()) {
        const std::uint32_t index = answers_[next_answer_++].waiter;
        const Waiter waiter = waiters_[index];
        waiters_[index].next = idle_waiter_;
        idle_waiter_ = index;
        --waiting_;
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        tile_in[static_cast<std::size_t>(waiter.tile)]->nb_transport_bw(*waiter.payload, phase, delay);
        waiter.payload->release();
    }
    waiting_wave_.set(now_ps(), waiting_);
    if (next_answer_ == answers_.size()) {
        answers_.clear();
        next_answer_ = 0;
    } else {
        answer_.notify(sc_core::sc_time::from_value(answers_[next_answer_].at_ps - now_ps()));
    }
}

bool SyncBoard::legal(tlm::tlm_generic_payload& payload) {
    const std::uint32_t event = sync_event(payload.get_address());
    if (event == 0 || event >= kEvents) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (!payload.is_write() && !payload.is_read()) {
        payload.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    } else if (payload.get_data_length() != kSyncBytes || payload.get_streaming_width() < kSyncBytes) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    } else if (payload.get_byte_enable_ptr() != nullptr) {
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else {
        return true;
    }
    return false;
}

SyncBoard::Counter& SyncBoard::counter(std::uint32_t event) {
    if (event >= counters_.size()) {
        counters_.resize(std::size_t{event} + 1);
    }
    return counters_[event];
}

std::uint32_t SyncBoard::add_waiter(tlm::tlm_generic_payload& payload, int tile) {
    if (idle_waiter_ == kNone) {
        waiters_.emplace_back();
        idle_waiter_ = static_cast<std::uint32_t>(waiters_.size() - 1);
    }
    const std::uint32_t index = idle_waiter_;
    idle_waiter_ = waiters_[index].next;
    waiters_[index] = {&payload, tile, kNone};
    payload.acquire();
    ++waiting_;
    waiting_wave_.set(now_ps(), waiting_);
    return index;
}

void SyncBoard::report(Statistics& statistics) const {
    statistics.set("posts", posts_, "events");
    statistics.set("waits", waits_, "events");
    statistics.set("left_waiting", waiting_, "events");
}

void SyncBoard::add_waves(const WaveScope& scope) {
    waiting_wave_ = scope.add("waiting", 16);
}

} // namespace systolica
