// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_channel.h"

#include <cmath>

#include "models/dram/request_check.h"

namespace systolica {

namespace {

constexpr std::uint64_t kNeverPs = ~std::uint64_t{0};
constexpr Ck kPassingClocks = 4096;

std::uint64_t now_in_ps() {
    return sc_core::sc_time_stamp().value();
}

std::size_t queue_entries(const DramConfig& config) {
    return config.unified_queue != 0 ? config.unified_queue : std::size_t{config.read_queue} + config.write_queue;
}

} // namespace

DramChannel::DramChannel(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      config_(params.config),
      channel_(params.channel),
      clock_(config_.part.clock_khz()),
      interleave_(config_.channels, config_.interleave_bytes),
      frontend_ps_(static_cast<std::uint64_t>(std::llround(config_.frontend_latency_ns * 1000.0))),
      passing_ps_(clock_.edge_ps(kPassingClocks)),
      controller_(config_),
      data_(config_.data ? std::make_unique<DataStore>(config_.channel_bytes(), config_.ecc != DramEcc::none)
                         : nullptr),
      dmi_(config_.dmi && config_.data && config_.ecc == DramEcc::none), // a pointer would go past the check bits
      wake_ps_(kNeverPs) {
    sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
    sc_assert(channel_ < config_.channels);
    served_.reserve(queue_entries(config_));
    mem_in.bind(*this);
    SC_HAS_PROCESS(DramChannel);
    SC_METHOD(serve_requests);
    sensitive << wake_;
    dont_initialize();
}

bool DramChannel::holds(std::uint64_t address, std::uint64_t local_address, std::uint64_t bytes) const {
    const std::uint64_t capacity = config_.channel_bytes();
    return bytes <= capacity && local_address <= capacity - bytes && interleave_.channel(address) == channel_ &&
           interleave_.within_channel(address, bytes);
}

inline DramChannel::Request DramChannel::check(const Payload& payload) const {
    const std::uint64_t address = payload.get_address();
    Request request{check_attributes(payload), interleave_.local(address)};
    if (request.status == tlm::TLM_OK_RESPONSE && !holds(address, request.local_address, touched_bytes(payload))) {
        request.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    return request;
}

// Room for an answer counts too: an initiator that takes no responses must not have more and more requests served.
bool DramChannel::has_room(const Payload& payload, const Request& request) const {
    return responses_.size() < queue_entries(config_) &&
           (request.status != tlm::TLM_OK_RESPONSE || controller_.has_room(payload.is_write(), request.local_address));
}

inline ChannelController::Request DramChannel::controller_request(Payload& payload, std::uint64_t local_address) const {
    const bool write = payload.is_write();
    return {&payload, write, local_address, touched_bytes(payload), write && any_byte_disabled(payload)};
}

// Sets the status of the response: of data that cannot be corrected it is an error.
void DramChannel::move_data(Payload& payload, std::uint64_t local_address) {
    payload.set_response_status(data_->apply(payload, local_address));
    if (dmi_) {
        payload.set_dmi_allowed(true);
    }
}

void DramChannel::take(Payload& payload, const Request& request, std::uint64_t now_ps) {
    payload.acquire(); // nb_transport needs a memory manager (IEEE 1666, 14.5)
    if (request.status != tlm::TLM_OK_RESPONSE) {
        responses_.push({&payload, now_ps, request.status});
        wake_at(now_ps, now_ps);
        return;
    }
    if (data_) {
        move_data(payload, request.local_address);
    }
    const Ck accepted = clock_.edge_at_or_after(now_ps);
    const Ck visible = frontend_ps_ == 0 ? accepted : clock_.edge_at_or_after(now_ps + frontend_ps_);
    controller_.accept(controller_request(payload, request.local_address), accepted, visible);
    const Ck next = controller_.next();
    wake_at(next == 0 ? clock_.edge_ps(accepted) : clock_.edge_ps(next), now_ps);
    if (waves_) {
        waves_->queue_levels(now_ps, controller_.waiting(false), controller_.waiting(true));
    }
}

tlm::tlm_sync_enum DramChannel::refuse_request(Payload& payload, const tlm::tlm_phase& phase) {
    if (withheld_ != nullptr) {
        protocol_errors_.add(*this, &payload, phase, "before END_REQ of the request before",
                             "END_RESP only, until END_REQ has come");
    } else {
        protocol_errors_.add(*this, &payload, phase, "of a payload without a memory manager", "a memory manager");
    }
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum DramChannel::begin_request(Payload& payload, tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
    if (withheld_ != nullptr || !payload.has_mm()) {
        return refuse_request(payload, phase);
    }
    const std::uint64_t now_ps = now_in_ps();
    const Request request = check(payload);
    if (delay == sc_core::SC_ZERO_TIME && has_room(payload, request)) {
        take(payload, request, now_ps);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
    withheld_ = &payload;
    withheld_request_ = request;
    withheld_from_ps_ = now_ps + delay.value();
    if (delay != sc_core::SC_ZERO_TIME) {
        wake_at(withheld_from_ps_, now_ps);
    }
    return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum DramChannel::end_response(Payload& payload, const tlm::tlm_phase& phase,
                                             const sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP && response_port_.waits_for(payload)) {
        const std::uint64_t now_ps = now_in_ps();
        const std::uint64_t at_ps = now_ps + delay.value();
        response_port_.end(payload, at_ps);
        wake_at(at_ps, now_ps);
        return tlm::TLM_COMPLETED;
    }
    if (!ProtocolErrors::extended(phase)) {
        protocol_errors_.add(*this, &payload, phase, "on the forward path",
                             response_port_.open() ? "BEGIN_REQ, or END_RESP of the response that waits for it"
                                                   : "BEGIN_REQ, since no response waits for END_RESP");
    }
    return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum DramChannel::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    return phase == tlm::BEGIN_REQ ? begin_request(payload, phase, delay) : end_response(payload, phase, delay);
}

void DramChannel::b_transport(Payload& payload, sc_core::sc_time& delay) {
    const Request request = check(payload);
    payload.set_response_status(request.status);
    if (request.status != tlm::TLM_OK_RESPONSE) {
        return;
    }
    if (data_) {
        move_data(payload, request.local_address);
    }
    const std::uint64_t now_ps = now_in_ps();
    const Ck at = clock_.edge_at_or_after(now_ps + delay.value() + frontend_ps_);
    if (now_ps != caught_up_ps_) {
        caught_up_ps_ = now_ps;
        controller_.catch_up(clock_.edge_at_or_before(now_ps));
    }
    const Ck end = controller_.serve_now(controller_request(payload, request.local_address), at);
    const std::uint64_t end_ps = clock_.edge_ps(end);
    delay = sc_core::sc_time::from_value(end_ps - now_ps);
    if (payload.is_write()) {
        promised_write_end_ps_ = std::max(promised_write_end_ps_, end_ps);
    }
    wake_for_commands(now_ps);
}

// Nobody waits for the commands of requests that have been answered by a promise: they are issued in passing.
void DramChannel::wake_for_commands(std::uint64_t now_ps) {
    if (controller_.unanswered() != 0) {
        wake_at(std::max(clock_.edge_ps(controller_.next()), now_ps), now_ps);
    } else if (controller_.promised() != 0 && wake_ps_ > now_ps + passing_ps_) {
        wake_at(now_ps + passing_ps_, now_ps);
    }
}

void DramChannel::serve_requests() {
    const std::uint64_t now_ps = now_in_ps();
    const Ck now = clock_.edge_at_or_before(now_ps);
    wake_ps_ = kNeverPs;
    do {
        issue_commands(now);
        // Both may let the initiator in for its next request.
    } while (grant_withheld_request(now_ps) || send_due_responses(now_ps));
    if (waves_) {
        waves_->queue_levels(now_ps, controller_.waiting(false), controller_.waiting(true));
    }
    sleep(now_ps);
}

void DramChannel::issue_commands(Ck now) {
    if (controller_.promised() != 0) {
        controller_.catch_up(now);
    }
    while (controller_.next() <= now) {
        controller_.run(now, served_);
        for (const ChannelController::Served& served : served_) {
            Payload* const payload = static_cast<Payload*>(served.owner);
            responses_.push({payload, clock_.edge_ps(served.data_end),
                             data_ ? payload->get_response_status() : tlm::TLM_OK_RESPONSE});
        }
        served_.clear();
    }
}

bool DramChannel::grant_withheld_request(std::uint64_t now_ps) {
    if (withheld_ == nullptr || withheld_from_ps_ > now_ps || !has_room(*withheld_, withheld_request_)) {
        return false;
    }
    Payload& payload = *withheld_;
    withheld_ = nullptr;
    take(payload, withheld_request_, now_ps);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (mem_in->nb_transport_bw(payload, phase, delay) != tlm::TLM_ACCEPTED) {
        protocol_errors_.add(*this, &payload, phase, "in answer to END_REQ", "TLM_ACCEPTED");
    }
    return true;
}

bool DramChannel::send_due_responses(std::uint64_t now_ps) {
    if (responses_.empty() || responses_.front().at_ps > now_ps || !response_port_.ready(now_ps)) {
        return false;
    }
    const ResponseQueue::Response response = responses_.front();
    responses_.pop();
    tlm::tlm_phase answered;
    if (!response_port_.send(*mem_in.operator->(), response, now_ps, answered)) {
        // Nobody holds the payload any more if it has been ended in another way.
        protocol_errors_.add(*this, response_port_.open() ? response.payload : nullptr, answered,
                             "in answer to BEGIN_RESP", "END_RESP or TLM_COMPLETED, once");
    }
    return true;
}

void DramChannel::sleep(std::uint64_t now_ps) {
    wake_for_commands(now_ps);
    if (!responses_.empty() && !response_port_.open()) {
        wake_at(std::max({responses_.front().at_ps, response_port_.free_at_ps(), now_ps}), now_ps);
    }
    if (withheld_ != nullptr && withheld_from_ps_ > now_ps) {
        wake_at(withheld_from_ps_, now_ps);
    }
}

void DramChannel::wake_at(std::uint64_t ps, std::uint64_t now_ps) {
    if (ps < wake_ps_) {
        wake_ps_ = ps;
        wake_.notify(sc_core::sc_time::from_value(ps - now_ps));
    }
}

} // namespace systolica
