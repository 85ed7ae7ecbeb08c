// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The network of a chip as its tiles and memory channels see it: it carries the accesses of the tiles to the memories
// and to each other's scratchpads (machine/commands/tile_address.h), request and response as one packet each, over
// links and routers that a derived module models. One process and one event for the whole network. Approximately timed
// on nb_transport; b_transport passes each packet through at once, ahead of time. What b_transport loses: who comes
// first at a link (the call decides, not the arrival), and a memory that pushes back holds nobody up.
//
// Protocol, tile side: BEGIN_REQ is answered by TLM_UPDATED, END_REQ and the time until the injection link takes the
// next request; a request before that time is a protocol error. The response is BEGIN_RESP on the backward path when
// its tail arrives. The initiator's limit on outstanding accesses bounds what the network holds.
// Target side, memories and scratchpads alike: BEGIN_REQ when the tail of a request arrives. A target pushes back by
// withholding END_REQ: requests to it then wait at its door, in order. All answers of the base protocol are taken:
// END_REQ at once or later, BEGIN_RESP on either path, TLM_COMPLETED. An answer on the return path with a delay does
// not delay the next request. The backward path is never called from a forward call. Decisions fall on edges of the
// clock; what a target answers between edges is taken at the next one.
//
// Accesses that tiles share (models/tlm/shared_access.h), where the derived module carries groups: their requests wait
// in the network interfaces until the last one is there, and go as a reduction, reads as well as writes (of sums to a
// tile's scratchpad). One access is made, and its answer goes to all as a multicast. So a request goes at most as much
// later as its way to the router takes where it would meet the others. With b_transport the first of the sharers of a
// read makes the access and the others get the answer when that came or when they asked, whichever is later; writes are
// made one by one. Not modelled: the data of sums.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "base/clock.h"
#include "base/statistics.h"
#include "base/waves.h"
#include "machine/noc/config.h"
#include "machine/noc/cycle_queue.h"
#include "models/noc/landing.h"
#include "models/noc/parties.h"
#include "models/noc/transaction_table.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class AccessNoc : public sc_core::sc_module {
public:
    struct Params {
        NocConfig noc;
        unsigned interleave_bytes = 256; // channel = address / interleave_bytes % memory channels
    };

    sc_core::sc_vector<tlm::tlm_target_socket<32>> tile_in;
    sc_core::sc_vector<tlm::tlm_initiator_socket<32>> memory_out;
    // To the scratchpads of each tile; unbound, accesses to them are answered by an address error.
    using PadSocket = tlm::tlm_initiator_socket<32, tlm::tlm_base_protocol_types, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
    sc_core::sc_vector<PadSocket> tile_out;

    AccessNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock);
    ~AccessNoc() override;

    struct LinkUse {
        std::string name;
        std::uint64_t busy_cycles = 0;
    };

    virtual std::uint64_t packets() const = 0;     // requests and responses
    virtual std::uint64_t packet_hops() const = 0; // links between routers they crossed
    virtual std::vector<LinkUse> links() const = 0;
    std::vector<LinkUse> hottest_links(std::size_t count) const; // that carried anything, the busiest first
    LinkUse busiest_link() const;                                // the first of the busiest, even of idle ones
    std::uint64_t bytes() const { return bytes_; } // payload bytes of the accesses answered without an error
    std::size_t in_flight() const { return transactions_.open_count(); }

    void report(Statistics& statistics) const;
    virtual void add_waves(const WaveScope& scope); // before the simulation starts
    std::string waiting() const;                    // one line a memory that withholds END_REQ, for deadlock reports

    // Traffic by class: what tiles ask for and what they get, reads and writes.
    enum TrafficClass : std::size_t { read_requests, read_responses, write_requests, write_responses, traffic_classes };
    struct ClassUse {
        std::uint64_t packets = 0;
        std::uint64_t flits = 0;
        std::uint64_t bytes = 0;          // payload that they carry
        std::uint64_t latency_cycles = 0; // sum, of packets that arrived: creation to tail
    };
    const ClassUse& class_use(TrafficClass of) const { return classes_[of]; }

protected:
    // Endpoints: tiles, then memories.
    unsigned tiles() const { return static_cast<unsigned>(tile_in.size()); }
    unsigned memories() const { return static_cast<unsigned>(memory_out.size()); }
    unsigned tile_end(unsigned tile) const { return tile; }
    unsigned memory_end(unsigned memory) const { return tiles() + memory; }

    // Targets of accesses: memories, then scratchpads of tiles.
    unsigned targets() const { return memories() + tiles(); }
    unsigned pads_of(unsigned tile) const { return memories() + tile; }
    unsigned target_end(unsigned target) const {
        return target < memories() ? memory_end(target) : tile_end(target - memories());
    }

    enum Class : unsigned { requests, responses }; // classes of messages

    // To be called from advance(): the tail of a packet is there; what call_at() asked for is due.
    void arrived(std::uint32_t number);
    void called(std::uint32_t token);
    void party_arrived(std::uint32_t party, unsigned endpoint); // at one of its endpoints

private:
    // Packet `number` is created at `cycle`, which is not in the past. Returns the cycle in which the endpoint may
    // create the next one.
    virtual std::uint64_t inject(std::uint32_t number, std::uint64_t cycle, unsigned from, unsigned to, unsigned flits,
                                 Class of) = 0;
    // Groups: one packet to several endpoints, or from several to one. The interfaces of the sources of a reduction
    // have been taken by occupy(), which returns the cycle in which the endpoint may create its next packet.
    virtual bool carries_groups() const = 0;
    virtual void inject_multicast(std::uint32_t party, std::uint64_t cycle, unsigned from,
                                  const std::vector<unsigned>& to, unsigned flits, Class of) = 0;
    virtual void inject_reduction(std::uint32_t party, std::uint64_t cycle, const std::vector<unsigned>& from,
                                  unsigned to, unsigned flits, Class of) = 0;
    virtual std::uint64_t occupy(std::uint64_t cycle, unsigned from, unsigned flits) = 0;
    virtual void call_at(std::uint64_t cycle, unsigned endpoint, std::uint32_t token) = 0;
    // Passes a packet through at once and returns the cycle in which its tail arrives.
    virtual std::uint64_t pass_ahead(std::uint64_t cycle, unsigned from, unsigned to, unsigned flits) = 0;
    virtual void come_to(std::uint64_t cycle) = 0; // all that was due before `cycle` has been done
    virtual void advance(std::uint64_t cycle) = 0;
    virtual std::uint64_t next_cycle() const = 0; // CycleQueue::kNever when nothing is under way
    // Packets of a class wait at the door of an endpoint, or no longer; called from advance() only.
    virtual void set_door(unsigned endpoint, Class of, bool blocked) = 0;
    // Holds packets because of a door: call_at() it when that opens.
    virtual bool holds_for(unsigned endpoint, Class of) const = 0;
    virtual void report_links(Statistics& links) const = 0;

    class TilePort;   // forward interface of one tile_in
    class TargetPort; // backward interface of one memory_out or tile_out

    // What call_at() brings back: a number, and what it is the number of.
    enum Token : std::uint32_t { transaction_token, target_token, tile_token, token_kinds };
    static std::uint32_t token(std::uint32_t number, Token kind) { return number * token_kinds + kind; }

    void move_packets();

    tlm::tlm_sync_enum tile_call(unsigned tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                 sc_core::sc_time& delay);
    tlm::tlm_sync_enum begin_request(unsigned tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
    tlm::tlm_sync_enum end_response(unsigned tile, const tlm::tlm_generic_payload& payload, std::uint64_t at_ps);
    tlm::tlm_sync_enum target_call(unsigned target, const tlm::tlm_generic_payload& payload, tlm::tlm_phase phase,
                                   std::uint64_t at_ps);
    void blocking_access(unsigned tile, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    unsigned debug_access(tlm::tlm_generic_payload& payload);

    void serve_target(unsigned target);
    void send_request(std::uint32_t number);
    void request_accepted(unsigned target, std::uint64_t at_ps);
    void answered(std::uint32_t number, std::uint64_t at_ps);
    void inject_response(std::uint32_t number);
    bool shares(const tlm::tlm_generic_payload& payload) const; // as a member of a party
    std::uint64_t join_party(std::uint32_t number, std::uint64_t created, unsigned flits);
    void answer_party(std::uint32_t party);
    void shared_blocking_read(unsigned tile, unsigned target, tlm::tlm_generic_payload& payload,
                              sc_core::sc_time& delay);
    void serve_tile(unsigned tile);
    void look_at_door(const Landing& landing, unsigned endpoint, Class of, std::uint32_t serve);
    void send_response(std::uint32_t number);
    void finish(std::uint32_t number);

    void count_sent(bool request, bool read, unsigned flits, std::uint64_t bytes);
    void count_arrived(bool request, bool read, std::uint64_t latency_cycles);
    void report_classes(Statistics& classes) const;
    unsigned channel(std::uint64_t address) const;
    unsigned target_of(std::uint64_t address) const;
    tlm::tlm_fw_transport_if<>& target_port(unsigned target);
    std::string target_name(unsigned target) const;
    // Why the network does not carry an access; TLM_OK_RESPONSE when it does.
    tlm::tlm_response_status refusal(const tlm::tlm_generic_payload& payload) const;
    unsigned request_flits(const tlm::tlm_generic_payload& payload) const;
    unsigned response_flits(const tlm::tlm_generic_payload& payload) const;
    std::uint64_t edge_now();
    void wake();
    void protocol_error(const std::string& socket, const tlm::tlm_generic_payload& payload, const char* what) const;

    const Params params_;
    const Clock clock_;
    TransactionTable transactions_{this};
    Parties parties_;
    std::vector<std::unique_ptr<TilePort>> tile_ports_;
    std::vector<std::unique_ptr<TargetPort>> target_ports_;
    std::vector<Landing> at_tile_;
    std::vector<Landing> at_target_;
    std::vector<std::uint64_t> next_request_; // of each tile: the cycle its injection link is free
    std::uint64_t bytes_ = 0;
    std::array<ClassUse, traffic_classes> classes_{};

    TimedEvent wake_{"wake"};
    std::uint64_t wake_cycle_ = CycleQueue::kNever;
    std::uint64_t known_ps_ = 0; // edge_now() of one simulated time is asked for often
    std::uint64_t known_edge_ = 0;

    std::vector<Wave> waiting_waves_; // of each target: requests at its door
};

} // namespace systolica
