// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/kernel_rates.h"

#include "sc_main/host_meter.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cstdint>

namespace systolica {

namespace {

// Enough for a few tenths of a second each.
constexpr std::uint64_t kActivations = 4'000'000;
constexpr std::uint64_t kTransactions = 1'000'000;
constexpr std::uint64_t kBlockingCalls = 40'000'000;

sc_core::sc_time nanosecond() {
    return {1, sc_core::SC_NS};
}

class TimedMethod : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(TimedMethod);
    sc_core::sc_event start;

    explicit TimedMethod(const sc_core::sc_module_name& name) : sc_module(name) {
        SC_METHOD(wake);
        dont_initialize();
        sensitive << start;
    }

private:
    void wake() {
        if (++activations_ < kActivations) {
            start.notify(nanosecond());
        }
    }

    std::uint64_t activations_ = 0;
};

class Target : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Target> in{"in"};

    explicit Target(const sc_core::sc_module_name& name) : sc_module(name), arrivals_(this, &Target::arrived) {
        in.register_nb_transport_fw(this, &Target::forward);
        in.register_b_transport(this, &Target::blocking);
    }

private:
    tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (phase == tlm::END_RESP) {
            return tlm::TLM_COMPLETED;
        }
        arrivals_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }

    void arrived(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
        sc_core::sc_time delay = nanosecond();
        if (phase == tlm::BEGIN_REQ) {
            tlm::tlm_phase answer = tlm::END_REQ;
            in->nb_transport_bw(payload, answer, delay);
            arrivals_.notify(payload, tlm::BEGIN_RESP, nanosecond());
            return;
        }
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase answer = tlm::BEGIN_RESP;
        in->nb_transport_bw(payload, answer, delay);
    }

    void blocking(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        delay += nanosecond();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    tlm_utils::peq_with_cb_and_phase<Target> arrivals_;
};

// One payload, in flight once at a time: nothing of a pool is measured.
class OnePayload : public tlm::tlm_mm_interface {
public:
    OnePayload() : payload_(this) {
        payload_.set_data_ptr(data_.data());
        payload_.set_data_length(static_cast<unsigned>(data_.size()));
        payload_.set_streaming_width(static_cast<unsigned>(data_.size()));
    }

    tlm::tlm_generic_payload& acquire() {
        payload_.acquire();
        payload_.set_command(tlm::TLM_READ_COMMAND);
        payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return payload_;
    }
    void free(tlm::tlm_generic_payload* payload) override { payload->reset(); }

private:
    tlm::tlm_generic_payload payload_;
    std::array<unsigned char, 64> data_{};
};

class Initiator : public sc_core::sc_module {
public:
    SC_HAS_PROCESS(Initiator);
    tlm_utils::simple_initiator_socket<Initiator> out{"out"};
    sc_core::sc_event start;

    explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name), arrivals_(this, &Initiator::arrived) {
        out.register_nb_transport_bw(this, &Initiator::backward);
        SC_METHOD(send);
        dont_initialize();
        sensitive << start;
    }

    void call_blocking() {
        tlm::tlm_generic_payload& payload = payload_.acquire();
        sc_core::sc_time delay;
        for (std::uint64_t i = 0; i < kBlockingCalls; ++i) {
            delay = sc_core::SC_ZERO_TIME;
            out->b_transport(payload, delay);
        }
        payload.release();
    }

private:
    void send() {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = nanosecond();
        out->nb_transport_fw(payload_.acquire(), phase, delay);
    }

    tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        arrivals_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }

    void arrived(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
        if (phase == tlm::END_REQ) {
            return;
        }
        tlm::tlm_phase end = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        out->nb_transport_fw(payload, end, delay);
        payload.release();
        if (++completed_ < kTransactions) {
            send();
        }
    }

    tlm_utils::peq_with_cb_and_phase<Initiator> arrivals_;
    OnePayload payload_;
    std::uint64_t completed_ = 0;
};

double rate(std::uint64_t count, double begin_cpu_s) {
    return static_cast<double>(count) / (process_cpu_s() - begin_cpu_s);
}

} // namespace

KernelRates measure_kernel_rates() {
    TimedMethod method("timed_method");
    Initiator initiator("initiator");
    Target target("target");
    initiator.out.bind(target.in);
    sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaboration is not measured

    KernelRates rates;
    double begin_s = process_cpu_s();
    method.start.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start(); // until nothing is left to do
    rates.method_activations_per_s = rate(kActivations, begin_s);

    begin_s = process_cpu_s();
    initiator.start.notify(sc_core::SC_ZERO_TIME);
    sc_core::sc_start();
    rates.at_transactions_per_s = rate(kTransactions, begin_s);

    begin_s = process_cpu_s();
    initiator.call_blocking();
    rates.b_transport_per_s = rate(kBlockingCalls, begin_s);
    return rates;
}

} // namespace systolica
