// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Links between a sender that offers messages as fast as they are taken and a receiver that may be slow to accept them,
// with a protocol checker on both sides.
#include "machine/chip_link/chip_address.h"
#include "models/chip_link/chip_link.h"
#include "models/chip_link/link_switch.h"
#include "models/tlm/clock_edges.h"
#include "models/tlm/payload_pool.h"
#include "models/tlm/protocol_checker.h"

#include <gtest/gtest.h>

#include <deque>

namespace systolica {
namespace {

ChipLinkConfig ten_bytes_a_ns() {
    ChipLinkConfig config;
    config.bytes_per_s = 10e9;
    config.latency_ns = 100;
    return config;
}

class Sender : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket<Sender> out{"out"};

    explicit Sender(const sc_core::sc_module_name& name) : sc_module(name) {
        out.register_nb_transport_bw(this, &Sender::answered);
        SC_HAS_PROCESS(Sender);
        SC_THREAD(send);
    }

    void offer(std::uint64_t address, std::uint32_t bytes, tlm::tlm_command command = tlm::TLM_WRITE_COMMAND) {
        offers_.push_back(&pool_.acquire(command, address, bytes));
    }
    std::size_t in_use() const { return pool_.in_use(); }

    std::vector<std::uint64_t> taken_ps;   // END_REQ in force
    std::vector<std::uint64_t> answers_ps; // BEGIN_RESP
    std::vector<tlm::tlm_response_status> statuses;

private:
    void send() {
        for (tlm::tlm_generic_payload* payload : offers_) {
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            const tlm::tlm_sync_enum answer = out->nb_transport_fw(*payload, phase, delay);
            sc_core::wait(delay);
            taken_ps.push_back(now_ps());
            if (answer == tlm::TLM_COMPLETED) {
                finish(*payload);
            }
        }
    }

    tlm::tlm_sync_enum answered(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        finish(payload);
        return tlm::TLM_COMPLETED;
    }

    void finish(tlm::tlm_generic_payload& payload) {
        answers_ps.push_back(now_ps());
        statuses.push_back(payload.get_response_status());
        payload.release();
    }

    PayloadPool pool_{1 << 20};
    std::deque<tlm::tlm_generic_payload*> offers_;
};

// Takes a message at once, or `hold` after it has come: then END_REQ, and a while later BEGIN_RESP.
class Receiver : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<Receiver> in{"in"};

    Receiver(const sc_core::sc_module_name& name, const sc_core::sc_time& hold) : sc_module(name), hold_(hold) {
        in.register_nb_transport_fw(this, &Receiver::take);
        SC_HAS_PROCESS(Receiver);
        SC_THREAD(answer);
    }

    std::vector<std::uint64_t> came_ps;
    std::vector<std::uint64_t> addresses;

private:
    tlm::tlm_sync_enum take(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
        if (phase != tlm::BEGIN_REQ) {
            return tlm::TLM_COMPLETED;
        }
        came_ps.push_back(now_ps());
        addresses.push_back(payload.get_address());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        if (hold_ == sc_core::SC_ZERO_TIME) {
            return tlm::TLM_COMPLETED;
        }
        payload.acquire();
        held_.push_back(&payload);
        come_.notify(sc_core::SC_ZERO_TIME);
        return tlm::TLM_ACCEPTED;
    }

    void answer() {
        while (true) {
            sc_core::wait(come_);
            while (!held_.empty()) {
                tlm::tlm_generic_payload& payload = *held_.front();
                held_.pop_front();
                for (tlm::tlm_phase phase : {tlm::tlm_phase(tlm::END_REQ), tlm::tlm_phase(tlm::BEGIN_RESP)}) {
                    sc_core::wait(hold_);
                    sc_core::sc_time delay;
                    in->nb_transport_bw(payload, phase, delay);
                }
                payload.release();
            }
        }
    }

    const sc_core::sc_time hold_;
    std::deque<tlm::tlm_generic_payload*> held_;
    sc_core::sc_event come_;
};

struct Bench {
    explicit Bench(const sc_core::sc_time& hold = sc_core::SC_ZERO_TIME) : receiver("receiver", hold) {
        sender.out.bind(before.check_in);
        before.check_out.bind(link.link_in);
        link.link_out.bind(after.check_in);
        after.check_out.bind(receiver.in);
    }

    void run() {
        sc_core::sc_start();
        before.finish();
        after.finish();
        EXPECT_EQ(before.violations(), 0u) << before.texts().front();
        EXPECT_EQ(after.violations(), 0u) << after.texts().front();
        EXPECT_EQ(sender.in_use(), 0u);
    }

    Sender sender{"sender"};
    ProtocolChecker before{"before"};
    ChipLink link{"link", ten_bytes_a_ns()};
    ProtocolChecker after{"after"};
    Receiver receiver;
};

using Times = std::vector<std::uint64_t>;

TEST(ChipLink, MessagesLeaveBackToBackAndArriveALatencyLater) {
    Bench bench;
    bench.sender.offer(0, 1000); // 100 ns
    bench.sender.offer(0, 10);   // 1 ns
    bench.run();
    EXPECT_EQ(bench.sender.taken_ps, (Times{100'000, 101'000}));
    EXPECT_EQ(bench.receiver.came_ps, (Times{200'000, 201'000}));
    EXPECT_EQ(bench.sender.answers_ps, bench.receiver.came_ps);
    EXPECT_EQ(bench.link.bytes(), 1010u);
}

TEST(ChipLink, ASlowReceiverHoldsMessagesBackAndLosesNone) {
    Bench bench(sc_core::sc_time(1, sc_core::SC_US));
    for (int i = 0; i < 5; ++i) {
        bench.sender.offer(static_cast<std::uint64_t>(i), 10);
    }
    bench.run();
    // The first comes at 101 ns; each is accepted a microsecond later and answered after another one.
    EXPECT_EQ(bench.receiver.came_ps, (Times{101'000, 1'101'000, 3'101'000, 5'101'000, 7'101'000}));
    EXPECT_EQ(bench.receiver.addresses, (Times{0, 1, 2, 3, 4}));
    EXPECT_EQ(bench.sender.answers_ps.size(), 5u);
}

TEST(ChipLink, OnlyWritesAreMessages) {
    Bench bench;
    bench.sender.offer(0, 10, tlm::TLM_READ_COMMAND);
    bench.sender.offer(0, 10);
    bench.run();
    EXPECT_EQ(bench.sender.statuses,
              (std::vector<tlm::tlm_response_status>{tlm::TLM_COMMAND_ERROR_RESPONSE, tlm::TLM_OK_RESPONSE}));
    EXPECT_EQ(bench.receiver.came_ps, Times{101'000});
}

struct SwitchBench {
    SwitchBench() {
        for (unsigned i = 0; i < 3; ++i) {
            senders[i].out.bind(before[i].check_in);
            before[i].check_out.bind(fabric.link_in[i]);
            fabric.link_out[i].bind(after[i].check_in);
            after[i].check_out.bind(receivers[i].in);
        }
    }

    void run() {
        sc_core::sc_start();
        for (unsigned i = 0; i < 3; ++i) {
            before[i].finish();
            after[i].finish();
            EXPECT_EQ(before[i].violations() + after[i].violations(), 0u);
            EXPECT_EQ(senders[i].in_use(), 0u);
        }
    }

    std::array<Sender, 3> senders{Sender("sender0"), Sender("sender1"), Sender("sender2")};
    std::array<ProtocolChecker, 3> before{ProtocolChecker("before0"), ProtocolChecker("before1"),
                                          ProtocolChecker("before2")};
    LinkSwitch fabric{"fabric", LinkSwitch::Params{3, ten_bytes_a_ns()}};
    std::array<ProtocolChecker, 3> after{ProtocolChecker("after0"), ProtocolChecker("after1"),
                                         ProtocolChecker("after2")};
    std::array<Receiver, 3> receivers{Receiver("receiver0", sc_core::SC_ZERO_TIME),
                                      Receiver("receiver1", sc_core::SC_ZERO_TIME),
                                      Receiver("receiver2", sc_core::SC_ZERO_TIME)};
};

TEST(LinkSwitch, OneHopAndAPortForOneMessageAtATime) {
    SwitchBench bench;
    bench.senders[0].offer(system_address(2, 7), 1000); // 100 ns
    bench.senders[1].offer(system_address(2, 8), 500);  // waits for the port of chip 2
    bench.senders[1].offer(system_address(0, 9), 100);  // and this one behind it
    bench.run();
    EXPECT_EQ(bench.receivers[2].came_ps, (Times{200'000, 250'000}));
    EXPECT_EQ(bench.receivers[2].addresses, (Times{system_address(2, 7), system_address(2, 8)}));
    EXPECT_EQ(bench.receivers[0].came_ps, Times{260'000});
    EXPECT_EQ(bench.fabric.bytes_to(2), 1500u);
    EXPECT_EQ(bench.fabric.bytes_from(1), 600u);
}

TEST(LinkSwitch, AChipThatIsNotThereIsAnAddressError) {
    SwitchBench bench;
    bench.senders[0].offer(system_address(3, 0), 10);
    bench.run();
    EXPECT_EQ(bench.senders[0].statuses, std::vector{tlm::TLM_ADDRESS_ERROR_RESPONSE});
}

} // namespace
} // namespace systolica
