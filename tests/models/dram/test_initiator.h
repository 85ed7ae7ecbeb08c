// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An approximately timed initiator for tests of memories: sends from a test's own thread, keeps a record of each
// request, ends responses in any legal form, and checks the base protocol's rules on its side of the socket.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include <systemc>
#include <tlm>

#include <gtest/gtest.h>

#include "models/tlm/payload_pool.h"

namespace systolica::test {

class TestInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    enum class Ending { completed, updated, later, never };
    struct Record {
        std::uint64_t sent_ps = 0, accepted_ps = 0, answered_ps = 0;
        bool write = false;
        std::uint64_t address = 0;
        std::uint32_t bytes = 0;
        unsigned answers = 0;
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
    };

    tlm::tlm_initiator_socket<32> mem_out{"mem_out"};
    Ending ending = Ending::completed;
    bool random_endings = false;
    std::vector<Record> records;      // in order of sending
    std::vector<std::size_t> answers; // record numbers in order of BEGIN_RESP
    PayloadPool pool{4096};

    explicit TestInitiator(const sc_core::sc_module_name& name, unsigned seed = 1) : sc_module(name), random_(seed) {
        mem_out.bind(*this);
        SC_HAS_PROCESS(TestInitiator);
        SC_THREAD(end_responses);
        sensitive << end_now_;
    }

    // From a thread: sends a request, annotated with a delay, and waits for its END_REQ.
    std::size_t send(bool write, std::uint64_t address, std::uint32_t bytes, std::uint64_t delay_ps = 0) {
        tlm::tlm_generic_payload& payload =
            pool.acquire(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, bytes);
        return send(payload, delay_ps);
    }
    std::size_t send(tlm::tlm_generic_payload& payload, std::uint64_t delay_ps = 0) {
        const std::size_t number = records.size();
        Record record;
        record.sent_ps = now() + delay_ps;
        record.write = payload.is_write();
        record.address = payload.get_address();
        record.bytes = payload.get_data_length();
        records.push_back(record);
        number_of_[&payload] = number;
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = sc_core::sc_time::from_value(delay_ps);
        requested_ = &payload;
        in_forward_ = true;
        const tlm::tlm_sync_enum answer = mem_out->nb_transport_fw(payload, phase, delay);
        in_forward_ = false;
        if (answer == tlm::TLM_COMPLETED) {
            requested_ = nullptr;
            records[number].accepted_ps = now() + delay.value();
            answer_of(payload, now() + delay.value());
            payload.release();
        } else if (answer == tlm::TLM_UPDATED) {
            EXPECT_EQ(phase, tlm::END_REQ);
            requested_ = nullptr;
            records[number].accepted_ps = now() + delay.value();
        } else {
            while (requested_ != nullptr) {
                sc_core::wait(accepted_);
            }
        }
        return number;
    }

    std::size_t unanswered() const { return number_of_.size(); }

private:
    static std::uint64_t now() { return sc_core::sc_time_stamp().value(); }

    void answer_of(tlm::tlm_generic_payload& payload, std::uint64_t at_ps) {
        const auto found = number_of_.find(&payload);
        ASSERT_NE(found, number_of_.end()) << "response to nothing";
        Record& record = records[found->second];
        ++record.answers;
        record.answered_ps = at_ps;
        record.status = payload.get_response_status();
        EXPECT_EQ(payload.get_address(), record.address);
        EXPECT_EQ(payload.get_data_length(), record.bytes);
        answers.push_back(found->second);
        number_of_.erase(found);
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        EXPECT_FALSE(in_forward_) << "backward call inside a forward call";
        if (phase == tlm::END_REQ) {
            EXPECT_EQ(requested_, &payload) << "END_REQ of another request";
            requested_ = nullptr;
            records[number_of_.at(&payload)].accepted_ps = now() + delay.value();
            accepted_.notify(delay);
            return tlm::TLM_ACCEPTED;
        }
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        EXPECT_EQ(responding_, nullptr) << "BEGIN_RESP before END_RESP of the response before";
        EXPECT_NE(requested_, &payload) << "BEGIN_RESP without END_REQ";
        answer_of(payload, now() + delay.value());
        const Ending how = random_endings ? static_cast<Ending>(random_() % 3) : ending;
        if (how == Ending::never || how == Ending::later) {
            responding_ = &payload;
            if (how == Ending::later) {
                end_now_.notify(sc_core::sc_time::from_value(random_() % 20000));
            }
            return tlm::TLM_ACCEPTED;
        }
        payload.release();
        phase = how == Ending::updated ? tlm::tlm_phase(tlm::END_RESP) : phase;
        return how == Ending::updated ? tlm::TLM_UPDATED : tlm::TLM_COMPLETED;
    }

    void invalidate_direct_mem_ptr(sc_dt::uint64 /*from*/, sc_dt::uint64 /*to*/) override {}

    void end_responses() {
        for (;;) {
            sc_core::wait();
            if (responding_ == nullptr) {
                continue;
            }
            tlm::tlm_generic_payload& payload = *responding_;
            responding_ = nullptr;
            tlm::tlm_phase phase = tlm::END_RESP;
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            in_forward_ = true;
            mem_out->nb_transport_fw(payload, phase, delay);
            in_forward_ = false;
            payload.release();
        }
    }

    std::mt19937 random_;
    std::map<tlm::tlm_generic_payload*, std::size_t> number_of_; // requests without BEGIN_RESP
    tlm::tlm_generic_payload* requested_ = nullptr;              // without END_REQ
    tlm::tlm_generic_payload* responding_ = nullptr;             // without END_RESP
    bool in_forward_ = false;
    sc_core::sc_event accepted_, end_now_;
};

// A thread that runs a test's script.
class Script : public sc_core::sc_module {
public:
    Script(const sc_core::sc_module_name& name, std::function<void()> body) : sc_module(name), body_(std::move(body)) {
        SC_HAS_PROCESS(Script);
        SC_THREAD(run);
    }

private:
    void run() { body_(); }

    std::function<void()> body_;
};

} // namespace systolica::test
