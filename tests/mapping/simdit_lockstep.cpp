// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "simdit_lockstep.h"

#include <algorithm>
#include <array>
#include <deque>

namespace systolica {
namespace {

std::uint64_t ceil_of(std::uint64_t amount, std::uint64_t by) {
    return (amount + by - 1) / by;
}

class Tile {
public:
    Tile(const SimditConfig& config, CommandSource& source) : config_(config), source_(source) {
        run_.read_bytes.resize(source.operations());
        run_.write_bytes.resize(source.operations());
        run_.ended.resize(source.operations());
        for (std::size_t i = 0; i < kSemaphores; ++i) {
            there_[i] = source.initial()[i];
        }
    }

    LockstepRun run() {
        for (;;) {
            while (issue_any()) {
            }
            if (!retire_next()) {
                break;
            }
        }
        for (std::size_t i = 0; i < kQueues; ++i) {
            run_.deadlock = run_.deadlock || has_head_[i];
        }
        run_.cycles = now_;
        return run_;
    }

private:
    struct Running {
        Command command;
        std::uint64_t end = 0;
    };

    bool issue_any() {
        bool any = false;
        for (std::size_t i = 0; i < kQueues; ++i) {
            has_head_[i] = has_head_[i] || source_.next(static_cast<Queue>(i), head_[i]);
            if (has_head_[i] && take(head_[i])) {
                has_head_[i] = false;
                std::uint64_t end = now_ + duration(head_[i]);
                if (!running_[i].empty()) { // commands of a queue retire in order
                    end = std::max(end, running_[i].back().end);
                }
                running_[i].push_back({head_[i], end});
                any = true;
            }
        }
        return any;
    }

    bool take(const Command& command) {
        for (const Token& token : command.acquire) {
            if (there_[static_cast<std::size_t>(token.semaphore)] < token.amount) {
                return false;
            }
        }
        for (const Token& token : command.acquire) {
            there_[static_cast<std::size_t>(token.semaphore)] -= token.amount;
        }
        return true;
    }

    // From now on; transfers wait for their interface.
    std::uint64_t duration(const Command& command) {
        switch (command.opcode) {
        case Opcode::matrix:
            return std::uint64_t{command.matrix.m} * ceil_of(command.matrix.k, config_.rows) *
                       ceil_of(command.matrix.n, config_.cols) +
                   config_.rows + config_.cols - 2;
        case Opcode::vector:
            return command.vector.stages[0].kernel == VectorKernel::none
                       ? 0
                       : std::uint64_t{command.vector.stages[0].taps} *
                                 ceil_of(command.vector.elements, config_.lanes) +
                             config_.pipeline_stages - 1 + config_.lanes - 1;
        default:
            break;
        }
        auto& bytes = command.opcode == Opcode::load ? run_.read_bytes : run_.write_bytes;
        bytes[command.operation] += command.dma.bytes();
        std::uint64_t& free_at = interface_[static_cast<std::size_t>(command.dma.pad)];
        free_at = std::max(free_at, now_) +
                  command.dma.count[0] * ceil_of(std::uint64_t{command.dma.run_bytes} * 8, width(command.dma.pad));
        return free_at - now_;
    }

    unsigned width(Pad pad) const {
        const unsigned row = config_.rows * config_.weight_bits;
        switch (pad) {
        case Pad::ifmap:
            return config_.ifmap_bits_per_cycle;
        case Pad::filter:
            return std::min(config_.weight_bits_per_cycle, row);
        case Pad::ofmap:
            return config_.ofmap_bits_per_cycle;
        case Pad::vector:
            return config_.vector_bits_per_cycle;
        }
        return 1;
    }

    bool retire_next() {
        std::deque<Running>* first = nullptr;
        for (std::deque<Running>& queue : running_) {
            if (!queue.empty() && (first == nullptr || queue.front().end < first->front().end)) {
                first = &queue;
            }
        }
        if (first == nullptr) {
            return false;
        }
        const Running done = first->front();
        first->pop_front();
        now_ = done.end;
        for (const Token& token : done.command.release) {
            there_[static_cast<std::size_t>(token.semaphore)] += token.amount;
        }
        if (done.command.opcode == Opcode::matrix || done.command.opcode == Opcode::vector) {
            run_.ended[done.command.operation] = now_;
        }
        return true;
    }

    const SimditConfig& config_;
    CommandSource& source_;
    LockstepRun run_;
    std::uint64_t now_ = 0;
    std::array<std::uint64_t, kSemaphores> there_{};
    std::array<std::uint64_t, kPads> interface_{};
    std::array<Command, kQueues> head_;
    std::array<bool, kQueues> has_head_{};
    std::array<std::deque<Running>, kQueues> running_;
};

} // namespace

LockstepRun run_lockstep(const SimditConfig& config, CommandSource& source) {
    return Tile(config, source).run();
}

} // namespace systolica
