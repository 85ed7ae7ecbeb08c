// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The sequencer of a tile: four in-order queues of commands, joined by semaphores and by the events of the sync board.
// A command issues in the cycle in which the last thing it waits for arrives; it gives back what it holds when its
// unit answers. Approximately timed, no delays of its own: everything happens at the time of the call that causes it.
// Not modelled: the time to fetch and decode records (they come from the program generator, one ahead a queue).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/commands/command_source.h"
#include "machine/commands/semaphores.h"
#include "machine/scratchpad/config.h"
#include "models/sequencer/command_payload.h"
#include "models/sequencer/queue_monitor.h"
#include "models/tlm/payload_pool.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class Sequencer : public sc_core::sc_module {
public:
    struct Params {
        unsigned tile = 0; // named in waiting()
        CommandSource* source = nullptr;
        QueueMonitor* monitor = nullptr; // may be null
    };
    using CommandSocket = tlm_utils::simple_initiator_socket_tagged<Sequencer>;

    CommandSocket load_out{"load_out"};
    CommandSocket matrix_out{"matrix_out"};
    CommandSocket vector_out{"vector_out"};
    CommandSocket store_out{"store_out"};
    tlm_utils::simple_initiator_socket<Sequencer> sync_out{"sync_out"}; // machine/commands/sync_access.h

    Sequencer(const sc_core::sc_module_name& name, const Params& params);

    // All queues have ended and every command has retired.
    bool finished() const { return finished_; }

    // Who waits for what, a line for each queue that is not through; for deadlock reports.
    std::string waiting();

    std::uint64_t retired(Queue queue) const { return of(queue).retired; }
    void report(Statistics& statistics) const;

    // `pads`: where the four scratchpads are, whose levels (bytes reserved or filled) the semaphores know.
    void add_waves(const WaveScope& own, const WaveScope& pads);

private:
    enum class Reach : std::uint8_t { open, reached };

    struct QueueState {
        Command head; // the next to issue
        bool has_head = false;
        bool ended = false;
        bool request_open = false; // its unit has withheld END_REQ
        Reach event = Reach::reached;
        tlm::tlm_generic_payload* event_read = nullptr;
        HeadState told_state = HeadState::held_back; // what the monitor knows; nothing yet
        SemaphoreMask told_lacking = ~SemaphoreMask{0};
        std::uint64_t issued = 0;
        std::uint64_t retired = 0;
        std::uint64_t waits = 0;
        Wave state_wave, operation_wave, in_flight_wave;

        std::uint64_t in_flight() const { return issued - retired; }
    };

    void issue_commands();
    void serve(Queue queue);
    bool draw(Queue queue); // makes sure of a head; false when the queue has ended
    void await_event(Queue queue);
    void issue(Queue queue);
    void retire(Queue queue, CommandPayload& payload);
    void post(std::uint32_t event);
    void tell(Queue queue, HeadState state, SemaphoreMask lacking);
    void show(Queue queue);
    void show_levels();
    std::uint64_t count_of(std::uint32_t event);
    std::string waiting(Queue queue);

    tlm::tlm_sync_enum unit_answers(int queue, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay);
    tlm::tlm_sync_enum event_reached(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

    QueueState& of(Queue queue) { return queues_[static_cast<std::size_t>(queue)]; }
    const QueueState& of(Queue queue) const { return queues_[static_cast<std::size_t>(queue)]; }

    const Params params_;
    std::array<CommandSocket*, kQueues> unit_out_;
    std::array<QueueState, kQueues> queues_;
    Semaphores semaphores_;
    std::array<std::uint32_t, kSemaphores> initial_{};
    CommandPool commands_;
    PayloadPool event_reads_;
    tlm::tlm_generic_payload post_write_;
    std::array<unsigned char, 4> post_data_{};
    std::uint64_t posts_ = 0;
    bool finished_ = false;
    TimedEvent issue_;
    std::array<Wave, kPads> level_waves_;
};

} // namespace systolica
