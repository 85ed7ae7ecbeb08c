// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Offers the requests of a trace to the channels of a memory, in the order of the trace and at most one in a clock of
// the memory: each as soon as the one before it was accepted and its own clock has come. A queue without room blocks
// everything behind it. Requests that leave an interleave block are split; the parts go out one after another, in one
// clock where the queues let them, and the request is accepted, and complete, when all parts are.
//
// Approximately timed: nb_transport, four phases and all their short forms. Loosely timed: b_transport ahead of time; a
// queue place, and one of those of a bank, counts as free when the request that held it a queue length before has had
// its column command. Data are zeros and are not looked at.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <systemc>
#include <tlm>

#include "base/clock.h"
#include "machine/dram/address_map.h"
#include "machine/dram/trace_reader.h"
#include "machine/dram/traffic_history.h"

namespace systolica {

class DramTracePlayer : public sc_core::sc_module, private tlm::tlm_bw_transport_if<>, private tlm::tlm_mm_interface {
public:
    struct Params {
        const DramTrace* trace = nullptr; // outlives the player
        DramConfig config;
        std::optional<Ck> arrival; // request i is due at clock i * arrival; none: at the clocks of the trace
        std::uint64_t repeat = 1;  // passes over the trace; clocks go on from one to the next
        bool lt = false;           // b_transport
        DramTrafficHistory* history = nullptr;
    };
    sc_core::sc_vector<tlm::tlm_initiator_socket<32>> mem_out; // one a channel

    DramTracePlayer(const sc_core::sc_module_name& name, const Params& params);

    // Whether the clocks of all passes are times that the simulation can hold: 2^62 ps, 53 days.
    static bool clocks_fit(const Params& params);

    std::uint64_t planned() const { return planned_; }
    bool done() const { return totals_.requests == planned_; } // pauses the simulation when it comes true
    const DramTrafficTotals& totals() const { return totals_; }

private:
    using Payload = tlm::tlm_generic_payload;

    struct Request {
        Ck due = 0, offered = 0, accepted = 0;
        std::uint32_t bytes = 0;
        bool write = false;
    };
    struct Split { // a request of several parts
        Request request;
        unsigned parts = 0; // that have not completed, and one while some have not been accepted
        Ck end = 0;
        bool failed = false;
    };
    struct Part : Payload {
        explicit Part(tlm::tlm_mm_interface* owner) : Payload(owner) {}

        Request request;
        Split* split = nullptr; // part of one of these, or a request of its own
    };

    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 from, sc_dt::uint64 to) override;
    void free(Payload* payload) override;

    void offer_requests();
    void call_requests();
    bool begin_request(Ck now);
    bool offer_part();
    Part& next_part();
    void accepted(Part& part, Ck at);
    void completed(Part& part, Ck end);
    void finish_part(Split& split, Ck end);
    void count(const Request& request, Ck end, bool failed);
    Ck due() const;
    void advance();
    void offer_at(Ck clock);
    Ck call_part(Ck at);
    Ck after(const sc_core::sc_time& delay) const; // clock at which a phase with this delay takes effect

    const DramTrace& trace_;
    const DramConfig config_;
    const Clock clock_;
    const ChannelInterleave interleave_;
    const std::optional<Ck> arrival_;
    const std::uint64_t planned_;
    DramTrafficHistory* const history_;
    std::vector<unsigned char> data_; // of all payloads

    std::uint64_t begun_ = 0;     // requests, over all passes
    std::size_t next_ = 0;        // in the trace
    Ck pass_clock_ = 0;           // added to the trace's clocks
    Ck earliest_ = 0;             // of the next offer
    Request current_;             // is being offered, while there are
    std::uint64_t rest_from_ = 0; // bytes of it
    std::uint32_t rest_bytes_ = 0;
    Split* current_split_ = nullptr;
    sc_core::sc_event offer_{"offer"};
    Part* withheld_ = nullptr; // BEGIN_REQ without END_REQ

    std::deque<Part> parts_;
    std::vector<Part*> idle_parts_;
    std::deque<Split> splits_;
    std::vector<Split*> idle_splits_;

    struct Places { // of a queue, loosely timed: when each gets free, in turn
        std::vector<Ck> free_at;
        std::size_t next = 0;

        Ck& take() {
            next = next + 1 == free_at.size() ? 0 : next + 1;
            return free_at[next];
        }
    };
    std::vector<Places> places_;              // by channel and kind
    std::vector<Places> bank_places_;         // by channel and bank, where queue.per_bank limits them
    std::optional<const DramAddressMap> map_; // then
    DramTrafficTotals totals_;
};

} // namespace systolica
