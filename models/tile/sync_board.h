// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The sync board of a chip: event counters that order work between tiles and operations (machine/commands/
// sync_access.h). A post is seen from the next edge of the chip clock on; a wait is answered at the edge from which the
// count has been seen to reach its threshold. Not modelled: wires and arbitration, every tile has a port of its own.
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "base/clock.h"
#include "base/statistics.h"
#include "base/waves.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class SyncBoard : public sc_core::sc_module {
public:
    struct Params {
        unsigned tiles = 1;
        Clock clock{1'000'000};
    };

    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<SyncBoard>> tile_in;

    SyncBoard(const sc_core::sc_module_name& name, const Params& params);

    std::uint64_t posts() const { return posts_; }
    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    static constexpr std::uint32_t kEvents = 1U << 24; // an event number beyond is a fault of the program

    struct Counter {
        std::uint32_t count = 0;
        std::uint32_t count_before = 0; // without the posts of the cycle of the last post
        std::uint64_t last_post_ps = 0;
        std::uint32_t first_waiter = kNone;
    };
    struct Waiter {
        tlm::tlm_generic_payload* payload = nullptr;
        int tile = 0;
        std::uint32_t next = kNone;
    };
    struct Answer {
        std::uint64_t at_ps = 0;
        std::uint32_t waiter = kNone;
    };

    void b_transport(int tile, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(int tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(int tile, tlm::tlm_generic_payload& payload);
    void answer_waits();

    bool legal(tlm::tlm_generic_payload& payload);
    Counter& counter(std::uint32_t event);
    void post(std::uint32_t event);
    void answer_next_edge(std::uint32_t waiter);
    std::uint32_t add_waiter(tlm::tlm_generic_payload& payload, int tile);

    const Params params_;
    std::vector<Counter> counters_; // by event
    std::vector<Waiter> waiters_;   // linked from their counters; free ones from idle_waiter_
    std::uint32_t idle_waiter_ = kNone;
    std::vector<Answer> answers_; // due, in order of time; next_answer_ is the first that is still to come
    std::size_t next_answer_ = 0;
    TimedEvent answer_;
    std::uint64_t posts_ = 0;
    std::uint64_t waits_ = 0;
    std::uint64_t waiting_ = 0;
    Wave waiting_wave_;
};

} // namespace systolica
