// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The memory of a plan byte by byte, for small ones: what each byte is for, and whether it is there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "machine/commands/tile_address.h"
#include "mapping/plan.h"

namespace systolica {

template <typename Visit>
void for_bytes(const DmaArguments& d, Visit visit) {
    for (std::uint64_t i = 0; i < d.count[0]; ++i) {
        for (std::uint64_t j = 0; j < d.count[1]; ++j) {
            for (std::uint64_t k = 0; k < d.count[2]; ++k) {
                const std::uint64_t run =
                    d.memory_address + i * d.stride_bytes[0] + j * d.stride_bytes[1] + k * d.stride_bytes[2];
                for (std::uint64_t b = 0; b < d.run_bytes; ++b) {
                    visit(run + b);
                }
            }
        }
    }
}

enum class Byte : std::uint8_t { nothing, to_be_stored, stored, given, weight };

class Memory {
public:
    explicit Memory(const Plan& plan) : bytes_(plan.memory_bytes, Byte::nothing) {
        std::set<std::uint64_t> bases; // views lie on their tensor
        std::set<int> not_stored;
        for (const Group& group : plan.groups) {
            if (!group.output_stored) {
                not_stored.insert(group.output.tensor);
            }
        }
        for (std::size_t t = 0; t < plan.tensors.size(); ++t) {
            const PlannedTensor& tensor = plan.tensors[t];
            if (bases.insert(tensor.layout.base).second) {
                const bool stored = tensor.event != 0 && not_stored.count(static_cast<int>(t)) == 0;
                claim(tensor.layout.base, tensor.layout.bytes(),
                      tensor.event == 0 ? Byte::given
                      : stored          ? Byte::to_be_stored
                                        : Byte::stored);
            }
        }
        const Precision& p = plan.chip.precision;
        for (const Group& group : plan.groups) { // what another microbatch has claimed is one and the same
            const Layer& layer = group.layer;
            const bool pipeline = plan.options.split == Split::pipeline;
            const std::uint64_t channel = layer.in_group() * layer.kernel_positions() * layer.bytes.filter +
                                          (layer.bias ? p.accumulator_bytes() : 0);
            if (!pipeline || bases.insert(group.weight_base).second) {
                claim(group.weight_base, layer.matrix && !layer.product ? layer.out_channels * channel : 0,
                      Byte::weight);
            }
            for (const ChannelConstants& constants : group.constants) {
                if (!pipeline || bases.insert(constants.base).second) {
                    claim(constants.base, layer.out_channels * constants.bytes, Byte::weight);
                }
            }
        }
    }

    void load(const DmaArguments& dma) const {
        if (in_tile_space(dma.memory_address)) {
            return; // results that other tiles have made
        }
        for_bytes(dma, [&](std::uint64_t byte) {
            const Byte is = bytes_.at(byte);
            EXPECT_TRUE(is == Byte::stored || is == Byte::given || is == Byte::weight)
                << "byte " << byte << " is loaded before it is there";
        });
    }
    void store(const DmaArguments& dma) {
        for_bytes(dma, [&](std::uint64_t byte) {
            EXPECT_EQ(bytes_.at(byte), Byte::to_be_stored) << "byte " << byte;
            bytes_.at(byte) = Byte::stored;
        });
    }
    void all_stored() const { EXPECT_EQ(std::count(bytes_.begin(), bytes_.end(), Byte::to_be_stored), 0); }

private:
    void claim(std::uint64_t base, std::uint64_t bytes, Byte as) {
        for (std::uint64_t i = 0; i < bytes; ++i) {
            ASSERT_EQ(bytes_.at(base + i), Byte::nothing) << "regions overlap at " << base + i;
            bytes_[base + i] = as;
        }
    }

    std::vector<Byte> bytes_;
};

} // namespace systolica
