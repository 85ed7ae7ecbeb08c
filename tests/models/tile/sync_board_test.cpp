// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "machine/commands/sync_access.h"
#include "models/tile/sync_board.h"
#include "models/tlm/payload_pool.h"

namespace systolica::sequencer_test {

namespace {

constexpr std::uint64_t kCyclePs = 1000;

// Posts and waits at given cycles, and writes down when each wait was answered.
class Port : public sc_core::sc_module {
public:
    struct Step {
        std::uint64_t cycle;
        bool post;
        std::uint32_t event;
        std::uint32_t threshold;
    };
    tlm_utils::simple_initiator_socket<Port> sync_out{"sync_out"};
    std::vector<Step> steps;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> answered; // event, cycle
    bool in_forward_call = false;

    explicit Port(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
        sync_out.register_nb_transport_bw(this, &Port::answer);
        SC_HAS_PROCESS(Port);
        SC_THREAD(play);
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes) {
        tlm::tlm_generic_payload& payload = payloads_.acquire(command, address, bytes);
        sc_core::sc_time delay;
        sync_out->b_transport(payload, delay);
        const tlm::tlm_response_status status = payload.get_response_status();
        payload.release();
        return status;
    }
    std::size_t payloads_in_use() const { return payloads_.in_use(); }

private:
    void play() {
        for (const Step& step : steps) {
            wait(sc_core::sc_time::from_value(step.cycle * kCyclePs) - sc_core::sc_time_stamp());
            if (step.post) {
                EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, sync_address(step.event), kSyncBytes), tlm::TLM_OK_RESPONSE);
                continue;
            }
            tlm::tlm_generic_payload& payload =
                payloads_.acquire(tlm::TLM_READ_COMMAND, sync_address(step.event, step.threshold), kSyncBytes);
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            in_forward_call = true;
            const tlm::tlm_sync_enum status = sync_out->nb_transport_fw(payload, phase, delay);
            in_forward_call = false;
            if (status == tlm::TLM_COMPLETED) {
                note(payload);
            }
        }
    }
    tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
        EXPECT_FALSE(in_forward_call);
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        note(payload);
        return tlm::TLM_COMPLETED;
    }
    void note(tlm::tlm_generic_payload& payload) {
        EXPECT_TRUE(payload.is_response_ok());
        answered.emplace_back(sync_event(payload.get_address()), sc_core::sc_time_stamp().value() / kCyclePs);
        payload.release();
    }

    PayloadPool payloads_{8};
};

struct Bench {
    SyncBoard board{"board", SyncBoard::Params{2, Clock::from_mhz(1000)}};
    Port a{"a"};
    Port b{"b"};

    Bench() {
        a.sync_out.bind(board.tile_in[0]);
        b.sync_out.bind(board.tile_in[1]);
    }
};

using Answers = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

} // namespace

TEST(SyncBoard, PostIsSeenOneCycleLater) {
    Bench bench;
    bench.a.steps = {{5, true, 1, 0}};
    bench.b.steps = {{0, false, 1, 1}};
    sc_core::sc_start();
    EXPECT_EQ(bench.b.answered, (Answers{{1, 6}}));
}

TEST(SyncBoard, ThresholdCountsPostsOfAllTiles) {
    Bench bench;
    bench.a.steps = {{2, true, 3, 0}, {9, true, 3, 0}};
    bench.b.steps = {{0, false, 3, 3}, {4, true, 3, 0}};
    sc_core::sc_start();
    EXPECT_EQ(bench.b.answered, (Answers{{3, 10}}));
    EXPECT_EQ(bench.board.posts(), 3U);
}

TEST(SyncBoard, CountReachedEarlierIsAnsweredAtOnce) {
    Bench bench;
    bench.a.steps = {{2, true, 4, 0}, {7, true, 4, 0}};
    // At 7 the second post of that cycle hides nothing of the first.
    bench.b.steps = {{7, false, 4, 1}, {7, false, 4, 0}};
    sc_core::sc_start();
    EXPECT_EQ(bench.b.answered, (Answers{{4, 7}, {4, 7}}));
}

TEST(SyncBoard, WaitAndPostOfTheSameCycleMeetOneCycleLaterInEitherOrder) {
    Bench bench;
    bench.a.steps = {{3, true, 8, 0}, {3, false, 9, 1}};
    bench.b.steps = {{3, false, 8, 1}, {3, true, 9, 0}};
    sc_core::sc_start();
    EXPECT_EQ(bench.a.answered, (Answers{{9, 4}}));
    EXPECT_EQ(bench.b.answered, (Answers{{8, 4}}));
}

TEST(SyncBoard, EachWaiterHasItsOwnThreshold) {
    Bench bench;
    bench.a.steps = {{0, false, 1, 1}, {0, false, 1, 3}};
    bench.b.steps = {{0, false, 1, 2}, {5, true, 1, 0}, {6, true, 1, 0}, {7, true, 1, 0}};
    sc_core::sc_start();
    EXPECT_EQ(bench.a.answered, (Answers{{1, 6}, {1, 8}}));
    EXPECT_EQ(bench.b.answered, (Answers{{1, 7}}));
    EXPECT_EQ(bench.a.payloads_in_use(), 0U);
}

TEST(SyncBoard, UnreachedWaitStaysAndKeepsNothingRunning) {
    Bench bench;
    bench.b.steps = {{1, false, 6, 1}};
    sc_core::sc_start();
    EXPECT_TRUE(bench.b.answered.empty());
    Statistics statistics;
    bench.board.report(statistics);
    EXPECT_EQ(bench.b.payloads_in_use(), 1U);
}

TEST(SyncBoard, IllegalAccessesAreRefused) {
    Bench bench;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(bench.a.access(tlm::TLM_WRITE_COMMAND, sync_address(0), kSyncBytes), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(bench.a.access(tlm::TLM_WRITE_COMMAND, sync_address(0xffffffff), kSyncBytes),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(bench.a.access(tlm::TLM_WRITE_COMMAND, sync_address(1), 8), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(bench.a.access(tlm::TLM_IGNORE_COMMAND, sync_address(1), kSyncBytes), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(bench.a.access(tlm::TLM_READ_COMMAND, sync_address(1), kSyncBytes), tlm::TLM_OK_RESPONSE);
}

} // namespace systolica::sequencer_test
