// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/commands/tile_address.h"

#include <gtest/gtest.h>

namespace systolica {

TEST(TileAddress, NamesPadTileAndByteWhereTheDocumentationSays) {
    constexpr std::uint64_t address = encode(TileAddress{0x12345, Pad::ofmap, 0x89ABCDEF});
    EXPECT_EQ(address, 0x8021234589ABCDEF);
    const TileAddress at = tile_address(address);
    EXPECT_EQ(at.tile, 0x12345u);
    EXPECT_EQ(at.pad, Pad::ofmap);
    EXPECT_EQ(at.byte, 0x89ABCDEFu);
}

TEST(TileAddress, MemoryIsTheLowerHalf) {
    EXPECT_TRUE(in_tile_space(encode(TileAddress{})));
    EXPECT_FALSE(in_tile_space(0));
    EXPECT_FALSE(in_tile_space(0x7FFFFFFFFFFFFFFF));
}

} // namespace systolica
