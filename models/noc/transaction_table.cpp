// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/transaction_table.h"

namespace systolica {

std::uint32_t TransactionTable::open(tlm::tlm_generic_payload& payload, unsigned tile, unsigned target) {
    if (idle_.empty()) {
        const auto number = static_cast<std::uint32_t>(all_.size());
        all_.emplace_back();
        tags_.emplace_back(owner_, number);
        idle_.push_back(number);
    }
    const std::uint32_t number = idle_.back();
    idle_.pop_back();
    payload.acquire();
    NocTransaction& transaction = all_[number];
    transaction = NocTransaction{};
    transaction.payload = &payload;
    transaction.outer_tag = payload.set_extension(PacketTag::ID, &tags_[number]);
    transaction.tile = tile;
    transaction.target = target;
    return number;
}

void TransactionTable::close(std::uint32_t number) {
    tlm::tlm_generic_payload& payload = *all_[number].payload;
    payload.set_extension(PacketTag::ID, all_[number].outer_tag);
    idle_.push_back(number);
    payload.release();
}

} // namespace systolica
