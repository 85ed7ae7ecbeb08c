// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/parties.h"

#include <algorithm>

namespace systolica {

std::uint32_t Parties::join(const tlm::tlm_generic_payload& payload, unsigned sharers, const Member& member,
                            std::uint64_t ready) {
    const Key key{payload.get_address(), payload.get_data_length(), payload.is_write(), sharers};
    std::vector<std::uint32_t>& list = open_[key];
    const auto lacks_it = [&](std::uint32_t party) {
        const std::vector<Member>& members = all_[party].party.members;
        return std::none_of(members.begin(), members.end(),
                            [&](const Member& other) { return other.tile == member.tile; });
    };
    const auto found = std::find_if(list.begin(), list.end(), lacks_it);
    std::uint32_t number = kNone;
    if (found != list.end()) {
        number = *found;
    } else {
        if (idle_.empty()) {
            idle_.push_back(static_cast<std::uint32_t>(all_.size()));
            all_.emplace_back();
        }
        number = idle_.back();
        idle_.pop_back();
        list.push_back(number);
        all_[number].sharers = sharers;
    }
    Entry& entry = all_[number];
    entry.party.members.push_back(member);
    entry.party.ready = std::max(entry.party.ready, ready);
    if (whole(number)) {
        list.erase(std::find(list.begin(), list.end(), number));
        if (list.empty()) {
            open_.erase(key);
        }
    }
    return number;
}

void Parties::close(std::uint32_t party) {
    all_[party] = {};
    idle_.push_back(party);
}

std::string Parties::waiting() const {
    std::string lines;
    for (const auto& [key, list] : open_) {
        for (const std::uint32_t number : list) {
            const auto& [address, bytes, write, sharers] = key;
            lines += "noc: " + std::to_string(all_[number].party.members.size()) + " of " + std::to_string(sharers) +
                     " tiles " + (write ? "have brought " : "have asked for ") + std::to_string(bytes) +
                     " bytes at address " + std::to_string(address) + "\n";
        }
    }
    return lines;
}

} // namespace systolica
