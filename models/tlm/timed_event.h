// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// An event whose place among others at one instant is that of its construction. The kernel keeps timed events in a
// heap, so that which of two comes first can depend on others in it: a chip would run otherwise with another chip
// beside it than alone, although they have nothing to do with each other. All timed events of a simulation stand in one
// agenda instead, which uses a single event of the kernel. As with the kernel's, an earlier notification stays, a later
// one is forgotten, and one for the next delta cycle is the earliest.
#pragma once

#include <cstdint>
#include <memory>

#include <systemc>

namespace systolica {

class EventAgenda;

class TimedEvent {
public:
    TimedEvent();
    explicit TimedEvent(const char* name);
    ~TimedEvent();
    TimedEvent(const TimedEvent&) = delete;
    TimedEvent& operator=(const TimedEvent&) = delete;

    void notify(const sc_core::sc_time& delay);
    void cancel();

    operator const sc_core::sc_event&() const { return event_; } // to be sensitive to

private:
    friend class EventAgenda;
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};

    bool in_this_delta() const;
    void due(); // called by the agenda

    const std::shared_ptr<EventAgenda> agenda_;
    const std::size_t place_; // in the agenda
    sc_core::sc_event event_;
    std::uint64_t at_ps_ = kNone; // of the notification that counts
    std::uint64_t entry_ = 0;     // its number in the agenda
    sc_dt::uint64 delta_ = kNone; // in which one for the next was made
};

} // namespace systolica
