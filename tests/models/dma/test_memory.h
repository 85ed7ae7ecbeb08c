// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A memory for DMA tests: answers each request after a latency of its own, in one of the ways the protocol allows.
#pragma once

#include <map>
#include <vector>

#include "tests/models/scratchpad/command_driver.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace systolica::unit_test {

class TestMemory : public sc_core::sc_module {
public:
    enum class Answer {
        end_req,      // TLM_UPDATED: END_REQ, with the time until the next request
        late_end_req, // TLM_ACCEPTED, END_REQ later
        no_end_req,   // TLM_ACCEPTED, BEGIN_RESP implies END_REQ
        completed,    // TLM_COMPLETED, the latency annotated
        begin_resp    // TLM_UPDATED: BEGIN_RESP, the latency annotated
    };
    struct Params {
        std::vector<std::uint64_t> latencies{20}; // of the requests, in turn
        Answer answer = Answer::end_req;
        std::uint64_t accept_cycles = 1; // between requests
        std::uint64_t broken_address = ~std::uint64_t{0};
        std::uint64_t late_ps = 0; // of answers behind the clock edge
    };
    struct Request {
        std::uint64_t cycle;
        std::uint64_t address;
        std::uint32_t bytes;
        bool write;
    };

    tlm_utils::simple_target_socket<TestMemory> mem_in{"mem_in"};

    TestMemory(const sc_core::sc_module_name& name, Params params) : sc_module(name), params_(std::move(params)) {
        mem_in.register_nb_transport_fw(this, &TestMemory::request);
        mem_in.register_b_transport(this, &TestMemory::transport);
        SC_HAS_PROCESS(TestMemory);
        SC_METHOD(answer);
        sensitive << next_;
        dont_initialize();
    }

    std::vector<std::uint64_t> request_cycles() const {
        std::vector<std::uint64_t> list;
        for (const Request& entry : requests) {
            list.push_back(entry.cycle);
        }
        return list;
    }

    std::vector<Request> requests;
    std::size_t largest_in_flight = 0;
    unsigned end_responses = 0;

private:
    struct Due {
        tlm::tlm_generic_payload* payload;
        tlm::tlm_phase phase;
    };

    sc_core::sc_time note(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
        const std::uint64_t latency = params_.latencies[requests.size() % params_.latencies.size()];
        requests.push_back({now_cycle(), payload.get_address(), payload.get_data_length(), payload.is_write()});
        payload.set_response_status(payload.get_address() == params_.broken_address ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                                                    : tlm::TLM_OK_RESPONSE);
        return delay + cycles(latency) + sc_core::sc_time::from_value(params_.late_ps);
    }

    void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) { delay = note(payload, delay); }

    tlm::tlm_sync_enum request(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (phase == tlm::END_RESP) {
            ++end_responses;
            return tlm::TLM_COMPLETED;
        }
        sc_assert(!busy_);
        const sc_core::sc_time latency = note(payload, delay);
        const sc_core::sc_time taken = cycles(params_.accept_cycles);
        switch (params_.answer) {
        case Answer::completed:
            delay = latency;
            return tlm::TLM_COMPLETED;
        case Answer::begin_resp:
            delay = latency;
            phase = tlm::BEGIN_RESP;
            return tlm::TLM_UPDATED;
        case Answer::end_req:
            respond_after(payload, latency);
            phase = tlm::END_REQ;
            delay = taken;
            return tlm::TLM_UPDATED;
        case Answer::late_end_req:
            busy_ = true;
            schedule(payload, tlm::END_REQ, taken);
            respond_after(payload, latency);
            return tlm::TLM_ACCEPTED;
        case Answer::no_end_req:
            busy_ = true;
            respond_after(payload, latency);
            return tlm::TLM_ACCEPTED;
        }
        return tlm::TLM_ACCEPTED;
    }

    void respond_after(tlm::tlm_generic_payload& payload, const sc_core::sc_time& latency) {
        payload.acquire();
        schedule(payload, tlm::BEGIN_RESP, latency);
        largest_in_flight = std::max(largest_in_flight, ++in_flight_);
    }

    void schedule(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
        due_.insert({sc_core::sc_time_stamp() + delay, Due{&payload, phase}});
        next_.notify(due_.begin()->first - sc_core::sc_time_stamp());
    }

    void answer() {
        while (!due_.empty() && due_.begin()->first <= sc_core::sc_time_stamp()) {
            Due due = due_.begin()->second;
            due_.erase(due_.begin());
            if (due.phase == tlm::END_REQ || params_.answer == Answer::no_end_req) {
                busy_ = false;
            }
            in_flight_ -= due.phase == tlm::BEGIN_RESP ? 1 : 0;
            sc_core::sc_time zero;
            [[maybe_unused]] const tlm::tlm_sync_enum back = mem_in->nb_transport_bw(*due.payload, due.phase, zero);
            if (due.phase == tlm::BEGIN_RESP) {
                sc_assert(back == tlm::TLM_COMPLETED);
                due.payload->release();
            }
        }
        if (!due_.empty()) {
            next_.notify(due_.begin()->first - sc_core::sc_time_stamp());
        }
    }

    Params params_;
    std::multimap<sc_core::sc_time, Due> due_;
    std::size_t in_flight_ = 0;
    bool busy_ = false;
    sc_core::sc_event next_;
};

} // namespace systolica::unit_test
