// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Mappings and hashes drawn at random, with what they mean bit by bit: written from docs/dram_mapping.md, not from the
// map under test.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "machine/dram/address_map.h"

namespace systolica {

using Place = std::tuple<std::uint64_t, unsigned, unsigned>; // row, bank, column

inline Place place_of(const DramLocation& at) {
    return {at.row, at.bank, at.column};
}

// A small channel: 2 ranks of 2 groups of 4 banks of 16 rows of 16 bursts.
inline DramConfig small_channel() {
    DramConfig config;
    config.ranks = 2;
    config.part.bank_groups = 2;
    config.part.banks = 8;
    config.part.rows = 16;
    config.part.page_bytes = 16 * 32;
    return config;
}

inline const std::map<std::string, unsigned> kSmallBits{
    {"row", 4}, {"rank", 1}, {"group", 1}, {"bank", 2}, {"column", 4}};
constexpr unsigned kSmallTotal = 12;

using Bit = std::pair<std::string, unsigned>; // of a field

// A map drawn at random: the meaning of each bit of a burst's number, the XORs, and the texts that say so.
struct RandomMap {
    std::vector<Bit> meaning; // from the least significant
    std::vector<std::pair<Bit, unsigned>> flips;
    DramConfig config = small_channel();

    RandomMap(std::mt19937& random, bool hashed) {
        std::map<std::string, unsigned> left = kSmallBits;
        std::vector<Bit> down;
        while (down.size() < kSmallTotal) {
            auto field = left.begin();
            std::advance(field, random() % left.size());
            const unsigned most = std::min(field->second, 1 + static_cast<unsigned>(random() % 3));
            for (unsigned i = 0; i < most; ++i) {
                down.emplace_back(field->first, --field->second);
            }
        }
        meaning.assign(down.rbegin(), down.rend());
        write_mapping(down, random);
        for (const auto& [field, bits] : kSmallBits) {
            for (unsigned bit = 0; hashed && field != "row" && field != "column" && bit < bits; ++bit) {
                for (unsigned row = 0; row < 4; ++row) {
                    if (random() % 3 == 0) {
                        flips.push_back({{field, bit}, row});
                        config.hash += (config.hash.empty() ? "" : ",") + field + std::to_string(bit) + "^row" +
                                       std::to_string(row);
                    }
                }
            }
        }
    }

    // Bit by bit, as docs/dram_mapping.md says.
    DramLocation locate(std::uint64_t burst) const {
        std::map<std::string, unsigned> value;
        for (unsigned i = 0; i < kSmallTotal; ++i) {
            value[meaning[i].first] |= static_cast<unsigned>(burst >> i & 1) << meaning[i].second;
        }
        const unsigned row = value["row"];
        for (const auto& [target, row_bit] : flips) {
            value[target.first] ^= (row >> row_bit & 1) << target.second;
        }
        return {row, value["rank"] * 8 + value["group"] * 4 + value["bank"], value["column"], value["rank"]};
    }

    // Columns 1, 2 and 3 one above the other.
    bool upper_columns_together() const {
        for (unsigned i = 2; i < kSmallTotal; ++i) {
            if (meaning[i] == Bit{"column", 3}) {
                return meaning[i - 1] == Bit{"column", 2} && meaning[i - 2] == Bit{"column", 1};
            }
        }
        return false;
    }

private:
    void write_mapping(const std::vector<Bit>& down, std::mt19937& random) {
        std::set<std::string> open; // fields that have their piece without a count
        config.mapping.clear();
        for (std::size_t i = 0; i < down.size();) {
            std::size_t end = i;
            while (end < down.size() && down[end].first == down[i].first) {
                ++end;
            }
            config.mapping += (config.mapping.empty() ? "" : "-") + down[i].first;
            if (random() % 2 == 0 || !open.insert(down[i].first).second) {
                config.mapping += ":" + std::to_string(end - i);
            }
            i = end;
        }
    }
};

} // namespace systolica
