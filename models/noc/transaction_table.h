// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The transactions a network has taken and not yet answered. Entries, and the tags that lead from a payload back to
// its entry, are made once and used again.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include <tlm>

#include "models/noc/packet_tag.h"

namespace systolica {

struct NocTransaction {
    enum class Stage : std::uint8_t { to_target, at_target, answered, to_tile };

    tlm::tlm_generic_payload* payload = nullptr;
    tlm::tlm_extension_base* outer_tag = nullptr; // of a network that carries the payload around this one
    std::uint32_t next = 0;                       // in a Landing
    unsigned tile = 0;
    unsigned target = 0;                     // a memory, or the scratchpads of a tile
    std::uint32_t party = ~std::uint32_t{0}; // it stands for (models/noc/parties.h): it is the first member
    std::uint64_t sent_cycle = 0;            // the packet under way
    Stage stage = Stage::to_target;
    tlm::tlm_response_status refusal = tlm::TLM_OK_RESPONSE; // by the network itself
    bool end_response_due = false; // the target answered on the return path and waits for END_RESP
};

class TransactionTable {
public:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    explicit TransactionTable(const void* owner) : owner_(owner) {}

    // Takes a reference to the payload and tags it.
    std::uint32_t open(tlm::tlm_generic_payload& payload, unsigned tile, unsigned target);

    // The number of a payload under way, kNone if it is not.
    std::uint32_t find(const tlm::tlm_generic_payload& payload) const {
        const PacketTag* tag = payload.get_extension<PacketTag>();
        return tag == nullptr || tag->owner != owner_ ? kNone : tag->transaction;
    }

    void close(std::uint32_t number); // gives tag and reference back

    NocTransaction& operator[](std::uint32_t number) { return all_[number]; }
    std::size_t open_count() const { return all_.size() - idle_.size(); }

private:
    const void* const owner_;
    std::vector<NocTransaction> all_;
    std::deque<PacketTag> tags_; // payloads point to them: they stay in place
    std::vector<std::uint32_t> idle_;
};

} // namespace systolica
