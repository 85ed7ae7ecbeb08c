// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Sits between an initiator and a target socket and checks every call against the base protocol (IEEE 1666, TLM-2.0
// base protocol and generic payload). It passes everything on unchanged and adds no time. It looks at write data and
// byte enables by a hash, so each phase costs their length. Extended phases pass unchecked.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

namespace systolica {

class ProtocolChecker : public sc_core::sc_module,
                        private tlm::tlm_fw_transport_if<>,
                        private tlm::tlm_bw_transport_if<> {
public:
    enum class Rule : std::uint8_t {
        phase,              // the phases of a transaction in order, on their paths, each with a legal answer
        request_exclusion,  // no BEGIN_REQ before the request before it has ended
        response_exclusion, // no BEGIN_RESP before the response before it has ended
        attributes,         // command, address, length, pointers, byte enables, write data stay as they are
        time,               // of one transaction never goes back, and no call takes delay away
        memory_manager,     // nb_transport's payloads have one, and somebody holds them
        response_status,    // TLM_INCOMPLETE_RESPONSE with the request, something else with the response
        nesting,            // no backward call from inside a forward call
        unfinished,         // every transaction has come to its end: finish()
        count
    };
    static constexpr std::size_t kKeptTexts = 8;

    tlm::tlm_target_socket<32> check_in{"check_in"};
    tlm::tlm_initiator_socket<32> check_out{"check_out"};

    explicit ProtocolChecker(const sc_core::sc_module_name& name);

    std::uint64_t violations() const;
    std::uint64_t violations(Rule rule) const { return counts_[static_cast<std::size_t>(rule)]; }
    const std::vector<std::string>& texts() const { return texts_; } // of the first violations
    std::uint64_t transactions() const { return transactions_; }     // begun by nb_transport or b_transport
    std::size_t outstanding() const { return open_.size(); }
    void finish(); // the run is over: what is open now is a violation

private:
    using Payload = tlm::tlm_generic_payload;

    struct Attributes {
        explicit Attributes(const Payload& payload);
        bool operator==(const Attributes& other) const;

        tlm::tlm_command command;
        std::uint64_t address;
        const unsigned char *data, *enables;
        unsigned length, width, enable_length;
        std::uint64_t contents; // hash of byte enables and of a write's data
    };
    enum class Stage : std::uint8_t { begin_req, end_req, begin_resp };
    struct Transaction {
        std::uint64_t number; // in order of BEGIN_REQ
        Attributes attributes;
        Stage stage;
        std::uint64_t reached_ps;
    };
    using Open = std::map<const Payload*, Transaction>;

    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) override;
    void b_transport(Payload& payload, sc_core::sc_time& delay) override;
    bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) override;
    unsigned transport_dbg(Payload& payload) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 from, sc_dt::uint64 to) override;

    std::uint64_t begin(const Payload& payload, std::uint64_t at_ps); // number of the transaction
    void answer_to_begin(tlm::tlm_sync_enum answer, std::uint64_t number, const Payload& payload,
                         const tlm::tlm_phase& phase, std::uint64_t at_ps);
    void end_request(const Payload& payload, Transaction& transaction, std::uint64_t at_ps);
    void begin_response(const Payload& payload, Transaction& transaction, std::uint64_t at_ps);
    void end(const Payload& payload, std::uint64_t at_ps);
    Transaction* find(const Payload& payload, std::uint64_t number);
    // Of a call that belongs to a transaction in one of two stages; null when there is none.
    Transaction* expect(const Payload& payload, const tlm::tlm_phase& phase, const char* path, Stage one, Stage other);
    void reach(const Payload& payload, Transaction& transaction, std::uint64_t at_ps);
    void check_status(const Payload& payload, bool begun);
    void violate(Rule rule, const Payload& payload, const std::string& what);
    void violate(Rule rule, std::uint64_t address, unsigned bytes, const std::string& what);

    Open open_;
    const Payload* requesting_ = nullptr; // without END_REQ
    const Payload* responding_ = nullptr; // without END_RESP
    std::uint64_t request_free_ps_ = 0, response_free_ps_ = 0;
    unsigned in_forward_ = 0;
    std::uint64_t transactions_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(Rule::count)> counts_{};
    std::vector<std::string> texts_;
};

} // namespace systolica
