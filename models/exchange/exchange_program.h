// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the link ports of a system share: the chunks that are added up or put together over the chips, the messages that
// do it, and which of them wait for others. Messages of a chunk are numbered as in its schedule; chunks of one size
// have one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "machine/chip_link/chip_network.h"
#include "machine/collective/dependencies.h"
#include "machine/collective/reduction.h"
#include "machine/collective/schedule.h"
#include "machine/exchange/gradient_exchange.h"
#include "models/tlm/payload_pool.h"

namespace systolica {

class ExchangeProgram {
public:
    struct Params {
        GradientExchange exchange;
        CollectiveOp op = CollectiveOp::all_reduce;
        CollectiveAlgorithm algorithm = CollectiveAlgorithm::ring;
        std::uint64_t chunk_bytes = 1 << 20; // at most; made a whole number of shares
        std::uint64_t element_bytes = 4;
        Reduction reduction;
        bool folded = false; // one chip stands for all (machine/collective/folded_schedule.h)
    };

    // Of the chunks of one size.
    struct Played {
        explicit Played(CollectiveSchedule schedule, unsigned chips);

        CollectiveSchedule messages;
        CollectiveDependencies before;                 // as they are when nothing has been received
        std::vector<std::uint32_t> order;              // of a message among those of its sender
        std::vector<std::vector<std::uint32_t>> first; // by chip: what waits for nothing but the chip's own vector
        std::vector<std::uint32_t> sends, receives;    // by chip: how many
    };

    ExchangeProgram(const ChipNetwork& network, const Params& params);

    // Why an algorithm cannot do it: "expected ..., got ..."; "" when it can.
    static std::string refusal(const ChipNetwork& network, const Params& params);
    // Whether one chip can stand for all.
    static bool can_fold(const ChipNetwork& network, const Params& params);
    // Vectors are padded to this, so that all shares of all algorithms are whole elements of one size.
    static std::uint64_t quantum(const ChipNetwork& network, std::uint64_t element_bytes);

    bool folded() const { return params_.folded; }
    unsigned chips() const { return folded() ? 1 : network_.chips(); }
    const GradientExchange& exchange() const { return params_.exchange; }
    std::uint64_t read_bytes() const; // of each chip's memory
    std::uint64_t written_bytes() const;
    std::uint64_t vector_bytes() const; // read, or the whole tensors
    CollectiveAlgorithm algorithm() const { return params_.algorithm; }
    CollectiveOp op() const { return params_.op; }
    const Reduction& reduction() const { return params_.reduction; }
    const std::vector<ExchangeChunk>& chunks() const { return chunks_; }
    const Played& played(std::uint32_t chunk) const { return *played_.at(chunks_[chunk].vector_bytes); }
    unsigned link_of(unsigned chip, const CollectiveMessage& message) const; // on which `chip` sends or passes it on
    const std::vector<unsigned>& folded_links() const { return folded_links_; }

    // Counted down while the chunk is under way; end() once for every chip.
    CollectiveDependencies& dependencies(std::uint32_t chunk);
    void end(std::uint32_t chunk);

    PayloadPool& payloads() { return *payloads_; }

private:
    struct UnderWay {
        CollectiveDependencies dependencies;
        unsigned chips_to_go = 0;
    };

    const ChipNetwork& network_;
    const Params params_;
    std::vector<ExchangeChunk> chunks_;
    std::map<std::uint64_t, std::unique_ptr<const Played>> played_; // by size
    std::vector<unsigned> folded_links_;
    std::map<std::uint32_t, UnderWay> under_way_; // by chunk
    std::unique_ptr<PayloadPool> payloads_;
};

} // namespace systolica
