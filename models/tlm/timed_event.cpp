// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tlm/timed_event.h"

#include <queue>
#include <vector>

#include "models/tlm/clock_edges.h"

namespace systolica {

class EventAgenda : public sc_core::sc_module {
public:
    explicit EventAgenda(const sc_core::sc_module_name& name) : sc_module(name) {
        SC_HAS_PROCESS(EventAgenda);
        SC_METHOD(call_due);
        sensitive << kernel_event_;
        dont_initialize();
    }

    // A simulation context is the process' own, and so is its agenda; it lives as long as any event.
    static std::shared_ptr<EventAgenda> of_simulation() {
        static std::weak_ptr<EventAgenda> agenda;
        std::shared_ptr<EventAgenda> it = agenda.lock();
        if (!it) {
            it = std::make_shared<EventAgenda>("event_agenda");
            agenda = it;
        }
        return it;
    }

    std::size_t attach(TimedEvent& event) {
        events_.push_back(&event);
        return events_.size() - 1;
    }
    void detach(std::size_t place) { events_[place] = nullptr; }

    std::uint64_t add(std::size_t place, std::uint64_t at_ps) {
        entries_.push({at_ps, ++last_, place});
        kernel_event_.notify(until_ps(at_ps)); // an earlier notification stays
        return last_;
    }

private:
    struct Entry {
        std::uint64_t at_ps = 0;
        std::uint64_t number = 0;
        std::size_t place = 0; // of the event
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.at_ps != b.at_ps ? a.at_ps > b.at_ps : a.place > b.place;
        }
    };
    bool counts(const Entry& entry) const {
        const TimedEvent* event = events_[entry.place];
        return event != nullptr && event->entry_ == entry.number;
    }

    void call_due() {
        const std::uint64_t now = now_ps();
        while (!entries_.empty() && (entries_.top().at_ps <= now || !counts(entries_.top()))) {
            const Entry entry = entries_.top();
            entries_.pop();
            if (counts(entry)) {
                events_[entry.place]->due();
            }
        }
        if (!entries_.empty()) {
            kernel_event_.notify(until_ps(entries_.top().at_ps));
        }
    }

    std::priority_queue<Entry, std::vector<Entry>, Later> entries_;
    std::vector<TimedEvent*> events_; // null: gone
    std::uint64_t last_ = 0;
    sc_core::sc_event kernel_event_{"next"};
};

TimedEvent::TimedEvent() : agenda_(EventAgenda::of_simulation()), place_(agenda_->attach(*this)) {}

TimedEvent::TimedEvent(const char* name)
    : agenda_(EventAgenda::of_simulation()), place_(agenda_->attach(*this)), event_(name) {}

TimedEvent::~TimedEvent() {
    agenda_->detach(place_);
}

bool TimedEvent::in_this_delta() const {
    return delta_ != kNone && delta_ == sc_core::sc_delta_count();
}

void TimedEvent::notify(const sc_core::sc_time& delay) {
    if (delay == sc_core::SC_ZERO_TIME) {
        at_ps_ = kNone;
        entry_ = 0;
        // The first evaluation has the number of the elaboration before it.
        delta_ = sc_core::sc_get_status() == sc_core::SC_RUNNING ? sc_core::sc_delta_count() : kNone;
        event_.notify(sc_core::SC_ZERO_TIME);
        return;
    }
    const std::uint64_t at_ps = now_ps() + delay.value();
    if (in_this_delta() || at_ps >= at_ps_) {
        return;
    }
    at_ps_ = at_ps;
    entry_ = agenda_->add(place_, at_ps);
}

void TimedEvent::cancel() {
    at_ps_ = kNone;
    entry_ = 0;
    delta_ = kNone;
    event_.cancel();
}

void TimedEvent::due() {
    at_ps_ = kNone;
    entry_ = 0;
    event_.notify(); // at once: within the evaluation that the agenda is in
}

} // namespace systolica
