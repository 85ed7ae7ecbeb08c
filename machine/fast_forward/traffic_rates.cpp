// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/fast_forward/traffic_rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace systolica {

namespace {

// Parts of a window below which what is seen is mostly chance.
constexpr double kEnoughTime = 0.05;
constexpr double kEnoughBytes = 0.05;
constexpr double kEnoughShortage = 0.2;
constexpr double kFull = 0.93;   // of the best rate: the memory as a whole is the limit
constexpr double kClearly = 1.1; // more than the memory can serve, by so much
constexpr double kMemory = 3;    // windows that a mean remembers
constexpr double kLongMemory = 8;
constexpr double kPrior = 0.1;

// Bytes that a class may go on without a window, in windows: more the better it is known. Classes that come with
// others of their operation, or that are stores, wait until there are enough of them.
constexpr double kFirstLimit = 16;
constexpr double kLastLimit = 64;
constexpr double kLazyLimit = 0.5;
constexpr unsigned kTries = 2;

template <class Number>
double sum(const std::array<Number, TrafficRates::kCrowds>& values, std::size_t from = 0) {
    double all = 0;
    for (std::size_t i = from; i < values.size(); ++i) {
        all += static_cast<double>(values[i]);
    }
    return all;
}

double fewest(std::size_t crowd) {
    return crowd < 2 ? static_cast<double>(crowd) + 1 : std::exp2(crowd - 1) + 1;
}

} // namespace

struct TrafficRates::Sums {
    std::vector<std::size_t> seen; // classes that moved anything
    double bytes = 0;
    double scale = 1; // served over moved
};

void TrafficRates::Mean::add(double sample, double sample_weight, double memory) {
    weight = std::min(weight, memory - sample_weight) + sample_weight;
    value += (sample - value) * sample_weight / weight;
}

TrafficRates::TrafficRates(std::vector<std::uint64_t> operation_bytes, double peak_per_cycle,
                           std::uint64_t window_cycles)
    : peak_(peak_per_cycle),
      window_cycles_(static_cast<double>(window_cycles)),
      operation_bytes_(std::move(operation_bytes)),
      windows_of_(operation_bytes_.size()) {}

std::size_t TrafficRates::add(const Class& what) {
    classes_.push_back(what);
    rates_.emplace_back();
    return classes_.size() - 1;
}

std::size_t TrafficRates::crowd(std::size_t streams) {
    std::size_t logarithm = 0;
    while (streams > 1 && logarithm + 1 < kCrowds) {
        streams = (streams + 1) / 2;
        ++logarithm;
    }
    return logarithm;
}

bool TrafficRates::trusted(std::size_t traffic) const {
    const Rate& rate = rates_[traffic];
    const Class& what = classes_[traffic];
    if (!worthwhile(what.operation)) {
        return false;
    }
    if (rate.windows > 0) {
        return rate.paced_bytes < rate.limit_bytes;
    }
    const bool eager = !what.stores && windows_of_[what.operation][0] == 0;
    if (rate.asked < kTries && (eager || capacity_.weight == 0)) {
        return false;
    }
    return rate.asked >= kTries || rate.paced_bytes < kLazyLimit * window_bytes();
}

SharedRate::Share TrafficRates::share(std::size_t traffic) const {
    const Rate& rate = rates_[traffic];
    const Class& what = classes_[traffic];
    const double store = store_weight_.weight > 0 ? store_weight_.value : 1;
    const double cost = (rate.cost.value * rate.cost.weight + usual_cost() * kPrior) / (rate.cost.weight + kPrior);
    return {what.stores ? store : 1, cost, rate.cap.weight > 0 ? rate.cap.value : what.link_per_cycle};
}

double TrafficRates::learn(const Window& window) {
    const Sums sums = sums_of(window);
    if (sums.bytes == 0) {
        return 0;
    }
    for (const std::size_t traffic : sums.seen) {
        learn_cap(traffic, window.classes.at(traffic), window, sums.scale);
    }
    double off = 0;
    const std::size_t from = shortage(window, sums);
    if (from < kCrowds) {
        off = learn_costs(window, sums, from);
    }
    set_limits(window, sums);
    return off;
}

TrafficRates::Sums TrafficRates::sums_of(const Window& window) const {
    Sums sums;
    double moved = 0;
    for (const auto& [traffic, seen] : window.classes) {
        const double bytes = sum(seen.bytes);
        if (bytes > 0) {
            sums.seen.push_back(traffic);
            moved += bytes;
        }
    }
    if (moved > 0) {
        sums.bytes = window.served_bytes;
        sums.scale = window.served_bytes / moved;
    }
    return sums;
}

// What a stream reaches when there are so few that all of them together could not be too much for the memory.
void TrafficRates::learn_cap(std::size_t traffic, const Seen& seen, const Window& window, double scale) {
    double bytes = 0;
    double cycles = 0;
    const double link = classes_[traffic].link_per_cycle;
    for (std::size_t crowd = 0; crowd < kCrowds && link * std::exp2(crowd) <= 0.95 * capacity(); ++crowd) {
        bytes += seen.backlog_bytes[crowd] * scale;
        cycles += static_cast<double>(seen.backlog_cycles[crowd]);
    }
    const double part = cycles / static_cast<double>(window.cycles);
    if (part > kEnoughTime && bytes > 0) {
        rates_[traffic].cap.add(std::min(bytes / cycles, link), std::min(part, 1.0), kMemory);
    }
}

// The smallest crowd that was more than the memory could serve; kCrowds: there was none, or not for long.
std::size_t TrafficRates::shortage(const Window& window, const Sums& sums) const {
    double cap = 0;
    double cycles = 0;
    for (const std::size_t traffic : sums.seen) {
        const double of_class = sum(window.classes.at(traffic).backlog_cycles);
        cap += share(traffic).cap * of_class;
        cycles += of_class;
    }
    for (std::size_t from = 0; from < kCrowds && cycles > 0; ++from) {
        double bytes = 0;
        for (const std::size_t traffic : sums.seen) {
            bytes += sum(window.classes.at(traffic).bytes, from) * sums.scale;
        }
        const double time = sum(window.crowd_cycles, from);
        if (time < kEnoughShortage * static_cast<double>(window.cycles)) {
            break;
        }
        if (fewest(from) * cap / cycles > kClearly * bytes / time) {
            return from;
        }
    }
    return kCrowds;
}

// While memory is short the bytes of a cycle cost one cycle. What is not explained by the costs of the others is the
// class's own, and the more certain the larger its part is.
double TrafficRates::learn_costs(const Window& window, const Sums& sums, std::size_t from) {
    double all_bytes = 0;
    for (const std::size_t traffic : sums.seen) {
        all_bytes += sum(window.classes.at(traffic).bytes, from) * sums.scale;
    }
    const double rate = all_bytes / sum(window.crowd_cycles, from);
    best_rate_ = std::max(best_rate_, rate);
    std::vector<double> parts;
    std::vector<double> costs;
    double all = 0;
    for (const std::size_t traffic : sums.seen) {
        parts.push_back(sum(window.classes.at(traffic).bytes, from) * sums.scale / all_bytes);
        costs.push_back(share(traffic).cost * parts.back());
        all += costs.back();
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i] >= kEnoughBytes) {
            const double own = (1 / rate - (all - costs[i])) / parts[i];
            rates_[sums.seen[i]].cost.add(std::clamp(own, 1 / peak_, 20 / peak_), parts[i] * parts[i], kMemory);
        }
    }
    capacity_.add(rate, 1, kLongMemory);
    if (rate > kFull * best_rate_) {
        learn_store_weight(window, sums, from);
    }
    return std::abs(all * rate - 1);
}

// How loads and stores share a memory that cannot serve both as fast as they come.
void TrafficRates::learn_store_weight(const Window& window, const Sums& sums, std::size_t from) {
    std::array<double, 2> bytes{};
    std::array<double, 2> cycles{};
    for (const std::size_t traffic : sums.seen) {
        const std::size_t stores = classes_[traffic].stores ? 1 : 0;
        bytes[stores] += sum(window.classes.at(traffic).backlog_bytes, from);
        cycles[stores] += sum(window.classes.at(traffic).backlog_cycles, from);
    }
    const double all = bytes[0] + bytes[1];
    for (const std::size_t direction : {0, 1}) {
        if (bytes[direction] < 0.15 * all || cycles[direction] < 0.5 * static_cast<double>(window.cycles)) {
            return;
        }
    }
    store_weight_.add(std::clamp(bytes[1] / cycles[1] / (bytes[0] / cycles[0]), 0.25, 4.0), 1, kLongMemory);
}

void TrafficRates::set_limits(const Window& window, const Sums& sums) {
    for (const std::size_t traffic : sums.seen) {
        Rate& rate = rates_[traffic];
        const double limit = std::min(kFirstLimit * std::exp2(rate.windows), kLastLimit);
        rate.limit_bytes = limit * std::max(sum(window.classes.at(traffic).bytes) * sums.scale, sums.bytes / 8);
        rate.paced_bytes = 0;
        ++rate.windows;
        ++windows_of_[classes_[traffic].operation][classes_[traffic].stores ? 1 : 0];
    }
}

} // namespace systolica
