// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/trace_player.h"

#include <algorithm>

namespace systolica {

namespace {

constexpr Ck kAhead = 1000; // clocks that blocking calls may run ahead of simulated time

std::uint64_t now_in_ps() {
    return sc_core::sc_time_stamp().value();
}

} // namespace

DramTracePlayer::DramTracePlayer(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      mem_out("mem_out", params.config.channels),
      trace_(*params.trace),
      config_(params.config),
      clock_(config_.part.clock_khz()),
      interleave_(config_.channels, config_.interleave_bytes),
      arrival_(params.arrival          ? params.arrival
               : trace_.clocks.empty() ? std::optional<Ck>(0)
                                       : std::nullopt),
      planned_(trace_.requests.size() * params.repeat),
      history_(params.history),
      data_(trace_.largest_bytes) {
    for (auto& socket : mem_out) {
        socket.bind(*this);
    }
    SC_HAS_PROCESS(DramTracePlayer);
    if (params.lt) {
        places_.resize(std::size_t{2} * config_.channels);
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const unsigned own = i % 2 == 0 ? config_.read_queue : config_.write_queue;
            places_[i].free_at.resize(config_.unified_queue != 0 ? config_.unified_queue : own);
        }
        if (config_.per_bank_queue != 0) {
            map_.emplace(config_);
            bank_places_.resize(std::size_t{config_.channels} * config_.banks());
            for (Places& bank : bank_places_) {
                bank.free_at.resize(config_.per_bank_queue);
            }
        }
        SC_THREAD(call_requests);
    } else {
        SC_METHOD(offer_requests);
        sensitive << offer_;
    }
}

bool DramTracePlayer::clocks_fit(const Params& params) {
    const DramTrace& trace = *params.trace;
    const auto passes = static_cast<double>(params.repeat);
    const double last = params.arrival
                            ? static_cast<double>(*params.arrival) * passes * static_cast<double>(trace.requests.size())
                        : trace.clocks.empty() ? 0
                                               : static_cast<double>(trace.clocks.back() + 1) * passes;
    return last * 1e9 / static_cast<double>(params.config.part.clock_khz()) < 0x1p62;
}

// --- the trace

Ck DramTracePlayer::due() const {
    return arrival_ ? begun_ * *arrival_ : pass_clock_ + trace_.clocks[next_];
}

void DramTracePlayer::advance() {
    ++begun_;
    if (++next_ == trace_.requests.size()) {
        next_ = 0;
        pass_clock_ += arrival_ ? 0 : trace_.clocks.back() + 1;
    }
}

// False when the next request is not to be offered yet, or there is none.
bool DramTracePlayer::begin_request(Ck now) {
    if (begun_ == planned_) {
        return false;
    }
    const Ck due_at = due();
    const Ck at = std::max(due_at, earliest_);
    if (at > now) {
        offer_at(at);
        return false;
    }
    const DramTraceRequest& request = trace_.requests[next_];
    current_ = {due_at, now, now, request.bytes, request.write};
    if (arrival_ && *arrival_ == 0) {
        current_.due = now; // as fast as accepted: no clock of its own
    }
    rest_from_ = request.address;
    rest_bytes_ = request.bytes;
    current_split_ = nullptr;
    if (!interleave_.within_channel(request.address, request.bytes)) {
        if (idle_splits_.empty()) {
            splits_.emplace_back();
            idle_splits_.push_back(&splits_.back());
        }
        current_split_ = idle_splits_.back();
        idle_splits_.pop_back();
        *current_split_ = Split();
        current_split_->parts = 1; // held until the last part has been accepted
    }
    advance();
    return true;
}

DramTracePlayer::Part& DramTracePlayer::next_part() {
    if (idle_parts_.empty()) {
        parts_.emplace_back(static_cast<tlm::tlm_mm_interface*>(this));
        idle_parts_.push_back(&parts_.back());
        idle_parts_.back()->set_data_ptr(data_.data());
    }
    Part& part = *idle_parts_.back();
    idle_parts_.pop_back();
    std::uint32_t bytes = rest_bytes_;
    if (current_split_ != nullptr) {
        const std::uint64_t block = config_.interleave_bytes;
        bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, block - rest_from_ % block));
        ++current_split_->parts;
    }
    part.acquire();
    part.request = current_;
    part.split = current_split_;
    part.set_command(current_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    part.set_address(rest_from_);
    part.set_data_length(bytes);
    part.set_streaming_width(bytes);
    part.set_dmi_allowed(false);
    part.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    rest_from_ += bytes;
    rest_bytes_ -= bytes;
    ++totals_.transactions;
    return part;
}

void DramTracePlayer::free(Payload* payload) {
    payload->reset(); // drops auto extensions
    idle_parts_.push_back(static_cast<Part*>(payload));
}

// --- approximately timed

void DramTracePlayer::offer_at(Ck clock) {
    offer_.notify(sc_core::sc_time::from_value(clock_.edge_ps(clock) - now_in_ps()));
}

void DramTracePlayer::offer_requests() {
    const Ck now = clock_.edge_at_or_before(now_in_ps());
    while ((rest_bytes_ != 0 || begin_request(now)) && offer_part()) {
    }
}

// False when the channel has no room: the offer goes on with its END_REQ.
bool DramTracePlayer::offer_part() {
    Part& part = next_part();
    auto& socket = mem_out[interleave_.channel(part.get_address())];
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    withheld_ = &part;
    const tlm::tlm_sync_enum answer = socket->nb_transport_fw(part, phase, delay);
    if (answer == tlm::TLM_ACCEPTED) {
        return false;
    }
    const Ck at = after(delay);
    accepted(part, at);
    if (answer == tlm::TLM_COMPLETED) {
        completed(part, at);
        part.release();
    } else if (phase == tlm::BEGIN_RESP) {
        completed(part, at);
        phase = tlm::END_RESP;
        socket->nb_transport_fw(part, phase, delay);
        part.release();
    }
    return true;
}

tlm::tlm_sync_enum DramTracePlayer::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    Part& part = static_cast<Part&>(payload); // we send no others
    const Ck at = after(delay);
    if (withheld_ == &part) { // END_REQ, or BEGIN_RESP, which implies it
        accepted(part, at);
        if (rest_bytes_ != 0) {
            offer_at(at);
        } else if (begun_ != planned_) {
            offer_at(std::max(due(), earliest_));
        }
    }
    if (phase == tlm::END_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    sc_assert(phase == tlm::BEGIN_RESP);
    completed(part, at);
    part.release();
    return tlm::TLM_COMPLETED;
}

void DramTracePlayer::invalidate_direct_mem_ptr(sc_dt::uint64 /*from*/, sc_dt::uint64 /*to*/) {}

Ck DramTracePlayer::after(const sc_core::sc_time& delay) const {
    return clock_.edge_at_or_after(now_in_ps() + delay.value());
}

void DramTracePlayer::accepted(Part& part, Ck at) {
    withheld_ = nullptr;
    part.request.accepted = at;
    if (rest_bytes_ != 0) {
        return;
    }
    earliest_ = at + 1;
    totals_.blocked += at - current_.offered;
    if (part.split != nullptr) {
        part.split->request = part.request;
        finish_part(*part.split, at);
    }
}

void DramTracePlayer::completed(Part& part, Ck end) {
    const bool failed = !part.is_response_ok();
    if (part.split == nullptr) {
        count(part.request, end, failed);
        return;
    }
    part.split->failed |= failed;
    finish_part(*part.split, end);
}

void DramTracePlayer::finish_part(Split& split, Ck end) {
    split.end = std::max(split.end, end);
    if (--split.parts == 0) {
        idle_splits_.push_back(&split);
        count(split.request, split.end, split.failed);
    }
}

void DramTracePlayer::count(const Request& request, Ck end, bool failed) {
    const Ck latency = end - request.accepted;
    if (request.write) {
        totals_.write_latency.add(latency);
        totals_.write_bytes += request.bytes;
    } else {
        totals_.read_latency.add(latency);
        totals_.read_bytes += request.bytes;
        totals_.read_from_due += end - request.due;
    }
    totals_.errors += failed ? 1U : 0U;
    totals_.end = std::max(totals_.end, end);
    if (history_ != nullptr) {
        history_->completed(request.write, request.bytes, latency, end);
    }
    if (++totals_.requests == planned_ && places_.empty()) {
        sc_core::sc_pause();
    }
}

// --- loosely timed

// Returns when the part was accepted: when its place in the queue became free.
Ck DramTracePlayer::call_part(Ck at) {
    Part& part = next_part();
    const unsigned channel = interleave_.channel(part.get_address());
    const bool second = current_.write && config_.unified_queue == 0;
    Ck& free_at = places_[std::size_t{2} * channel + (second ? 1U : 0U)].take();
    Ck unlimited = 0;
    Ck* bank_free_at = &unlimited;
    if (map_) {
        const unsigned bank = map_->locate(interleave_.local(part.get_address())).bank;
        bank_free_at = &bank_places_[std::size_t{channel} * config_.banks() + bank].take();
    }
    const Ck from = std::max({at, free_at, *bank_free_at});
    const std::uint64_t now_ps = now_in_ps();
    sc_core::sc_time delay = sc_core::sc_time::from_value(clock_.edge_ps(from) - now_ps);
    mem_out[channel]->b_transport(part, delay);
    const Ck end = after(delay);
    const Ck data =
        (current_.write ? config_.part.wl : config_.part.rl) + config_.part.burst_length / config_.part.beats_per_clock;
    free_at = *bank_free_at = end - std::min(data, end);
    accepted(part, from);
    completed(part, end);
    part.release();
    return from;
}

void DramTracePlayer::call_requests() {
    Ck now = 0;
    while (begun_ != planned_) {
        Ck at = std::max(due(), earliest_);
        if (at > now + kAhead) {
            sc_core::wait(sc_core::sc_time::from_value(clock_.edge_ps(at) - now_in_ps()));
            now = at;
        }
        begin_request(at);
        while (rest_bytes_ != 0) {
            at = call_part(at);
        }
    }
    const std::uint64_t end_ps = clock_.edge_ps(totals_.end);
    if (end_ps > now_in_ps()) {
        sc_core::wait(sc_core::sc_time::from_value(end_ps - now_in_ps()));
    }
    sc_core::sc_pause();
}

} // namespace systolica
