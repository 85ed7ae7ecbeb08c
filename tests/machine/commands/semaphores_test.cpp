// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <string>

#include <gtest/gtest.h>

#include "machine/commands/semaphores.h"
#include "machine/commands/sync_access.h"

namespace systolica {

namespace {

std::array<std::uint32_t, kSemaphores> with(Semaphore semaphore, std::uint32_t amount) {
    std::array<std::uint32_t, kSemaphores> initial{};
    initial[static_cast<std::size_t>(semaphore)] = amount;
    return initial;
}

} // namespace

TEST(Semaphores, AcquireTakesAllOrNothing) {
    Semaphores semaphores(with(Semaphore::ifmap_space, 100));
    const std::array<Token, kTokens> both{Token{Semaphore::ifmap_space, 60}, Token{Semaphore::filter_space, 1}};
    EXPECT_EQ(semaphores.acquire(both), semaphore_bit(Semaphore::filter_space));
    EXPECT_EQ(semaphores.available(Semaphore::ifmap_space), 100U);
    EXPECT_EQ(semaphores.available(Semaphore::filter_space), 0U);
    semaphores.release({Token{Semaphore::filter_space, 1}});
    EXPECT_EQ(semaphores.acquire(both), 0U);
    EXPECT_EQ(semaphores.available(Semaphore::ifmap_space), 40U);
    EXPECT_EQ(semaphores.available(Semaphore::filter_space), 0U);
}

TEST(Semaphores, ExactAmountIsEnoughAndOneMoreIsNot) {
    Semaphores semaphores(with(Semaphore::ofmap_space, 0xffffffff));
    EXPECT_EQ(semaphores.acquire({Token{Semaphore::ofmap_space, 0xffffffff}}), 0U);
    EXPECT_EQ(semaphores.acquire({Token{Semaphore::ofmap_space, 1}}), semaphore_bit(Semaphore::ofmap_space));
}

TEST(Semaphores, TwoTokensOfOneSemaphoreCountTogether) {
    Semaphores semaphores(with(Semaphore::serial, 5));
    EXPECT_NE(semaphores.acquire({Token{Semaphore::serial, 3}, Token{Semaphore::serial, 3}}), 0U);
    EXPECT_EQ(semaphores.available(Semaphore::serial), 5U);
    EXPECT_EQ(semaphores.acquire({Token{Semaphore::serial, 3}, Token{Semaphore::serial, 2}}), 0U);
}

TEST(Semaphores, NamesFollowTheEnumeration) {
    EXPECT_EQ(std::string(semaphore_name(Semaphore::ifmap_space)), "ifmap_space");
    EXPECT_EQ(std::string(semaphore_name(Semaphore::result_data)), "result_data");
    EXPECT_EQ(std::string(semaphore_name(Semaphore::serial)), "serial");
}

TEST(SyncAccess, EventAndThresholdShareTheAddress) {
    const std::uint64_t address = sync_address(0x00abcdef, 0xfedcba98);
    EXPECT_EQ(sync_event(address), 0x00abcdefU);
    EXPECT_EQ(sync_threshold(address), 0xfedcba98U);
}

} // namespace systolica
