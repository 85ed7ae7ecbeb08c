// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What becomes of blocking accesses after they have been answered: their commands still are issued.
#include "models/dram/dram_channel.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

constexpr std::uint64_t kCk = 625; // ps, LPDDR4-3200

void wait_until_ck(std::uint64_t ck) {
    sc_core::wait(sc_core::sc_time::from_value(ck * kCk) - sc_core::sc_time_stamp());
}

std::uint64_t read_blocking(TestInitiator& initiator, std::uint64_t address, std::uint32_t bytes) {
    tlm::tlm_generic_payload& payload = initiator.pool.acquire(tlm::TLM_READ_COMMAND, address, bytes);
    sc_core::sc_time delay;
    initiator.mem_out->b_transport(payload, delay);
    EXPECT_TRUE(payload.is_response_ok());
    payload.release();
    return delay.value();
}

TEST(DramBlocking, CommandsAreIssuedInPassingWithoutAnEventForEach) {
    DramChannel memory("memory", DramChannel::Params());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        for (unsigned i = 0; i < 24; ++i) {
            read_blocking(initiator, 2048 * i, 256); // a row each
        }
    });
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(memory.outstanding(), 0U) << "all have been answered";
    EXPECT_EQ(memory.counters().read_bytes, 24U * 256);
    const std::uint64_t deltas = sc_core::sc_delta_count();
    sc_core::sc_start(sc_core::sc_time::from_value(6000 * kCk)); // before the first refresh
    EXPECT_EQ(memory.counters().activates, 24U);
    EXPECT_EQ(memory.counters().precharges, 16U) << "eight banks, three rows each";
    EXPECT_EQ(memory.counters().read_bytes, 24U * 256);
    EXPECT_LE(sc_core::sc_delta_count() - deltas, 4U);
}

// Bank 1: ACT at 100, RD from 129 on, data from 157 to 221, exactly as for a request in phases.
TEST(DramBlocking, WavesShowTheCommandsAtTheirTimes) {
    struct Recorder : WaveSink {
        bool add(const std::string& path, unsigned, std::uint32_t& id) override {
            id = static_cast<std::uint32_t>(names.size());
            names.push_back(path);
            return true;
        }
        void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override {
            changes[names[id]].emplace_back(time_ps / kCk, value);
        }
        std::vector<std::string> names;
        std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint64_t>>> changes;
    };
    Recorder recorder;
    DramChannel memory("memory", DramChannel::Params());
    memory.add_waves(WaveScope(&recorder, "dram0"));
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] {
        wait_until_ck(100);
        EXPECT_EQ(read_blocking(initiator, 2048, 256), (221 - 100) * kCk);
    });
    sc_core::sc_start(sc_core::sc_time::from_value(1000 * kCk));
    recorder.catch_up(1000 * kCk);
    using Changes = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    EXPECT_EQ(recorder.changes["dram0.bank1.row_open"], (Changes{{100, 1}}));
    EXPECT_EQ(recorder.changes["dram0.data_busy"], (Changes{{157, 1}, {221, 0}}));
}

// Seven bursts of 64 clocks wait; the blocking read is promised behind them, at most an ACT (29 clocks) too early.
TEST(DramBlocking, ABlockingAccessComesBehindWhatWaits) {
    DramChannel memory("memory", DramChannel::Params());
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    std::uint64_t promised = 0;
    Script script("script", [&] {
        for (unsigned i = 0; i < 7; ++i) {
            initiator.send(false, 256 * i, 256);
        }
        promised = read_blocking(initiator, 7 * 256, 256);
        initiator.send(false, 0, 256);
    });
    sc_core::sc_start();
    EXPECT_EQ(initiator.records[6].answered_ps, (29 + 6 * 64 + 56 + 36) * kCk);
    EXPECT_EQ(initiator.records[7].answered_ps, (29 + 8 * 64 + 56 + 36) * kCk) << "behind the blocking read";
    EXPECT_LE(promised, (29 + 7 * 64 + 56 + 36) * kCk);
    EXPECT_GE(promised, (7 * 64 + 56 + 36) * kCk);
}

} // namespace
} // namespace systolica
