// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Tiles that share accesses (models/tlm/shared_access.h): those that ask for the same bytes come together in a party,
// which goes on when as many have come as its members said. A tile that asks again for the same bytes, ahead of the
// others, waits in the next party for them. Parties are numbered; numbers are used again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <tlm>

namespace systolica {

class Parties {
public:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    struct Member {
        unsigned tile = 0;
        std::uint32_t number = 0; // of its transaction
    };
    struct Party {
        std::vector<Member> members; // in the order in which they came
        std::uint64_t ready = 0;     // the latest time that a member brought: cycle or ps, as the caller counts
        bool answering = false;      // the answer is on its way
        unsigned answered = 0;       // members that have got it
        // b_transport only: what the first member was answered.
        tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
        std::vector<unsigned char> data;
    };

    // Returns the member's party, whole or not.
    std::uint32_t join(const tlm::tlm_generic_payload& payload, unsigned sharers, const Member& member,
                       std::uint64_t ready);
    bool whole(std::uint32_t party) const { return all_[party].party.members.size() == all_[party].sharers; }
    Party& operator[](std::uint32_t party) { return all_[party].party; }
    void close(std::uint32_t party); // only of one that is whole

    std::string waiting() const; // a line for each that is not whole

private:
    using Key = std::tuple<std::uint64_t, unsigned, bool, unsigned>; // address, bytes, write, sharers

    struct Entry {
        Party party;
        unsigned sharers = 0;
    };

    std::map<Key, std::vector<std::uint32_t>> open_; // oldest first
    std::vector<Entry> all_;
    std::vector<std::uint32_t> idle_;
};

} // namespace systolica
