// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What a sequencer shows of itself: deadlock lines, statistics, waves.
#include <algorithm>

#include "machine/commands/sync_access.h"
#include "models/sequencer/sequencer.h"

namespace systolica {

namespace {

constexpr unsigned kStateBits = 3;
constexpr unsigned kOperationBits = 16;
constexpr unsigned kInFlightBits = 4;
constexpr unsigned kLevelBits = 32;

// Values of a queue's `state` wave. A queue that has commands in its unit is running, whatever its next one waits for.
enum StateWave : std::uint64_t { kIdle, kWaitingEvent, kWaitingData, kWaitingSpace, kRunning };

} // namespace

std::string Sequencer::waiting() {
    std::string lines;
    for (std::size_t i = 0; i < kQueues; ++i) {
        lines += waiting(static_cast<Queue>(i));
    }
    return lines;
}

std::string Sequencer::waiting(Queue queue) {
    const QueueState& state = of(queue);
    if (!state.has_head && state.in_flight() == 0) {
        return "";
    }
    std::string line = "tile " + std::to_string(params_.tile) + " " + queue_name(queue) + " queue: ";
    if (!state.has_head) {
        line += "its last commands are not done";
    } else if (state.event == Reach::open) {
        const EventWait& wait = state.head.wait;
        line += "operation " + std::to_string(state.head.operation) + " waits for event " + std::to_string(wait.event) +
                " to count " + std::to_string(wait.threshold) + ", it is at " + std::to_string(count_of(wait.event));
    } else if (state.request_open) {
        line += "operation " + std::to_string(state.head.operation) + " waits for its unit to take a command";
    } else {
        line += "operation " + std::to_string(state.head.operation) + " wants";
        const char* separator = " ";
        for (const Token& token : state.head.acquire) {
            if (token.semaphore != Semaphore::none) {
                line += separator + std::to_string(token.amount) + " of " + semaphore_name(token.semaphore) + " (" +
                        std::to_string(semaphores_.available(token.semaphore)) + " there)";
                separator = ", ";
            }
        }
    }
    if (state.in_flight() != 0) {
        line += "; " + std::to_string(state.in_flight()) + " in its unit";
    }
    return line + "\n";
}

std::uint64_t Sequencer::count_of(std::uint32_t event) {
    std::array<unsigned char, kSyncBytes> data{};
    tlm::tlm_generic_payload read;
    read.set_command(tlm::TLM_READ_COMMAND);
    read.set_address(sync_address(event));
    read.set_data_ptr(data.data());
    read.set_data_length(kSyncBytes);
    read.set_streaming_width(kSyncBytes);
    sync_out->transport_dbg(read);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < kSyncBytes; ++i) {
        count |= std::uint64_t{data[i]} << (8 * i);
    }
    return count;
}

void Sequencer::report(Statistics& statistics) const {
    for (std::size_t i = 0; i < kQueues; ++i) {
        const QueueState& state = queues_[i];
        Statistics& queue = statistics.child(queue_name(static_cast<Queue>(i)));
        queue.set("commands", state.retired, "commands");
        queue.set("event_waits", state.waits, "events");
    }
    statistics.set("posts", posts_, "events");
}

void Sequencer::add_waves(const WaveScope& own, const WaveScope& pads) {
    for (std::size_t i = 0; i < kQueues; ++i) {
        const WaveScope scope = own.child(queue_name(static_cast<Queue>(i)));
        queues_[i].state_wave = scope.add("state", kStateBits);
        queues_[i].operation_wave = scope.add("operation", kOperationBits);
        queues_[i].in_flight_wave = scope.add("in_flight", kInFlightBits);
    }
    for (std::size_t i = 0; i < kPads; ++i) {
        level_waves_[i] = pads.child(pad_name(static_cast<Pad>(i))).add("level", kLevelBits);
    }
}

void Sequencer::show(Queue queue) {
    QueueState& state = of(queue);
    if (!state.state_wave.traced() && !state.in_flight_wave.traced()) {
        return;
    }
    std::uint64_t value = kIdle;
    if (state.in_flight() != 0 || state.told_state == HeadState::held_back) {
        value = kRunning;
    } else if (state.told_state == HeadState::waiting_event) {
        value = kWaitingEvent;
    } else if (state.told_state == HeadState::lacking) {
        value = (state.told_lacking & ~kSpaceSemaphores) != 0 ? kWaitingData : kWaitingSpace;
    }
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    state.state_wave.set(now, value);
    state.in_flight_wave.set(now, state.in_flight());
}

// A pad holds what has been taken from its space semaphores: reserved, filled, or waiting to be freed.
void Sequencer::show_levels() {
    static constexpr std::array<std::array<Semaphore, 2>, kPads> kSpaces{
        {{Semaphore::ifmap_space, Semaphore::none},
         {Semaphore::filter_space, Semaphore::none},
         {Semaphore::ofmap_space, Semaphore::none},
         {Semaphore::operand_space, Semaphore::result_space}}};
    for (std::size_t i = 0; i < kPads; ++i) {
        if (!level_waves_[i].traced()) {
            continue;
        }
        std::uint64_t level = 0;
        for (const Semaphore space : kSpaces[i]) {
            const std::uint64_t whole = initial_[static_cast<std::size_t>(space)];
            level += whole - std::min(whole, semaphores_.available(space));
        }
        level_waves_[i].set(sc_core::sc_time_stamp().value(), level);
    }
}

} // namespace systolica
