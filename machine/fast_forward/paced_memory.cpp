// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/fast_forward/paced_memory.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace systolica {

namespace {

using Count = std::uint64_t DramCounters::*;

constexpr std::array<Count, 3> kReads{&DramCounters::reads, &DramCounters::read_commands,
                                      &DramCounters::read_latency_ck};
constexpr std::array<Count, 4> kWrites{&DramCounters::writes, &DramCounters::write_commands,
                                       &DramCounters::masked_writes, &DramCounters::write_latency_ck};
constexpr std::array<Count, 6> kBoth{&DramCounters::row_hits,       &DramCounters::activates,
                                     &DramCounters::precharges,     &DramCounters::auto_precharges,
                                     &DramCounters::check_commands, &DramCounters::wck_syncs};
constexpr std::array<Count, 5> kStates{&DramCounters::active_ck, &DramCounters::precharged_ck,
                                       &DramCounters::active_power_down_ck, &DramCounters::power_down_ck,
                                       &DramCounters::self_refresh_ck};
constexpr std::array<Count, 2> kEntries{&DramCounters::power_downs, &DramCounters::self_refreshes};

std::uint64_t scaled(std::uint64_t count, double factor) {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * factor));
}

void add_difference(DramCounters& sum, const DramCounters& later, const DramCounters& earlier) {
    for (const Count count : kStates) {
        sum.*count += later.*count - earlier.*count;
    }
    for (const Count count : kEntries) {
        sum.*count += later.*count - earlier.*count;
    }
}

// The states of the time that was simulated stand for all of it; what rounding leaves over is added to the last.
void extend_states(DramCounters& channel, const DramCounters& idle) {
    std::uint64_t all = 0;
    std::uint64_t simulated = 0;
    for (const Count state : kStates) {
        all += channel.*state;
        simulated += channel.*state - idle.*state;
    }
    if (simulated == 0) {
        return;
    }
    const double factor = static_cast<double>(all) / static_cast<double>(simulated);
    std::uint64_t given = 0;
    for (const Count state : kStates) {
        const std::uint64_t share = scaled(channel.*state - idle.*state, factor);
        channel.*state = std::min(share, all - given);
        given += channel.*state;
    }
    channel.precharged_ck += all - given;
    for (const Count entries : kEntries) {
        channel.*entries = scaled(channel.*entries - idle.*entries, factor);
    }
}

} // namespace

void PacedMemory::begin(const std::vector<DramCounters>& channels) {
    pacing_ = true;
    begun_ = channels;
    idle_.resize(channels.size());
}

void PacedMemory::end(const std::vector<DramCounters>& channels) {
    for (std::size_t c = 0; pacing_ && c < channels.size(); ++c) {
        add_difference(idle_[c], channels[c], begun_[c]);
    }
    pacing_ = false;
}

std::vector<DramCounters> PacedMemory::estimate(const std::vector<DramCounters>& counted, const Bytes& paced) const {
    PacedMemory closed = *this;
    closed.end(counted);
    closed.idle_.resize(counted.size());
    DramCounters all;
    for (const DramCounters& channel : counted) {
        all += channel;
    }
    const auto factor = [](std::uint64_t simulated, std::uint64_t more) {
        return simulated == 0 ? 1.0 : static_cast<double>(simulated + more) / static_cast<double>(simulated);
    };
    const double reads = factor(all.read_bytes, paced.read);
    const double writes = factor(all.write_bytes, paced.written);
    const double pins = factor(all.bus_bytes, paced.pins);
    std::vector<DramCounters> channels = counted;
    Bytes left = paced;
    for (std::size_t c = 0; c < channels.size(); ++c) {
        DramCounters& channel = channels[c];
        for (const Count count : kReads) {
            channel.*count = scaled(channel.*count, reads);
        }
        for (const Count count : kWrites) {
            channel.*count = scaled(channel.*count, writes);
        }
        for (const Count count : kBoth) {
            channel.*count = scaled(channel.*count, pins);
        }
        extend_states(channel, closed.idle_[c]);
        const auto share = [&](std::uint64_t whole, std::uint64_t part, std::uint64_t of, std::uint64_t& rest) {
            const std::uint64_t bytes =
                c + 1 == channels.size() || of == 0
                    ? rest
                    : std::min(rest, scaled(whole, static_cast<double>(part) / static_cast<double>(of)));
            rest -= bytes;
            return bytes;
        };
        channel.read_bytes += share(paced.read, counted[c].read_bytes, all.read_bytes, left.read);
        channel.write_bytes += share(paced.written, counted[c].write_bytes, all.write_bytes, left.written);
        channel.bus_bytes += share(paced.pins, counted[c].bus_bytes, all.bus_bytes, left.pins);
    }
    return channels;
}

} // namespace systolica
