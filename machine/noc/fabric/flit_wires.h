// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Flits and credits under way between routers, endpoints and sources: a ring of buckets, one for each cycle ahead.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

// A flit is its packet and its place in it.
struct Flit {
    std::uint32_t packet : 29;
    std::uint32_t head : 1;
    std::uint32_t tail : 1;
    std::uint32_t joins : 1; // on a wire: is added to others where it arrives
};

class FlitWires {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    // Where a flit arrives or a credit returns to: a router's virtual channel, or that of an endpoint.
    struct Place {
        std::uint32_t node; // routers, then endpoints
        std::uint32_t slot; // port * virtual channels + virtual channel; of an endpoint the virtual channel
    };
    struct Arrival {
        Place place;
        Flit flit;
    };

    explicit FlitWires(std::uint64_t longest_delay) {
        std::size_t cycles = 2;
        while (cycles <= longest_delay) {
            cycles *= 2;
        }
        mask_ = cycles - 1;
        arrivals_.resize(cycles);
        credits_.resize(cycles);
    }

    void send(std::uint64_t cycle, Place place, Flit flit) {
        arrivals_[cycle & mask_].push_back({place, flit});
        ++under_way_;
    }
    void credit(std::uint64_t cycle, Place place) {
        credits_[cycle & mask_].push_back(place);
        ++under_way_;
    }

    // Takes what is due in `cycle`; nothing may be due before it.
    template <typename TakeFlit, typename TakeCredit>
    void take(std::uint64_t cycle, TakeFlit&& take_flit, TakeCredit&& take_credit) {
        auto& arrivals = arrivals_[cycle & mask_];
        auto& credits = credits_[cycle & mask_];
        under_way_ -= arrivals.size() + credits.size();
        for (const Arrival& arrival : arrivals) {
            take_flit(arrival.place, arrival.flit);
        }
        for (const Place& place : credits) {
            take_credit(place);
        }
        arrivals.clear();
        credits.clear();
    }

    // The first cycle after `now` in which something is due.
    std::uint64_t next(std::uint64_t now) const {
        if (under_way_ == 0) {
            return kNever;
        }
        std::uint64_t cycle = now + 1;
        while (arrivals_[cycle & mask_].empty() && credits_[cycle & mask_].empty()) {
            ++cycle;
        }
        return cycle;
    }

private:
    std::uint64_t mask_ = 0;
    std::size_t under_way_ = 0;
    std::vector<std::vector<Arrival>> arrivals_;
    std::vector<std::vector<Place>> credits_;
};

} // namespace systolica
