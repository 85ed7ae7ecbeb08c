// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/command_listeners.h"

#include "models/dram/dram_channel.h"
#include "tests/models/dram/test_initiator.h"

namespace systolica {
namespace {

using test::Script;
using test::TestInitiator;

struct Recorder : DramCommandListener {
    std::vector<std::pair<Ck, DramCommand>> commands;

    void command(const IssuedCommand& issued) override { commands.emplace_back(issued.at, issued.command); }
};

struct CountingSink : WaveSink {
    std::uint32_t signals = 0;
    std::size_t changes = 0;

    bool add(const std::string& /*path*/, unsigned /*width_bits*/, std::uint32_t& id) override {
        id = signals++;
        return true;
    }
    void change(std::uint32_t /*id*/, std::uint64_t /*time_ps*/, std::uint64_t /*value*/) override { ++changes; }
};

TEST(DramCommandListeners, OneIsToldWithoutADetour) {
    DramCommandListeners listeners;
    EXPECT_EQ(listeners.target(), nullptr);
    Recorder first, second;
    listeners.add(first);
    EXPECT_EQ(listeners.target(), &first);
    listeners.add(second);
    listeners.target()->command({7, DramCommand::activate, 0, 1, 5, 0});
    for (const Recorder* recorder : {&first, &second}) {
        ASSERT_EQ(recorder->commands.size(), 1u);
        EXPECT_EQ(recorder->commands[0].first, 7u);
    }
}

// A read of a closed row: ACT at 0, RD tRCD = 29 later, whoever else listens, and waves show it too.
TEST(DramCommandListeners, AllOfAChannelSeeEveryCommand) {
    DramChannel memory("memory", DramChannel::Params());
    Recorder before, after;
    CountingSink sink;
    memory.listen(before);
    memory.add_waves(WaveScope(&sink, "dram0"));
    memory.listen(after);
    TestInitiator initiator("initiator");
    initiator.mem_out.bind(memory.mem_in);
    Script script("script", [&] { initiator.send(false, 0, 32); });
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_US));
    sink.end_sources(1'000'000);
    const std::vector<std::pair<Ck, DramCommand>> expected{{0, DramCommand::activate}, {29, DramCommand::read}};
    EXPECT_EQ(before.commands, expected);
    EXPECT_EQ(after.commands, expected);
    EXPECT_GE(sink.changes, 2U + 2 + 2 + 2) << "queue, bank, row open, data pins: each comes and goes";
}

} // namespace
} // namespace systolica
