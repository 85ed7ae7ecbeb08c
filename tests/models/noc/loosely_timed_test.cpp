// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The same traffic over a network and LPDDR4 channels, once in phases and once by blocking accesses: bytes are the
// same, the time comes near, and neither beats the data pins.
#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/dram/dram_channel.h"
#include "tests/models/noc/noc_ends.h"

namespace systolica {
namespace {

using test::Access;
using test::TestTile;

constexpr std::uint64_t kPeriod = 1250; // 800 MHz

// Sends its accesses by b_transport, one a cycle, at most `window` of them unanswered.
class LooseTile : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket<LooseTile> out{"out"};
    std::vector<Access> accesses;
    unsigned window = 1;
    std::uint64_t last_ps = 0;

    explicit LooseTile(const sc_core::sc_module_name& name) : sc_module(name) {
        SC_HAS_PROCESS(LooseTile);
        SC_METHOD(send);
        sensitive << wake_;
    }

private:
    void send() {
        const std::uint64_t now = test::now();
        while (!answers_.empty() && answers_.top() <= now) {
            answers_.pop();
        }
        if (next_ == accesses.size()) {
            return;
        }
        if (answers_.size() < window) {
            const Access& access = accesses[next_++];
            tlm::tlm_generic_payload& payload = pool_.acquire(
                access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, access.address, access.bytes);
            sc_core::sc_time delay;
            out->b_transport(payload, delay);
            EXPECT_TRUE(payload.is_response_ok());
            payload.release();
            const std::uint64_t answered = now + delay.value();
            answers_.push(answered);
            last_ps = std::max(last_ps, answered);
        }
        const std::uint64_t ready = answers_.size() < window ? now + kPeriod : answers_.top();
        wake_.notify(sc_core::sc_time::from_value((ready + kPeriod - 1) / kPeriod * kPeriod - now));
    }

    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> answers_;
    std::size_t next_ = 0;
    PayloadPool pool_{4096};
    sc_core::sc_event wake_;
};

// A chip without its tiles' insides.
template <typename Tile>
struct Bench {
    FabricNoc noc;
    std::vector<std::unique_ptr<Tile>> tiles;
    std::vector<std::unique_ptr<DramChannel>> channels;

    Bench(const std::string& name, const NocConfig& config,
          const std::function<std::unique_ptr<Tile>(const char*)>& make)
        : noc((name + "_noc").c_str(), {config, 256}, Clock::from_mhz(800)) {
        for (unsigned i = 0; i < config.tile_routers.size(); ++i) {
            tiles.push_back(make((name + "_tile" + std::to_string(i)).c_str()));
            tiles.back()->out.bind(noc.tile_in[i]);
        }
        DramChannel::Params params;
        params.config.channels = static_cast<unsigned>(config.memory_routers.size());
        for (unsigned i = 0; i < config.memory_routers.size(); ++i) {
            params.channel = i;
            channels.push_back(std::make_unique<DramChannel>((name + "_dram" + std::to_string(i)).c_str(), params));
            noc.memory_out[i].bind(channels.back()->mem_in);
        }
    }

    DramCounters counters() const {
        DramCounters sum;
        for (const auto& channel : channels) {
            sum += channel->counters();
        }
        return sum;
    }
};

struct Traffic {
    const char* name;
    unsigned columns, rows, channels, window;
    unsigned flit_bytes;
    unsigned writes_of_eight; // so many of eight accesses are writes
    double tolerance;
};

class LooselyTimed : public testing::TestWithParam<Traffic> {};

TEST_P(LooselyTimed, TimeComesNearTheApproximatelyTimedAndKeepsTheBounds) {
    const Traffic& traffic = GetParam();
    NocConfig config;
    config.columns = traffic.columns;
    config.rows = traffic.rows;
    config.flit_bytes = traffic.flit_bytes;
    const unsigned routers = traffic.columns * traffic.rows;
    for (unsigned router = 0; router < routers; ++router) {
        config.tile_routers.push_back(router);
    }
    for (unsigned channel = 0; channel < traffic.channels; ++channel) {
        config.memory_routers.push_back(channel * routers / traffic.channels);
    }
    Bench<TestTile> at("at", config, [](const char* name) { return std::make_unique<TestTile>(name, 1); });
    Bench<LooseTile> lt("lt", config, [](const char* name) { return std::make_unique<LooseTile>(name); });

    // Each tile reads one stream and writes another; the streams lie in different rows of the same banks.
    std::uint64_t bytes = 0;
    for (unsigned t = 0; t < routers; ++t) {
        std::uint64_t read = std::uint64_t{t} << 20;
        std::uint64_t write = std::uint64_t{64 + t} << 20;
        std::vector<Access> accesses;
        for (unsigned i = 0; i < 1500; ++i) {
            const bool writes = i % 8 < traffic.writes_of_eight;
            accesses.push_back({0, writes ? write : read, 256, writes});
            (writes ? write : read) += 256;
            bytes += 256;
        }
        at.tiles[t]->accesses = lt.tiles[t]->accesses = accesses;
        at.tiles[t]->window = lt.tiles[t]->window = traffic.window;
    }
    sc_core::sc_start();

    std::uint64_t at_ps = 0, lt_ps = 0;
    for (unsigned t = 0; t < routers; ++t) {
        ASSERT_EQ(at.tiles[t]->done.size(), 1500U);
        at_ps = std::max(at_ps, at.tiles[t]->done.back().answered_ps);
        lt_ps = std::max(lt_ps, lt.tiles[t]->last_ps);
    }
    for (const DramCounters& counters : {at.counters(), lt.counters()}) {
        EXPECT_EQ(counters.read_bytes + counters.write_bytes, bytes);
        EXPECT_EQ(counters.bus_bytes, bytes);
    }
    EXPECT_EQ(at.noc.bytes(), bytes);
    EXPECT_EQ(lt.noc.bytes(), bytes);
    EXPECT_EQ(at.noc.packet_hops(), lt.noc.packet_hops());
    const double peak_bytes_per_ps = 3200e6 * 2 / 1e12 * traffic.channels;
    EXPECT_GE(static_cast<double>(lt_ps), static_cast<double>(bytes) / peak_bytes_per_ps);
    EXPECT_NEAR(static_cast<double>(lt_ps), static_cast<double>(at_ps), traffic.tolerance * static_cast<double>(at_ps));
}

INSTANTIATE_TEST_SUITE_P(Loads, LooselyTimed,
                         testing::Values(Traffic{"memory_bound_reads", 2, 2, 2, 16, 32, 0, 0.05},
                                         Traffic{"memory_bound_mix", 2, 2, 2, 16, 32, 2, 0.05},
                                         Traffic{"short_windows", 2, 2, 2, 2, 32, 1, 0.15},
                                         // Packets of 65 flits in buffers of 8 hold the links behind them.
                                         Traffic{"narrow_links", 2, 2, 2, 16, 4, 2, 0.25},
                                         Traffic{"one_channel", 4, 1, 1, 8, 32, 2, 0.05},
                                         Traffic{"many_channels", 4, 4, 16, 8, 16, 1, 0.10}),
                         [](const auto& load) { return std::string(load.param.name); });

} // namespace
} // namespace systolica
