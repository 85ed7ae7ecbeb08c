// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/dram_channel.h"

#include <cmath>

#include "models/dram/dram_report.h"

namespace systolica {

namespace {

constexpr std::uint64_t kNeverPs = ~std::uint64_t{0};
constexpr Ck kPassingClocks = 4096; // between looks at requests that have been answered already

std::uint64_t now_in_ps() {
    return sc_core::sc_time_stamp().value();
}

std::size_t queue_entries(const DramConfig& config) {
    return std::size_t{config.read_queue} + config.write_queue;
}

} // namespace

DramChannel::DramChannel(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      config_(params.config),
      channel_(params.channel),
      clock_(config_.part.clock_khz()),
      interleave_(config_.channels, config_.interleave_bytes),
      frontend_ps_(static_cast<std::uint64_t>(std::llround(config_.frontend_latency_ns * 1000.0))),
      controller_(config_),
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

tlm::tlm_response_status DramChannel::check(const Payload& payload) const {
    if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    if (payload.get_byte_enable_ptr() != nullptr) {
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    }
    const std::uint64_t address = payload.get_address();
    const std::uint64_t bytes = payload.get_data_length();
    if (bytes == 0 || payload.get_streaming_width() < bytes) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    const std::uint64_t local = interleave_.local(address);
    const std::uint64_t capacity = controller_.map().capacity_bytes();
    const bool inside = bytes <= capacity && local <= capacity - bytes;
    if (!inside || interleave_.channel(address) != channel_ || !interleave_.within_channel(address, bytes)) {
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
}

// Room for an answer counts too: an initiator that takes no responses must not have more and more requests served.
bool DramChannel::has_room(const Payload& payload) const {
    return responses_.size() < queue_entries(config_) && !controller_.full(payload.is_write());
}

void DramChannel::take(Payload& payload, std::uint64_t now_ps) {
    payload.acquire(); // nb_transport needs a memory manager (IEEE 1666, 14.5)
    const tlm::tlm_response_status status = check(payload);
    if (status != tlm::TLM_OK_RESPONSE) {
        responses_.push({&payload, now_ps, status});
        wake_at(now_ps, now_ps);
        return;
    }
    const Ck accepted = clock_.edge_at_or_after(now_ps);
    const Ck visible = frontend_ps_ == 0 ? accepted : clock_.edge_at_or_after(now_ps + frontend_ps_);
    controller_.accept(
        {&payload, payload.is_write(), interleave_.local(payload.get_address()), payload.get_data_length()}, accepted,
        visible);
    const Ck next = controller_.next();
    wake_at(next == 0 ? clock_.edge_ps(accepted) : clock_.edge_ps(next), now_ps);
    if (waves_) {
        waves_->queue_levels(now_ps, controller_.waiting(false), controller_.waiting(true));
    }
}

tlm::tlm_sync_enum DramChannel::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const std::uint64_t now_ps = now_in_ps();
    if (phase == tlm::BEGIN_REQ) {
        sc_assert(withheld_ == nullptr); // request exclusion rule
        if (delay == sc_core::SC_ZERO_TIME && has_room(payload)) {
            take(payload, now_ps);
            phase = tlm::END_REQ;
            return tlm::TLM_UPDATED;
        }
        withheld_ = &payload;
        withheld_from_ps_ = now_ps + delay.value();
        if (delay != sc_core::SC_ZERO_TIME) {
            wake_at(withheld_from_ps_, now_ps);
        }
        return tlm::TLM_ACCEPTED;
    }
    if (phase == tlm::END_RESP && response_port_.open()) {
        const std::uint64_t at_ps = now_ps + delay.value();
        response_port_.end(payload, at_ps);
        wake_at(at_ps, now_ps);
        return tlm::TLM_COMPLETED;
    }
    SC_REPORT_ERROR("/dram/protocol", "unexpected phase on the forward path");
    return tlm::TLM_ACCEPTED;
}

void DramChannel::b_transport(Payload& payload, sc_core::sc_time& delay) {
    const tlm::tlm_response_status status = check(payload);
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE) {
        return;
    }
    const std::uint64_t now_ps = now_in_ps();
    const Ck at = clock_.edge_at_or_after(now_ps + delay.value() + frontend_ps_);
    const std::uint64_t local = interleave_.local(payload.get_address());
    controller_.catch_up(clock_.edge_at_or_before(now_ps));
    const Ck end = controller_.serve_now({&payload, payload.is_write(), local, payload.get_data_length()}, at);
    delay = sc_core::sc_time::from_value(clock_.edge_ps(end) - now_ps);
    wake_for_commands(now_ps);
}

// Nobody waits for the commands of requests that have been answered by a promise: they are issued in passing.
void DramChannel::wake_for_commands(std::uint64_t now_ps) {
    if (controller_.unanswered() != 0) {
        wake_at(std::max(clock_.edge_ps(controller_.next()), now_ps), now_ps);
    } else if (controller_.promised() != 0) {
        wake_at(now_ps + clock_.edge_ps(kPassingClocks), now_ps);
    }
}

bool DramChannel::get_direct_mem_ptr(Payload& /*payload*/, tlm::tlm_dmi& dmi) {
    dmi.init();
    return false;
}

unsigned DramChannel::transport_dbg(Payload& /*payload*/) {
    return 0;
}

void DramChannel::serve_requests() {
    const std::uint64_t now_ps = now_in_ps();
    wake_ps_ = kNeverPs;
    do {
        issue_commands(now_ps);
        // Both may let the initiator in for its next request.
    } while (grant_withheld_request(now_ps) || send_due_responses(now_ps));
    if (waves_) {
        waves_->queue_levels(now_ps, controller_.waiting(false), controller_.waiting(true));
    }
    sleep(now_ps);
}

void DramChannel::issue_commands(std::uint64_t now_ps) {
    const Ck now = clock_.edge_at_or_before(now_ps);
    if (controller_.promised() != 0) {
        controller_.catch_up(now);
    }
    while (controller_.next() <= now) {
        controller_.run(now, served_);
        for (const ChannelController::Served& served : served_) {
            responses_.push(
                {static_cast<Payload*>(served.owner), clock_.edge_ps(served.data_end), tlm::TLM_OK_RESPONSE});
        }
        served_.clear();
    }
}

bool DramChannel::grant_withheld_request(std::uint64_t now_ps) {
    if (withheld_ == nullptr || withheld_from_ps_ > now_ps || !has_room(*withheld_)) {
        return false;
    }
    Payload& payload = *withheld_;
    withheld_ = nullptr;
    take(payload, now_ps);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    mem_in->nb_transport_bw(payload, phase, delay);
    return true;
}

bool DramChannel::send_due_responses(std::uint64_t now_ps) {
    if (responses_.empty() || responses_.front().at_ps > now_ps || !response_port_.ready(now_ps)) {
        return false;
    }
    const ResponseQueue::Response response = responses_.front();
    responses_.pop();
    response_port_.send(*mem_in.operator->(), response, now_ps);
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

DramCounters DramChannel::counters() const {
    return controller_.counters(clock_.edge_at_or_before(now_in_ps()));
}

std::size_t DramChannel::outstanding() const {
    return controller_.unanswered() + responses_.size() + (response_port_.open() ? 1U : 0U) +
           (withheld_ != nullptr ? 1U : 0U);
}

void DramChannel::report(Statistics& statistics) const {
    report_dram(counters(), statistics);
}

void DramChannel::add_waves(const WaveScope& scope) {
    waves_ = std::make_unique<DramWaves>(scope, config_.part, clock_);
    controller_.listen(waves_->any_traced() ? waves_.get() : nullptr);
    if (waves_->any_traced()) {
        scope.add_source(*this);
    } else {
        waves_.reset();
    }
}

// Commands that are issued in passing show at their time too. To look at them earlier changes none of them.
std::uint64_t DramChannel::next_change_ps() {
    if (controller_.promised() != 0) {
        controller_.catch_up(clock_.edge_at_or_before(now_in_ps()));
    }
    return waves_->next_change_ps();
}

void DramChannel::show_next() {
    waves_->show_next();
}

} // namespace systolica
