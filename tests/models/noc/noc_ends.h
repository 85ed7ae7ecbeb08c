// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What sits around a network under test: tiles that send prepared accesses, and memories that answer in every way the
// base protocol allows. Both write down when what happened, in ps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/noc/fabric_noc.h"
#include "models/tlm/payload_pool.h"
#include "models/tlm/shared_access.h"

namespace systolica::test {

inline std::uint64_t now() {
    return sc_core::sc_time_stamp().value();
}

// Calls to make at given times, in order of time and then of entry.
class Agenda {
public:
    void add(std::uint64_t at_ps, std::function<void()> what) {
        due_.emplace(at_ps, std::move(what));
        wake_.notify(sc_core::sc_time::from_value(due_.begin()->first - now()));
    }
    const sc_core::sc_event& event() const { return wake_; }
    void run() {
        while (!due_.empty() && due_.begin()->first <= now()) {
            const std::function<void()> what = std::move(due_.begin()->second);
            due_.erase(due_.begin());
            what();
        }
        if (!due_.empty()) {
            wake_.notify(sc_core::sc_time::from_value(due_.begin()->first - now()));
        }
    }

private:
    std::multimap<std::uint64_t, std::function<void()>> due_;
    sc_core::sc_event wake_;
};

struct Access {
    std::uint64_t not_before_ps;
    std::uint64_t address;
    unsigned bytes;
    bool write;
    unsigned sharers = 0; // tiles that make this access
};

// Sends its accesses in order, at most `window` at a time, and completes responses as `completion` says.
class TestTile : public sc_core::sc_module {
public:
    enum class Completion { at_once, on_return, later, random };

    struct Done {
        std::uint64_t address;
        std::uint64_t sent_ps;
        std::uint64_t answered_ps;
        tlm::tlm_response_status status;
    };

    tlm_utils::simple_initiator_socket<TestTile> out{"out"};
    std::vector<Access> accesses;
    unsigned window = 1;
    Completion completion = Completion::at_once;
    std::vector<Done> done; // in order of response
    std::uint64_t clock_ps = 1250;

    TestTile(const sc_core::sc_module_name& name, unsigned seed) : sc_module(name), random_(seed) {
        out.register_nb_transport_bw(this, &TestTile::backward);
        SC_HAS_PROCESS(TestTile);
        SC_METHOD(act);
        sensitive << agenda_.event();
        dont_initialize();
    }

    PayloadPool pool{4096};

    void start_of_simulation() override {
        agenda_.add(0, [this] { send(); });
    }

private:
    void act() { agenda_.run(); }

    void send() {
        if (sending_ || next_ == accesses.size() || in_flight_.size() == window) {
            return;
        }
        const Access& access = accesses[next_];
        if (access.not_before_ps > now()) {
            agenda_.add(access.not_before_ps, [this] { send(); });
            return;
        }
        if (now() % clock_ps != 0) {
            agenda_.add((now() / clock_ps + 1) * clock_ps, [this] { send(); });
            return;
        }
        ++next_;
        tlm::tlm_generic_payload& payload =
            pool.acquire(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, access.address, access.bytes);
        if (access.sharers != 0) {
            auto* shared = new SharedAccess;
            shared->sharers = access.sharers;
            payload.set_auto_extension(shared);
        }
        in_flight_[&payload] = now();
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        [[maybe_unused]] const tlm::tlm_sync_enum answer = out->nb_transport_fw(payload, phase, delay);
        sc_assert(answer == tlm::TLM_UPDATED && phase == tlm::END_REQ && delay != sc_core::SC_ZERO_TIME);
        sending_ = true;
        agenda_.add(now() + delay.value(), [this] {
            sending_ = false;
            send();
        });
    }

    tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        sc_assert(phase == tlm::BEGIN_RESP && delay == sc_core::SC_ZERO_TIME);
        sc_assert(now() >= response_free_ps_); // the response before has ended
        done.push_back({payload.get_address(), in_flight_.at(&payload), now(), payload.get_response_status()});
        in_flight_.erase(&payload);
        agenda_.add(now(), [this] { send(); });
        Completion how = completion;
        if (how == Completion::random) {
            how = static_cast<Completion>(random_() % 3);
        }
        const std::uint64_t wait_ps = random_() % 20000;
        if (how == Completion::later) {
            response_free_ps_ = ~std::uint64_t{0};
            agenda_.add(now() + wait_ps, [this, &payload] {
                response_free_ps_ = now();
                tlm::tlm_phase end = tlm::END_RESP;
                sc_core::sc_time zero = sc_core::SC_ZERO_TIME;
                [[maybe_unused]] const tlm::tlm_sync_enum answer = out->nb_transport_fw(payload, end, zero);
                sc_assert(answer == tlm::TLM_COMPLETED);
                payload.release();
            });
            return tlm::TLM_ACCEPTED;
        }
        payload.release();
        if (how == Completion::at_once) {
            return tlm::TLM_COMPLETED;
        }
        phase = tlm::END_RESP;
        delay = sc_core::sc_time::from_value(wait_ps);
        response_free_ps_ = now() + wait_ps;
        return tlm::TLM_UPDATED;
    }

    Agenda agenda_;
    std::mt19937 random_;
    std::size_t next_ = 0;
    bool sending_ = false;
    std::uint64_t response_free_ps_ = 0;
    std::map<tlm::tlm_generic_payload*, std::uint64_t> in_flight_;
};

// Answers after `latency_ps`, or within it at random.
class TestMemory : public sc_core::sc_module {
public:
    enum class Answer { end_request_at_once, end_request_later, response_only, response_on_return, completed, random };

    struct Arrival {
        std::uint64_t address;
        std::uint64_t at_ps;
        std::uint64_t answered_ps;
    };

    tlm_utils::simple_target_socket<TestMemory> in{"in"};
    Answer answer = Answer::end_request_at_once;
    std::uint64_t latency_ps = 0;
    bool random_latency = false;
    std::uint64_t closed_until_ps = 0; // withholds END_REQ until then
    std::vector<Arrival> arrivals;
    std::uint64_t bytes_served = 0;
    int end_responses_due = 0;

    TestMemory(const sc_core::sc_module_name& name, unsigned seed) : sc_module(name), random_(seed) {
        in.register_nb_transport_fw(this, &TestMemory::forward);
        in.register_b_transport(this, &TestMemory::blocking);
        in.register_transport_dbg(this, &TestMemory::debug);
        SC_HAS_PROCESS(TestMemory);
        SC_METHOD(act);
        sensitive << agenda_.event();
        dont_initialize();
    }

    std::map<std::uint64_t, unsigned> debug_pieces; // address, bytes

private:
    void act() { agenda_.run(); }

    tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        sc_assert(delay == sc_core::SC_ZERO_TIME);
        if (phase == tlm::END_RESP) {
            --end_responses_due;
            return tlm::TLM_COMPLETED;
        }
        sc_assert(phase == tlm::BEGIN_REQ && !request_open_ && now() >= request_free_ps_);
        const std::uint64_t latency = random_latency ? random_() % (latency_ps + 1) : latency_ps;
        arrivals.push_back({payload.get_address(), now(), now() + latency});
        const std::size_t number = arrivals.size() - 1;
        bytes_served += payload.get_data_length();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        Answer how = answer == Answer::random ? static_cast<Answer>(random_() % 5) : answer;
        if (now() < closed_until_ps) {
            how = Answer::end_request_later;
        }
        switch (how) {
        case Answer::end_request_at_once:
            agenda_.add(now() + latency, [this, &payload] { respond(payload); });
            phase = tlm::END_REQ;
            delay = sc_core::sc_time::from_value(random_latency ? random_() % 5000 : 0);
            request_free_ps_ = now() + delay.value();
            // A response must not come before the END_REQ just given.
            if (request_free_ps_ > now() + latency) {
                delay = sc_core::SC_ZERO_TIME;
                request_free_ps_ = now();
            }
            return tlm::TLM_UPDATED;
        case Answer::end_request_later: {
            request_open_ = true;
            const std::uint64_t wait = random_latency ? random_() % 9000 : 0;
            const std::uint64_t accepted = std::max(closed_until_ps, now() + wait);
            agenda_.add(accepted, [this, &payload, latency, number] {
                request_open_ = false;
                tlm::tlm_phase end = tlm::END_REQ;
                sc_core::sc_time zero = sc_core::SC_ZERO_TIME;
                in->nb_transport_bw(payload, end, zero);
                arrivals[number].answered_ps = now() + latency;
                agenda_.add(now() + latency, [this, &payload] { respond(payload); });
            });
            return tlm::TLM_ACCEPTED;
        }
        case Answer::response_only:
            request_open_ = true;
            agenda_.add(now() + latency, [this, &payload] {
                request_open_ = false;
                respond(payload);
            });
            return tlm::TLM_ACCEPTED;
        case Answer::response_on_return:
            phase = tlm::BEGIN_RESP;
            delay = sc_core::sc_time::from_value(latency);
            ++end_responses_due;
            return tlm::TLM_UPDATED;
        default:
            delay = sc_core::sc_time::from_value(latency);
            return tlm::TLM_COMPLETED;
        }
    }

    void respond(tlm::tlm_generic_payload& payload) {
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time zero = sc_core::SC_ZERO_TIME;
        [[maybe_unused]] const tlm::tlm_sync_enum result = in->nb_transport_bw(payload, phase, zero);
        sc_assert(result == tlm::TLM_COMPLETED);
    }

    void blocking(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
        arrivals.push_back({payload.get_address(), now() + delay.value(), now() + delay.value() + latency_ps});
        delay += sc_core::sc_time::from_value(latency_ps);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    unsigned debug(tlm::tlm_generic_payload& payload) {
        debug_pieces[payload.get_address()] = payload.get_data_length();
        return payload.get_data_length();
    }

    Agenda agenda_;
    std::mt19937 random_;
    bool request_open_ = false;
    std::uint64_t request_free_ps_ = 0;
};

// A network with its ends, bound.
template <class Noc>
struct BenchOf {
    Clock clock;
    Noc noc;
    std::vector<std::unique_ptr<TestTile>> tiles;
    std::vector<std::unique_ptr<TestMemory>> memories;

    explicit BenchOf(const NocConfig& config, unsigned interleave_bytes = 256, double mhz = 800)
        : clock(Clock::from_mhz(mhz)), noc("noc", {config, interleave_bytes}, clock) {
        for (unsigned i = 0; i < config.tile_routers.size(); ++i) {
            tiles.push_back(std::make_unique<TestTile>(("tile" + std::to_string(i)).c_str(), 100 + i));
            tiles.back()->out.bind(noc.tile_in[i]);
        }
        for (unsigned i = 0; i < config.memory_routers.size(); ++i) {
            memories.push_back(std::make_unique<TestMemory>(("memory" + std::to_string(i)).c_str(), 200 + i));
            noc.memory_out[i].bind(memories.back()->in);
        }
    }

    std::size_t answered() const {
        std::size_t sum = 0;
        for (const auto& tile : tiles) {
            sum += tile->done.size();
        }
        return sum;
    }
};

using NocBench = BenchOf<FabricNoc>;

} // namespace systolica::test
