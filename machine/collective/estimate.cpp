// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/estimate.h"

#include <algorithm>
#include <queue>
#include <tuple>

#include "machine/chip_link/link_timing.h"
#include "machine/collective/dependencies.h"

namespace systolica {

namespace {

struct Event {
    std::uint64_t at_ps = 0;
    std::uint32_t message = 0;
    unsigned chip = 0;  // where it is
    bool added = false; // at its destination, ready for those that wait for it

    bool operator>(const Event& other) const { return std::tie(at_ps, message) > std::tie(other.at_ps, other.message); }
};

class Replay {
public:
    Replay(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
           const CollectiveSchedule& schedule)
        : network_(network),
          reduction_(reduction),
          schedule_(schedule),
          dependencies_(schedule),
          links_(network.links().size(), LinkTiming(link.without_errors())),
          unit_free_ps_(network.chips()) {}

    std::uint64_t run() {
        for (const std::uint32_t message : dependencies_.first()) {
            events_.push({0, message, schedule_[message].from, false});
        }
        while (!events_.empty()) {
            const Event event = events_.top();
            events_.pop();
            step(event);
        }
        return end_ps_;
    }

private:
    void step(const Event& event) {
        const CollectiveMessage& message = schedule_[event.message];
        if (event.added) {
            end_ps_ = std::max(end_ps_, event.at_ps);
            dependencies_.received(event.message, [&](std::uint32_t next) {
                events_.push({event.at_ps, next, schedule_[next].from, false});
            });
        } else if (event.chip == message.to) {
            std::uint64_t at_ps = event.at_ps;
            if (message.reduces) {
                std::uint64_t& free_ps = unit_free_ps_[message.to];
                at_ps = free_ps = std::max(free_ps, at_ps) + reduction_.ps(message.bytes);
            }
            events_.push({at_ps, event.message, message.to, true});
        } else {
            send(event, message);
        }
    }

    void send(const Event& event, const CollectiveMessage& message) {
        const unsigned number = network_.link_towards(event.chip, message.to, message.side);
        std::uint64_t ready_ps = event.at_ps;
        if (network_.switched()) {
            ready_ps = std::max(ready_ps, links_[network_.chips() + message.to].free_ps());
        }
        const LinkSlot slot = links_[number].book(ready_ps, message.bytes);
        unsigned next = network_.links()[number].to;
        if (network_.switched()) { // both ports at once
            links_[network_.chips() + message.to].hold_until(slot.end_ps);
            next = message.to;
        }
        events_.push({slot.arrival_ps, event.message, next, false});
    }

    const ChipNetwork& network_;
    const Reduction& reduction_;
    const CollectiveSchedule& schedule_;
    CollectiveDependencies dependencies_;
    std::vector<LinkTiming> links_;
    std::vector<std::uint64_t> unit_free_ps_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t end_ps_ = 0;
};

} // namespace

std::uint64_t collective_estimate_ps(const ChipNetwork& network, const ChipLinkConfig& link, const Reduction& reduction,
                                     const CollectiveSchedule& schedule) {
    return Replay(network, link, reduction, schedule).run();
}

std::optional<CollectiveAlgorithm> fastest_collective(const ChipNetwork& network, const ChipLinkConfig& link,
                                                      const Reduction& reduction, const CollectiveRequest& request) {
    std::optional<CollectiveAlgorithm> best;
    std::uint64_t least_ps = ~std::uint64_t{0};
    for (const CollectiveAlgorithm algorithm : collective_algorithms()) {
        if (!collective_refusal(network, algorithm, request).empty()) {
            continue;
        }
        const std::uint64_t ps =
            collective_estimate_ps(network, link, reduction, collective_schedule(network, algorithm, request));
        if (ps < least_ps) {
            least_ps = ps;
            best = algorithm;
        }
    }
    return best;
}

} // namespace systolica
