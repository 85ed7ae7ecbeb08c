// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One channel of LPDDR memory behind its controller (machine/dram/channel_controller.h), approximately or loosely
// timed. Timing only: no data is kept, so debug transport moves no bytes and there is no DMI.
//
// nb_transport: BEGIN_REQ is answered with TLM_UPDATED, END_REQ and no delay while the queue of its kind has room, else
// with TLM_ACCEPTED; END_REQ follows from this module's own process. BEGIN_RESP comes with the last data beat, one
// at a time and not in order of acceptance, except for requests that touch the same bytes. Annotated delays are
// honoured. A request that cannot be served (address, length, byte enables, command) runs through all phases with its
// error status. Addresses are system addresses; a request must not leave its interleave block when there are several
// channels.
// b_transport puts its request into the same queues and answers at once with the time when it will probably be served
// (machine/dram/promises.h), which is the delay it annotates; its commands are issued later, in the order of the
// scheduler. What is lost: an answer does not move when a later request goes first, and a queue that is full holds
// nobody back.
#pragma once

#include <memory>

#include <systemc>
#include <tlm>

#include "base/clock.h"
#include "base/statistics.h"
#include "base/waves.h"
#include "machine/dram/channel_controller.h"
#include "models/dram/dram_waves.h"
#include "models/dram/response_port.h"

namespace systolica {

class DramChannel : public sc_core::sc_module, private tlm::tlm_fw_transport_if<>, private WaveSource {
public:
    struct Params {
        DramConfig config;
        unsigned channel = 0; // which of config.channels this is
    };

    tlm::tlm_target_socket<32> mem_in{"mem_in"};

    DramChannel(const sc_core::sc_module_name& name, const Params& params);

    DramCounters counters() const; // up to the current time
    const Clock& clock() const { return clock_; }
    std::size_t outstanding() const; // requests taken and not yet answered, or kept waiting
    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope);

private:
    using Payload = tlm::tlm_generic_payload;

    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    void b_transport(Payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(Payload& payload) override;
    std::uint64_t next_change_ps() override;
    void show_next() override;

    void serve_requests();
    tlm::tlm_response_status check(const Payload& payload) const;
    bool has_room(const Payload& payload) const;
    void take(Payload& payload, std::uint64_t now_ps);
    bool grant_withheld_request(std::uint64_t now_ps);
    bool send_due_responses(std::uint64_t now_ps);
    void issue_commands(std::uint64_t now_ps);
    void sleep(std::uint64_t now_ps);
    void wake_for_commands(std::uint64_t now_ps);
    void wake_at(std::uint64_t ps, std::uint64_t now_ps);

    const DramConfig config_;
    const unsigned channel_;
    const Clock clock_;
    const ChannelInterleave interleave_;
    const std::uint64_t frontend_ps_;
    ChannelController controller_;
    std::vector<ChannelController::Served> served_;
    ResponseQueue responses_;
    ResponsePort response_port_;
    Payload* withheld_ = nullptr; // BEGIN_REQ without END_REQ yet
    std::uint64_t withheld_from_ps_ = 0;
    sc_core::sc_event wake_{"wake"};
    std::uint64_t wake_ps_;
    std::unique_ptr<DramWaves> waves_;
};

} // namespace systolica
