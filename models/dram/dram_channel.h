// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One channel of LPDDR memory behind its controller (machine/dram/channel_controller.h), approximately or loosely
// timed. It keeps data when config.data says so. Addresses are system addresses; a request must not leave its
// interleave block when there are several channels.
//
// nb_transport: BEGIN_REQ is answered with TLM_UPDATED, END_REQ and no delay while the queue of its kind has room, else
// with TLM_ACCEPTED; END_REQ follows from this module's own process, which also is where every backward call comes
// from. BEGIN_RESP comes with the last data beat, one at a time and not in order of acceptance, except for requests
// that touch the same bytes. Annotated delays are honoured. A request that cannot be served (address, length, streaming
// width, byte enables, TLM_IGNORE_COMMAND) runs through all phases with its error status. A payload needs a memory
// manager. A phase out of order is reported once, by SC_REPORT_ERROR; a BEGIN_REQ that breaks the request exclusion
// rule, or has no memory manager, is completed with TLM_GENERIC_ERROR_RESPONSE.
// b_transport puts its request into the same queues and answers at once with the time when it will probably be served
// (machine/dram/promises.h), which is the delay it annotates; its commands are issued later, in the order of the
// scheduler. What is lost: an answer does not move when a later request goes first, and a queue that is full holds
// nobody back.
//
// Data move at the moment of acceptance (END_REQ, or the call of b_transport), reads and writes alike: bytes follow the
// order of acceptance, which is the order in which the controller serves requests to the same bytes, and debug
// transport sees every write that has been accepted. A byte-enabled write is a masked write to the controller when
// it leaves a byte alone; a streaming width below the length touches, and takes the time of, only that many bytes. With
// ECC a word that cannot be corrected answers TLM_GENERIC_ERROR_RESPONSE, after the same time.
// transport_dbg moves what lies within the memory and, with several channels, within the interleave block; nothing
// without data. get_direct_mem_ptr grants, with config.data, config.dmi and no ECC, the page of the address within its
// interleave block; it stays valid for good, so nothing is ever invalidated. Its latencies are those of one isolated
// access to a closed bank (front end, tRCD, RL or WL, one burst), to be taken for each access; such accesses are not
// counted and wait for nobody.
#pragma once

#include <memory>

#include <systemc>
#include <tlm>

#include "base/clock.h"
#include "base/statistics.h"
#include "base/waves.h"
#include "machine/dram/channel_controller.h"
#include "models/dram/command_listeners.h"
#include "models/dram/data_store.h"
#include "models/dram/dram_waves.h"
#include "models/dram/protocol_errors.h"
#include "models/dram/response_port.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class DramChannel : public sc_core::sc_module, private tlm::tlm_fw_transport_if<>, private WaveSource {
public:
    struct Params {
        DramConfig config;
        unsigned channel = 0; // which of config.channels this is
    };

    tlm::tlm_target_socket<32> mem_in{"mem_in"};

    DramChannel(const sc_core::sc_module_name& name, const Params& params);

    DramCounters counters();                       // up to the current time
    DramBankCounters bank_counters(unsigned bank); // of the channel, 0 .. config.banks() - 1
    const Clock& clock() const { return clock_; }
    std::size_t outstanding() const;          // requests taken and not yet answered, or kept waiting
    bool writes_drained();                    // no accepted write waits, and the last one's data have been on the pins
    DataStore* data() { return data_.get(); } // none without config.data; addresses within the channel
    std::uint64_t protocol_errors() const { return protocol_errors_.count(); }
    void report(Statistics& statistics);
    void add_waves(const WaveScope& scope);     // once
    void listen(DramCommandListener& listener); // besides those that do already; outlives this channel

private:
    using Payload = tlm::tlm_generic_payload;

    struct Request {
        tlm::tlm_response_status status; // why it cannot be served
        std::uint64_t local_address;
    };

    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    void b_transport(Payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(Payload& payload) override;
    std::uint64_t next_change_ps() override;
    void show_next() override;

    void serve_requests();
    tlm::tlm_sync_enum begin_request(Payload& payload, tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    tlm::tlm_sync_enum refuse_request(Payload& payload, const tlm::tlm_phase& phase);
    tlm::tlm_sync_enum end_response(Payload& payload, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
    Request check(const Payload& payload) const;
    bool holds(std::uint64_t address, std::uint64_t local_address, std::uint64_t bytes) const;
    bool has_room(const Payload& payload, const Request& request) const;
    void take(Payload& payload, const Request& request, std::uint64_t now_ps);
    ChannelController::Request controller_request(Payload& payload, std::uint64_t local_address) const;
    void move_data(Payload& payload, std::uint64_t local_address);
    bool grant_withheld_request(std::uint64_t now_ps);
    bool send_due_responses(std::uint64_t now_ps);
    void issue_commands(Ck now);
    void sleep(std::uint64_t now_ps);
    void settle();
    void wake_for_commands(std::uint64_t now_ps);
    void wake_at(std::uint64_t ps, std::uint64_t now_ps);

    const DramConfig config_;
    const unsigned channel_;
    const Clock clock_;
    const ChannelInterleave interleave_;
    const std::uint64_t frontend_ps_;
    const std::uint64_t passing_ps_; // between looks at requests that have been answered already
    ChannelController controller_;
    std::vector<ChannelController::Served> served_;
    std::unique_ptr<DataStore> data_;
    const bool dmi_;
    ResponseQueue responses_;
    ResponsePort response_port_;
    ProtocolErrors protocol_errors_;
    Payload* withheld_ = nullptr; // BEGIN_REQ without END_REQ yet
    Request withheld_request_{};
    std::uint64_t withheld_from_ps_ = 0;
    TimedEvent wake_{"wake"};
    std::uint64_t wake_ps_;
    std::uint64_t promised_write_end_ps_ = 0;
    std::uint64_t caught_up_ps_ = WaveSource::kNever; // b_transport's last look at what is due
    DramCommandListeners listeners_;
    std::unique_ptr<DramWaves> waves_;
    std::uint64_t settled_ps_ = WaveSource::kNever; // when waves last asked
};

} // namespace systolica
