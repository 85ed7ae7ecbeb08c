// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Initiators that do everything the base protocol allows, and an arbiter that merges them into one memory socket and
// tells the reference memory the order of acceptance there.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include <systemc>
#include <tlm>

#include <gtest/gtest.h>

#include "models/tlm/payload_pool.h"
#include "tests/models/dram/torture_reference.h"

namespace systolica::test {

struct TortureRequest {
    bool write;
    std::uint64_t address;
    std::uint32_t bytes;
    tlm::tlm_response_status expected = tlm::TLM_OK_RESPONSE;
};

// Sends `count` requests from a generator with at most `window` in flight, with delays on calls and idle times at
// random.
class TortureInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    using Payload = tlm::tlm_generic_payload;
    using Generator = std::function<TortureRequest(std::mt19937&)>;

    tlm::tlm_initiator_socket<32> mem_out{"mem_out"};
    PayloadPool pool{1024};
    std::uint64_t sent = 0, answered = 0, withheld = 0;

    TortureInitiator(const sc_core::sc_module_name& name, std::uint64_t count, std::size_t window, Generator generator,
                     unsigned seed)
        : sc_module(name), count_(count), generator_(std::move(generator)), random_(seed), slots_(window) {
        mem_out.bind(*this);
        for (Slot& slot : slots_) {
            idle_.push_back(&slot);
        }
        SC_HAS_PROCESS(TortureInitiator);
        SC_THREAD(send_requests);
        SC_METHOD(end_response);
        sensitive << end_;
        dont_initialize();
    }

private:
    struct Slot {
        std::array<unsigned char, 512> data;
        std::array<unsigned char, 8> enables;
        tlm::tlm_response_status expected;
    };

    bool chance(unsigned one_in) { return random_() % one_in == 0; }
    sc_core::sc_time some_ps(unsigned most) { return sc_core::sc_time::from_value(random_() % most); }

    Payload& make(const TortureRequest& request, Slot& slot) {
        Payload& payload = pool.acquire(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, request.address,
                                        request.bytes);
        slot.expected = request.expected;
        for (std::size_t i = 0; i < request.bytes; ++i) {
            slot.data[i] = request.write ? static_cast<unsigned char>(random_()) : ReferenceMemory::kUntouched;
        }
        payload.set_data_ptr(slot.data.data());
        if (chance(8)) {
            for (unsigned char& enable : slot.enables) {
                enable = chance(3) ? TLM_BYTE_DISABLED : TLM_BYTE_ENABLED;
            }
            payload.set_byte_enable_ptr(slot.enables.data());
            payload.set_byte_enable_length(1 + static_cast<unsigned>(random_() % slot.enables.size()));
        }
        if (chance(8) && request.bytes > 0) {
            payload.set_streaming_width(1 + static_cast<unsigned>(random_() % (2 * request.bytes)));
        }
        slot_of_[&payload] = &slot;
        return payload;
    }

    void send_requests() {
        while (sent < count_) {
            while (idle_.empty()) {
                sc_core::wait(some_idle_);
            }
            Slot& slot = *idle_.back();
            idle_.pop_back();
            Payload& payload = make(generator_(random_), slot);
            ++sent;
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay = chance(4) ? some_ps(5000) : sc_core::SC_ZERO_TIME;
            requesting_ = &payload;
            const tlm::tlm_sync_enum answer = mem_out->nb_transport_fw(payload, phase, delay);
            ASSERT_NE(answer, tlm::TLM_COMPLETED);
            if (answer == tlm::TLM_UPDATED) {
                ASSERT_EQ(phase, tlm::END_REQ);
                requesting_ = nullptr;
                sc_core::wait(delay);
            }
            withheld += requesting_ != nullptr ? 1U : 0U;
            while (requesting_ != nullptr) {
                sc_core::wait(request_ended_);
            }
            if (chance(64)) {
                sc_core::wait(some_ps(2000000)); // the queues run dry
            } else if (chance(4)) {
                sc_core::wait(some_ps(20000));
            }
        }
    }

    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        if (phase == tlm::END_REQ) {
            EXPECT_EQ(requesting_, &payload);
            requesting_ = nullptr;
            request_ended_.notify(delay);
            return tlm::TLM_ACCEPTED;
        }
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        EXPECT_NE(requesting_, &payload);
        EXPECT_EQ(payload.get_response_status(), slot_of_.at(&payload)->expected);
        switch (random_() % 4) {
        case 0:
            finish(payload);
            return tlm::TLM_COMPLETED;
        case 1:
            phase = tlm::END_RESP;
            delay += some_ps(3000);
            finish(payload);
            return tlm::TLM_UPDATED;
        case 2:
            delay += some_ps(3000);
            finish(payload);
            return tlm::TLM_COMPLETED;
        default:
            responding_ = &payload;
            end_.notify(delay + some_ps(chance(16) ? 400000 : 6000));
            return tlm::TLM_ACCEPTED;
        }
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    void end_response() {
        Payload& payload = *responding_;
        responding_ = nullptr;
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = chance(2) ? some_ps(3000) : sc_core::SC_ZERO_TIME;
        mem_out->nb_transport_fw(payload, phase, delay);
        finish(payload);
    }

    void finish(Payload& payload) {
        ++answered;
        const auto found = slot_of_.find(&payload);
        idle_.push_back(found->second);
        slot_of_.erase(found);
        payload.release();
        some_idle_.notify(sc_core::SC_ZERO_TIME);
    }

    const std::uint64_t count_;
    const Generator generator_;
    std::mt19937 random_;
    std::vector<Slot> slots_;
    std::vector<Slot*> idle_;
    std::map<Payload*, Slot*> slot_of_;
    Payload* requesting_ = nullptr;
    Payload* responding_ = nullptr;
    sc_core::sc_event request_ended_{"request_ended"}, some_idle_{"some_idle"}, end_{"end"};
};

// Many initiators, one memory. Requests go on one at a time, chosen at random; everything else passes through.
class TortureArbiter : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
public:
    using Payload = tlm::tlm_generic_payload;

    sc_core::sc_vector<tlm::tlm_target_socket<32>> port_in;
    tlm::tlm_initiator_socket<32> mem_out{"mem_out"};
    std::uint64_t withheld = 0; // by the memory

    TortureArbiter(const sc_core::sc_module_name& name, unsigned ports, ReferenceMemory& reference, unsigned seed)
        : sc_module(name), port_in("port_in", ports), reference_(reference), random_(seed) {
        for (unsigned i = 0; i < ports; ++i) {
            ports_.push_back(std::make_unique<Port>(*this, i));
            port_in[i].bind(*ports_[i]);
        }
        mem_out.bind(*this);
        SC_HAS_PROCESS(TortureArbiter);
        SC_METHOD(forward_request);
        sensitive << look_;
        dont_initialize();
    }

    // A blocking access, from a thread of the test: in the order of the memory's acceptance too.
    void access(Payload& payload) {
        reference_.accept(payload);
        sc_core::sc_time delay = sc_core::sc_time::from_value(random_() % 5000);
        mem_out->b_transport(payload, delay);
        reference_.answer(payload, false);
    }

private:
    struct Port : tlm::tlm_fw_transport_if<> {
        Port(TortureArbiter& a, unsigned n) : arbiter(a), number(n) {}

        tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
            if (phase == tlm::END_RESP) {
                return arbiter.mem_out->nb_transport_fw(payload, phase, delay);
            }
            arbiter.port_of_[&payload] = number;
            pending = &payload;
            from = sc_core::sc_time_stamp() + delay;
            arbiter.look_.notify(delay);
            return tlm::TLM_ACCEPTED;
        }
        void b_transport(Payload& payload, sc_core::sc_time& delay) override {
            arbiter.mem_out->b_transport(payload, delay);
        }
        bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi&) override { return false; }
        unsigned transport_dbg(Payload& payload) override { return arbiter.mem_out->transport_dbg(payload); }

        TortureArbiter& arbiter;
        const unsigned number;
        Payload* pending = nullptr;
        sc_core::sc_time from;
    };

    void forward_request() {
        while (requesting_ == nullptr) {
            std::vector<Port*> ready;
            for (const auto& port : ports_) {
                if (port->pending != nullptr && port->from <= sc_core::sc_time_stamp()) {
                    ready.push_back(port.get());
                } else if (port->pending != nullptr) {
                    look_.notify(port->from - sc_core::sc_time_stamp());
                }
            }
            if (ready.empty()) {
                return;
            }
            Port& port = *ready[random_() % ready.size()];
            Payload& payload = *port.pending;
            port.pending = nullptr;
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay = sc_core::sc_time::from_value(random_() % 8 == 0 ? random_() % 4000 : 0);
            requesting_ = &payload;
            const tlm::tlm_sync_enum answer = mem_out->nb_transport_fw(payload, phase, delay);
            ASSERT_NE(answer, tlm::TLM_COMPLETED);
            if (answer == tlm::TLM_ACCEPTED) {
                ++withheld;
                return;
            }
            ASSERT_EQ(phase, tlm::END_REQ);
            end_request(payload, phase, delay);
        }
    }

    void end_request(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        EXPECT_EQ(requesting_, &payload);
        requesting_ = nullptr;
        if (valid(payload)) {
            reference_.accept(payload);
        }
        const tlm::tlm_sync_enum answer = port_in[port_of_.at(&payload)]->nb_transport_bw(payload, phase, delay);
        EXPECT_EQ(answer, tlm::TLM_ACCEPTED);
        look_.notify(sc_core::SC_ZERO_TIME);
    }

    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override {
        if (phase == tlm::END_REQ) {
            end_request(payload, phase, delay);
            return tlm::TLM_ACCEPTED;
        }
        if (valid(payload)) {
            reference_.answer(payload);
        }
        return port_in[port_of_.at(&payload)]->nb_transport_bw(payload, phase, delay);
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    // The requests that a test makes wrong on purpose have nothing to do with memory.
    static bool valid(const Payload& payload) {
        return payload.get_data_length() != 0 && payload.get_address() < (std::uint64_t{1} << 40);
    }

    ReferenceMemory& reference_;
    std::mt19937 random_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::map<const Payload*, unsigned> port_of_;
    Payload* requesting_ = nullptr;
    sc_core::sc_event look_{"look"};
};

} // namespace systolica::test
