// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/ideal_memory.h"

#include <cmath>

#include "models/dram/dram_report.h"
#include "models/dram/protocol_errors.h"
#include "models/dram/request_check.h"
#include "models/dram/response_port.h"

namespace systolica {

namespace {

constexpr std::uint64_t kNeverPs = ~std::uint64_t{0};

std::uint64_t now_in_ps() {
    return sc_core::sc_time_stamp().value();
}

} // namespace

// The forward interface of one socket and the responses that go back through it.
class IdealMemory::Port : public tlm::tlm_fw_transport_if<> {
public:
    Port(IdealMemory& memory, unsigned number) : memory_(memory), number_(number) {}

    std::size_t outstanding() const { return responses_.size() + (response_port_.open() ? 1U : 0U); }

    // Sends what is due and returns when to come again.
    std::uint64_t send_responses(std::uint64_t now_ps) {
        while (!responses_.empty() && responses_.front().at_ps <= now_ps && response_port_.ready(now_ps)) {
            const ResponseQueue::Response response = responses_.front();
            responses_.pop();
            tlm::tlm_phase answered;
            if (!response_port_.send(*memory_.mem_in[number_].operator->(), response, now_ps, answered)) {
                wrong(response_port_.open() ? response.payload : nullptr, answered, "in answer to BEGIN_RESP",
                      "END_RESP or TLM_COMPLETED, once");
            }
        }
        if (responses_.empty() || response_port_.open()) {
            return kNeverPs;
        }
        return std::max({responses_.front().at_ps, response_port_.free_at_ps(), now_ps});
    }

private:
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        const std::uint64_t now_ps = now_in_ps();
        const std::uint64_t at_ps = now_ps + delay.value();
        if (phase == tlm::BEGIN_REQ) {
            const tlm::tlm_response_status status = check_attributes(payload);
            if (!payload.has_mm()) {
                wrong(&payload, phase, "of a payload without a memory manager", "one (IEEE 1666, nb_transport)");
                payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
                return tlm::TLM_COMPLETED;
            }
            const std::uint64_t done_ps = status == tlm::TLM_OK_RESPONSE ? memory_.reserve(payload, at_ps) : at_ps;
            if (done_ps == now_ps && outstanding() == 0) {
                payload.set_response_status(status);
                return tlm::TLM_COMPLETED;
            }
            payload.acquire();
            responses_.push({&payload, done_ps, status});
            memory_.outstanding_changed(now_ps);
            memory_.wake_at(done_ps, now_ps);
            phase = tlm::END_REQ;
            return tlm::TLM_UPDATED;
        }
        if (phase == tlm::END_RESP && response_port_.waits_for(payload)) {
            response_port_.end(payload, at_ps);
            memory_.outstanding_changed(now_ps);
            memory_.wake_at(at_ps, now_ps);
            return tlm::TLM_COMPLETED;
        }
        if (!ProtocolErrors::extended(phase)) {
            wrong(&payload, phase, "on the forward path",
                  response_port_.open() ? "BEGIN_REQ, or END_RESP of the response that waits for it" : "BEGIN_REQ");
        }
        return tlm::TLM_ACCEPTED;
    }

    void b_transport(Payload& payload, sc_core::sc_time& delay) override {
        payload.set_response_status(check_attributes(payload));
        if (payload.is_response_ok()) {
            const std::uint64_t now_ps = now_in_ps();
            delay = sc_core::sc_time::from_value(memory_.reserve(payload, now_ps + delay.value()) - now_ps);
        }
    }

    bool get_direct_mem_ptr(Payload& /*payload*/, tlm::tlm_dmi& dmi) override {
        dmi.init();
        return false;
    }

    unsigned transport_dbg(Payload& /*payload*/) override { return 0; }

    void wrong(const Payload* payload, const tlm::tlm_phase& phase, const char* what, const char* legal) {
        errors_.add(memory_.mem_in[number_], payload, phase, what, legal);
    }

    IdealMemory& memory_;
    const unsigned number_;
    ProtocolErrors errors_;
    ResponseQueue responses_;
    ResponsePort response_port_;
};

IdealMemory::IdealMemory(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      mem_in("mem_in", params.channels),
      bytes_per_s_(params.ideal_bytes_per_s),
      latency_ps_(static_cast<std::uint64_t>(std::llround(params.ideal_latency_ns * 1000.0))),
      wake_ps_(kNeverPs) {
    sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
    for (unsigned i = 0; i < params.channels; ++i) {
        ports_.push_back(std::make_unique<Port>(*this, i));
        mem_in[i].bind(*ports_[i]);
    }
    SC_HAS_PROCESS(IdealMemory);
    SC_METHOD(send_responses);
    sensitive << wake_;
    dont_initialize();
}

IdealMemory::~IdealMemory() = default;

// Books the transfer and returns when the last byte has been answered.
std::uint64_t IdealMemory::reserve(const Payload& payload, std::uint64_t at_ps) {
    const std::uint64_t bytes = touched_bytes(payload);
    if (payload.is_write()) {
        ++counters_.writes;
        counters_.write_bytes += bytes;
    } else {
        ++counters_.reads;
        counters_.read_bytes += bytes;
    }
    counters_.bus_bytes += bytes;
    if (bytes_per_s_ <= 0) {
        return at_ps + latency_ps_;
    }
    const auto end_ps = [this] {
        const double ps = static_cast<double>(busy_bytes_) * 1e12 / bytes_per_s_;
        return busy_from_ps_ + static_cast<std::uint64_t>(std::llround(ps));
    };
    if (at_ps >= end_ps()) {
        busy_from_ps_ = at_ps;
        busy_bytes_ = 0;
    }
    busy_bytes_ += bytes;
    return end_ps() + latency_ps_;
}

void IdealMemory::send_responses() {
    const std::uint64_t now_ps = now_in_ps();
    wake_ps_ = kNeverPs;
    for (const std::unique_ptr<Port>& port : ports_) {
        const std::uint64_t next_ps = port->send_responses(now_ps);
        if (next_ps != kNeverPs) {
            wake_at(next_ps, now_ps);
        }
    }
    outstanding_changed(now_ps);
}

void IdealMemory::wake_at(std::uint64_t ps, std::uint64_t now_ps) {
    if (ps < wake_ps_) {
        wake_ps_ = ps;
        wake_.notify(sc_core::sc_time::from_value(ps - now_ps));
    }
}

std::size_t IdealMemory::outstanding() const {
    std::size_t all = 0;
    for (const std::unique_ptr<Port>& port : ports_) {
        all += port->outstanding();
    }
    return all;
}

void IdealMemory::outstanding_changed(std::uint64_t now_ps) {
    if (outstanding_wave_.traced()) {
        outstanding_wave_.set(now_ps, outstanding());
    }
}

void IdealMemory::report(Statistics& statistics) const {
    report_dram(counters_, statistics);
}

void IdealMemory::add_waves(const WaveScope& scope) {
    outstanding_wave_ = scope.add("outstanding", 16);
}

} // namespace systolica
