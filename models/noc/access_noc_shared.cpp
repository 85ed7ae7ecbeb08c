// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The side of AccessNoc for accesses that several tiles share.
#include <algorithm>
#include <cstring>

#include "machine/commands/tile_address.h"
#include "models/noc/access_noc.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/shared_access.h"

namespace systolica {

bool AccessNoc::shares(const tlm::tlm_generic_payload& payload) const {
    // Writes to memory have nothing to be added by.
    return carries_groups() && SharedAccess::sharers_of(payload) > 1 &&
           (payload.is_read() || in_tile_space(payload.get_address())) && refusal(payload) == tlm::TLM_OK_RESPONSE;
}

std::uint64_t AccessNoc::join_party(std::uint32_t number, std::uint64_t created, unsigned flits) {
    const NocTransaction& transaction = transactions_[number];
    const tlm::tlm_generic_payload& payload = *transaction.payload;
    const std::uint32_t party =
        parties_.join(payload, SharedAccess::sharers_of(payload), {transaction.tile, number}, created);
    if (parties_.whole(party)) {
        std::vector<unsigned> sources;
        for (const Parties::Member& member : parties_[party].members) {
            sources.push_back(tile_end(member.tile));
        }
        transactions_[parties_[party].members.front().number].party = party;
        inject_reduction(party, parties_[party].ready, sources, target_end(transaction.target), flits, requests);
    }
    return occupy(created, tile_end(transaction.tile), flits);
}

// The target has answered the first member: its answer is everybody's.
void AccessNoc::answer_party(std::uint32_t party) {
    const std::vector<Parties::Member>& members = parties_[party].members;
    const NocTransaction& first = transactions_[members.front().number];
    const tlm::tlm_generic_payload& answer = *first.payload;
    const bool data = answer.is_read() && answer.is_response_ok();
    std::vector<unsigned> ends;
    for (const Parties::Member& member : members) {
        NocTransaction& transaction = transactions_[member.number];
        transaction.stage = NocTransaction::Stage::to_tile;
        transaction.sent_cycle = edge_now();
        transaction.payload->set_response_status(answer.get_response_status());
        if (data && transaction.payload->get_data_ptr() != answer.get_data_ptr()) {
            std::memcpy(transaction.payload->get_data_ptr(), answer.get_data_ptr(), answer.get_data_length());
        }
        ends.push_back(tile_end(member.tile));
    }
    parties_[party].answering = true;
    const unsigned flits = response_flits(answer);
    count_sent(false, answer.is_read(), flits, data ? answer.get_data_length() : 0);
    inject_multicast(party, edge_now(), target_end(first.target), ends, flits, responses);
}

void AccessNoc::party_arrived(std::uint32_t party, unsigned endpoint) {
    const std::vector<Parties::Member>& members = parties_[party].members;
    if (!parties_[party].answering) {
        arrived(members.front().number);
        return;
    }
    const auto member = std::find_if(members.begin(), members.end(),
                                     [&](const Parties::Member& of) { return tile_end(of.tile) == endpoint; });
    sc_assert(member != members.end());
    const std::uint32_t number = member->number;
    const bool last = ++parties_[party].answered == members.size();
    if (last) {
        parties_.close(party);
    }
    arrived(number);
}

// `delay` is that of the request at the memory, then of the answer there.
void AccessNoc::shared_blocking_read(unsigned tile, unsigned target, tlm::tlm_generic_payload& payload,
                                     sc_core::sc_time& delay) {
    const std::uint32_t party = parties_.join(payload, SharedAccess::sharers_of(payload), {tile, 0}, 0);
    Parties::Party& shared = parties_[party];
    if (shared.members.size() == 1) {
        target_port(target).b_transport(payload, delay);
        shared.ready = now_ps() + delay.value();
        shared.status = payload.get_response_status();
        if (payload.is_response_ok()) {
            shared.data.assign(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length());
        }
    } else {
        delay =
            sc_core::sc_time::from_value(std::max<std::uint64_t>(now_ps() + delay.value(), shared.ready) - now_ps());
        payload.set_response_status(shared.status);
        std::copy(shared.data.begin(), shared.data.end(), payload.get_data_ptr());
    }
    if (parties_.whole(party)) {
        parties_.close(party);
    }
}

} // namespace systolica
