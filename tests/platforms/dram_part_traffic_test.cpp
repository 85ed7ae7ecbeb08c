// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random traffic on every bundled part: the independent checker (machine/dram/command_checker.h) finds no violation,
// and every request is answered once. A million requests for each speed grade, fewer for the other densities of a
// grade.
#include <random>

#include <gtest/gtest.h>

#include "base/data_files.h"
#include "machine/dram/channel_controller.h"
#include "machine/dram/command_checker.h"
#include "platforms/dram_part_reader.h"

namespace systolica {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kShare = 20; // sanitizers make it about so much slower
#else
constexpr int kShare = 1;
#endif

class PartTraffic : public testing::TestWithParam<std::string> {};

TEST_P(PartTraffic, BreaksNoRuleOfTheStandard) {
    Problems found;
    DramConfig config;
    config.part = read_dram_part(resolve_file(GetParam(), "platforms/parts", "part"), found);
    ASSERT_TRUE(found.empty()) << found.text();
    const bool grade = GetParam().find("gb") == std::string::npos;
    const int requests = (grade ? 1'000'000 : 50'000) / kShare;
    DramCommandChecker checker(config);
    ChannelController controller(config, &checker);
    std::mt19937_64 random(1);
    std::vector<ChannelController::Served> served;
    std::uint64_t answered = 0;
    Ck now = 0, end = 0;
    const auto run = [&](Ck until) {
        while (now <= until && controller.next() <= until) {
            now = std::max(now, controller.next());
            controller.run(now, served);
            for (const ChannelController::Served& s : served) {
                end = std::max(end, s.data_end);
                ++answered;
            }
            served.clear();
        }
    };
    const std::uint64_t capacity = controller.map().capacity_bytes();
    std::uint64_t stream = 0;
    for (int i = 0; i < requests; ++i) {
        const std::uint64_t kind = random();
        const bool write = kind % 3 == 0;
        const std::uint32_t bytes =
            kind % 64 == 1 ? static_cast<std::uint32_t>(1 + kind / 64 % 300) : 32U << kind / 64 % 4;
        const std::uint64_t address = kind % 4 == 2 ? stream : kind / 1024 % (capacity - 512);
        stream = (kind % 4 == 2 ? address + bytes : stream) % (capacity / 2);
        const Ck at = now + (kind % 1000 == 7 ? kind % 20000 : kind % 16);
        run(at == 0 ? 0 : at - 1);
        now = std::max(now, at);
        while (!controller.has_room(write, address)) {
            run(std::max(now, controller.next()));
        }
        controller.accept({nullptr, write, address, bytes}, now, now);
    }
    while (controller.next() != kNever) {
        run(std::max(now, controller.next()));
    }
    checker.finish(end);
    EXPECT_EQ(answered, static_cast<std::uint64_t>(requests));
    EXPECT_EQ(checker.violations(), 0U) << checker.first_violations().front();
}

INSTANTIATE_TEST_SUITE_P(Bundled, PartTraffic, testing::ValuesIn(bundled_names("platforms/parts")),
                         [](const auto& part) {
                             std::string name = part.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace systolica
