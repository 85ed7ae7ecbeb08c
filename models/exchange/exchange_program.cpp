// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/exchange/exchange_program.h"

#include <algorithm>

#include "base/integer.h"
#include "machine/collective/folded_schedule.h"

namespace systolica {

namespace {

std::vector<ExchangeChunk> chunks_of(const ChipNetwork& network, const ExchangeProgram::Params& params) {
    const std::uint64_t quantum = ExchangeProgram::quantum(network, params.element_bytes);
    return cut_into_chunks(params.exchange, ceil_div(params.chunk_bytes, quantum) * quantum, quantum);
}

CollectiveSchedule schedule_of(const ChipNetwork& network, const ExchangeProgram::Params& params, std::uint64_t bytes) {
    return collective_schedule(network, params.algorithm, {params.op, bytes, 1});
}

} // namespace

ExchangeProgram::Played::Played(CollectiveSchedule schedule, unsigned chips)
    : messages(std::move(schedule)), before(messages), first(chips), sends(chips), receives(chips) {
    for (const CollectiveMessage& message : messages) {
        order.push_back(sends[message.from]++);
        ++receives[message.to];
    }
    for (const std::uint32_t message : before.first()) {
        first[messages[message].from].push_back(message);
    }
}

std::uint64_t ExchangeProgram::quantum(const ChipNetwork& network, std::uint64_t element_bytes) {
    return 2 * network.chips() * element_bytes; // 2: algorithms that halve the vector first
}

std::string ExchangeProgram::refusal(const ChipNetwork& network, const Params& params) {
    std::string refusal;
    for (const ExchangeChunk& chunk : chunks_of(network, params)) {
        refusal = refusal.empty() ? collective_refusal(network, params.algorithm, {params.op, chunk.vector_bytes, 1})
                                  : refusal;
    }
    return refusal;
}

std::uint64_t ExchangeProgram::read_bytes() const {
    std::uint64_t sum = 0;
    for (const ExchangeChunk& chunk : chunks_) {
        sum += bytes_of(chunk.reads);
    }
    return sum;
}

std::uint64_t ExchangeProgram::written_bytes() const {
    std::uint64_t sum = 0;
    for (const ExchangeChunk& chunk : chunks_) {
        sum += bytes_of(chunk.writes);
    }
    return sum;
}

std::uint64_t ExchangeProgram::vector_bytes() const {
    return params_.op == CollectiveOp::all_reduce ? read_bytes() : read_bytes() + written_bytes();
}

bool ExchangeProgram::can_fold(const ChipNetwork& network, const Params& params) {
    std::vector<std::uint64_t> sizes;
    for (const ExchangeChunk& chunk : chunks_of(network, params)) {
        sizes.push_back(chunk.vector_bytes);
    }
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    std::vector<unsigned> links;
    for (const std::uint64_t size : sizes) {
        const std::optional<FoldedSchedule> folded = fold(network, schedule_of(network, params, size));
        if (!folded || (!links.empty() && links != folded->links)) {
            return false;
        }
        links = folded->links;
    }
    return true;
}

ExchangeProgram::ExchangeProgram(const ChipNetwork& network, const Params& params)
    : network_(network), params_(params), chunks_(chunks_of(network, params)) {
    std::uint64_t longest = 1;
    for (const ExchangeChunk& chunk : chunks_) {
        std::unique_ptr<const Played>& played = played_[chunk.vector_bytes];
        if (played) {
            continue;
        }
        CollectiveSchedule schedule = schedule_of(network, params_, chunk.vector_bytes);
        if (folded()) {
            std::optional<FoldedSchedule> one = fold(network, schedule);
            sc_assert(one.has_value());
            folded_links_ = one->links;
            schedule = std::move(one->messages);
        }
        played = std::make_unique<const Played>(std::move(schedule), chips());
        for (const CollectiveMessage& message : played->messages) {
            longest = std::max(longest, message.bytes);
        }
    }
    payloads_ = std::make_unique<PayloadPool>(longest);
}

unsigned ExchangeProgram::link_of(unsigned chip, const CollectiveMessage& message) const {
    return folded() ? folded_links_[message.side] : network_.link_towards(chip, message.to, message.side);
}

CollectiveDependencies& ExchangeProgram::dependencies(std::uint32_t chunk) {
    const auto known = under_way_.find(chunk);
    return (known != under_way_.end() ? known
                                      : under_way_.emplace(chunk, UnderWay{played(chunk).before, chips()}).first)
        ->second.dependencies;
}

void ExchangeProgram::end(std::uint32_t chunk) {
    const auto at = under_way_.find(chunk);
    sc_assert(at != under_way_.end());
    if (--at->second.chips_to_go == 0) {
        under_way_.erase(at);
    }
}

} // namespace systolica
