// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A million random requests through all phases: nothing lost, nothing twice, every read's bytes right, no rule broken.
// Debug and sanitizer builds run a twenty-fifth of them; SYSTOLICA_TORTURE_REQUESTS sets the number of each test.
#include "models/dram/dram_channel.h"

#include <cstdlib>
#include <string>

#include "models/tlm/protocol_checker.h"
#include "tests/machine/dram/example_parts.h"
#include "tests/models/dram/test_initiator.h"
#include "tests/models/dram/torture_bench.h"

namespace systolica::test {
namespace {

constexpr unsigned kInitiators = 4;
constexpr std::size_t kRegion = 16384; // bytes: small, so that requests often meet

std::uint64_t requests_of_a_test() {
    if (const char* wish = std::getenv("SYSTOLICA_TORTURE_REQUESTS")) {
        return std::strtoull(wish, nullptr, 10);
    }
#ifdef NDEBUG
    return 250000;
#else
    return 10000;
#endif
}

TortureRequest anywhere(std::mt19937& random) {
    const auto bytes = static_cast<std::uint32_t>(1 + random() % 512);
    return {random() % 2 == 0, random() % (kRegion - bytes), bytes};
}

class DramTorture : public testing::Test {
protected:
    using Offset = std::function<std::size_t(std::uint64_t)>;

    void build(
        const DramChannel::Params& params, const TortureInitiator::Generator& generator,
        const Offset& offset = [](std::uint64_t address) { return static_cast<std::size_t>(address); }) {
        reference_ = std::make_unique<ReferenceMemory>(kRegion, offset);
        memory_ = std::make_unique<DramChannel>("memory", params);
        arbiter_ = std::make_unique<TortureArbiter>("arbiter", kInitiators, *reference_, 17);
        for (unsigned i = 0; i < kInitiators; ++i) {
            initiators_.push_back(std::make_unique<TortureInitiator>(("initiator" + std::to_string(i)).c_str(),
                                                                     requests_of_a_test() / kInitiators, 4 + 12 * i,
                                                                     generator, 100 + i));
            check(initiators_[i]->mem_out, arbiter_->port_in[i]);
        }
        check(arbiter_->mem_out, memory_->mem_in);
    }
    void check(tlm::tlm_initiator_socket<32>& from, tlm::tlm_target_socket<32>& to) {
        checkers_.push_back(std::make_unique<ProtocolChecker>(("checker" + std::to_string(checkers_.size())).c_str()));
        from.bind(checkers_.back()->check_in);
        checkers_.back()->check_out.bind(to);
    }

    // Everything has come to its end, and the memory holds what the reference holds.
    void finish(const std::function<std::uint64_t(std::size_t)>& address_of = [](std::size_t offset) {
        return offset;
    }) {
        sc_core::sc_start();
        std::uint64_t withheld = 0;
        for (const auto& initiator : initiators_) {
            EXPECT_EQ(initiator->sent, requests_of_a_test() / kInitiators);
            EXPECT_EQ(initiator->answered, initiator->sent);
            EXPECT_EQ(initiator->pool.in_use(), 0U);
            withheld += initiator->withheld;
        }
        EXPECT_GT(withheld, requests_of_a_test() / 100) << "no back-pressure was tested";
        EXPECT_GT(arbiter_->withheld, requests_of_a_test() / 100);
        for (const auto& checker : checkers_) {
            checker->finish();
            EXPECT_EQ(checker->violations(), 0U) << (checker->texts().empty() ? "" : checker->texts().front());
        }
        EXPECT_EQ(checkers_.back()->transactions(), requests_of_a_test() / kInitiators * kInitiators + blocking_);
        EXPECT_EQ(reference_->waiting(), 0U);
        EXPECT_EQ(memory_->outstanding(), 0U);
        EXPECT_EQ(memory_->protocol_errors(), 0U);
        EXPECT_TRUE(memory_->writes_drained());
        tlm::tlm_generic_payload look;
        for (std::size_t offset = 0; offset < kRegion; ++offset) {
            unsigned char byte = 0;
            look.set_read();
            look.set_address(address_of(offset));
            look.set_data_ptr(&byte);
            look.set_data_length(1);
            ASSERT_EQ(initiators_[0]->mem_out->transport_dbg(look), 1U);
            ASSERT_EQ(byte, reference_->bytes()[offset]) << offset;
        }
    }

    std::unique_ptr<ReferenceMemory> reference_;
    std::unique_ptr<DramChannel> memory_;
    std::unique_ptr<TortureArbiter> arbiter_;
    std::vector<std::unique_ptr<TortureInitiator>> initiators_;
    std::vector<std::unique_ptr<ProtocolChecker>> checkers_; // the last one in front of the memory
    std::uint64_t blocking_ = 0;
};

TEST_F(DramTorture, SmallQueues) {
    DramChannel::Params params;
    params.config.data = true;
    params.config.read_queue = 4;
    params.config.write_queue = 3;
    params.config.scheduler = DramScheduler::fr_fcfs_grouped;
    params.config.page_policy = DramPagePolicy::adaptive;
    build(params, anywhere);
    finish();
    const DramCounters counters = memory_->counters();
    EXPECT_EQ(counters.reads + counters.writes, requests_of_a_test() / kInitiators * kInitiators);
}

TEST_F(DramTorture, BlockingAccessesBetweenPhasedOnes) {
    DramChannel::Params params;
    params.config.data = true;
    params.config.scheduler = DramScheduler::fifo;
    params.config.unified_queue = 24;
    params.config.per_bank_queue = 12;
    params.config.page_policy = DramPagePolicy::timeout;
    params.config.part.data_rate_mtps = 4266; // a clock that is no whole number of picoseconds
    params.config.frontend_latency_ns = 10;
    build(params, anywhere);
    PayloadPool pool(1024);
    const Script script("script", [&] {
        std::mt19937 random(5);
        std::vector<unsigned char> data(512);
        for (blocking_ = 0; blocking_ < requests_of_a_test() / 20; ++blocking_) {
            const TortureRequest request = anywhere(random);
            tlm::tlm_generic_payload& payload = pool.acquire(
                request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, request.address, request.bytes);
            data.assign(512, request.write ? static_cast<unsigned char>(random()) : ReferenceMemory::kUntouched);
            payload.set_data_ptr(data.data());
            arbiter_->access(payload);
            payload.release();
            sc_core::wait(sc_core::sc_time::from_value(random() % 1000000));
        }
    });
    finish();
    EXPECT_EQ(pool.in_use(), 0U);
}

// Faults come while requests are in flight, never two in one word.
TEST_F(DramTorture, FlippedBitsAreCorrected) {
    DramChannel::Params params;
    params.config.data = true;
    params.config.ecc = DramEcc::in_line;
    params.config.page_policy = DramPagePolicy::closed;
    build(params, anywhere);
    const Script script("script", [&] {
        std::mt19937 random(6);
        for (std::uint64_t word = 0; word < kRegion / 8; ++word) {
            memory_->data()->flip_bit(word * 8, static_cast<unsigned>(random() % 72));
            sc_core::wait(sc_core::sc_time::from_value(random() % 100000));
        }
    });
    finish();
    EXPECT_GT(memory_->data()->ecc().corrected, kRegion / 64);
    EXPECT_EQ(memory_->data()->ecc().uncorrectable, 0U);
}

// The second of two channels, and requests that are wrong in all ways that need no memory to tell.
TEST_F(DramTorture, WrongRequestsBetweenGoodOnesOfOneChannelOfTwo) {
    DramChannel::Params params;
    params.config.data = true;
    params.config.channels = 2;
    params.channel = 1;
    params.config.part = lpddr5_6400();
    params.config.refresh = DramRefresh::per_bank;
    params.config.power_down_ck = 40;
    params.config.self_refresh_ck = 1500;
    params.config.read_queue = 8;
    params.config.write_queue = 8;
    const auto address_of = [](std::size_t offset) { return std::uint64_t{offset / 256 * 512 + 256 + offset % 256}; };
    const auto offset_of = [](std::uint64_t address) {
        return static_cast<std::size_t>(address / 512 * 256 + address % 256);
    };
    const auto some = [&](std::mt19937& random) -> TortureRequest {
        const bool write = random() % 2 == 0;
        switch (random() % 32) {
        case 0:
            return {write, address_of(random() % kRegion), 0, tlm::TLM_BURST_ERROR_RESPONSE};
        case 1:
            return {write, (std::uint64_t{1} << 40) + random(), 64, tlm::TLM_ADDRESS_ERROR_RESPONSE};
        default:
            const std::size_t offset = random() % kRegion;
            const auto bytes = static_cast<std::uint32_t>(1 + random() % (256 - offset % 256));
            return {write, address_of(offset), bytes};
        }
    };
    build(params, some, offset_of);
    finish(address_of);
}

} // namespace
} // namespace systolica::test
