// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Random programs on three tiles, against a reference that steps cycle by cycle through the rules of ARCHITECTURE.md.
#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/models/sequencer/test_units.h"

namespace systolica::sequencer_test {

namespace {

constexpr std::array<std::size_t, kQueues> kDepths{4, 2, 2, 4};

class Reference {
public:
    explicit Reference(const std::vector<ListSource*>& sources) {
        for (const ListSource* source : sources) {
            tiles_.emplace_back();
            tiles_.back().source = source;
            tiles_.back().available.assign(source->start.begin(), source->start.end());
        }
    }

    void run(std::uint64_t last_cycle) {
        for (std::uint64_t now = 0; now <= last_cycle; ++now) {
            const std::map<std::uint32_t, std::uint32_t> seen = posted_;
            for (Tile& tile : tiles_) {
                for (Unit& unit : tile.units) {
                    finish(tile, unit, now);
                }
            }
            for (Tile& tile : tiles_) {
                issue(tile, seen, now);
            }
            for (Tile& tile : tiles_) {
                const bool array = tile.units[1].held() != 0;
                const bool vector = tile.units[2].held() != 0;
                tile.matrix_cycles += array ? 1 : 0;
                tile.vector_only_cycles += vector && !array ? 1 : 0;
            }
        }
    }

    struct Unit {
        std::size_t issued = 0;
        std::size_t done = 0;
        std::uint64_t until = 0; // of the oldest one
        std::vector<std::uint64_t> retired_at;

        std::size_t held() const { return issued - done; }
    };
    struct Tile {
        const ListSource* source = nullptr;
        std::vector<std::uint64_t> available;
        std::array<Unit, kQueues> units;
        std::uint64_t matrix_cycles = 0;
        std::uint64_t vector_only_cycles = 0;
    };
    const Tile& tile(std::size_t index) const { return tiles_[index]; }

private:
    static std::uint64_t duration(const Command& command) { return command.dma.run_bytes; }
    const std::vector<Command>& list(const Tile& tile, const Unit& unit) const {
        return tile.source->lists[static_cast<std::size_t>(&unit - tile.units.data())];
    }

    void finish(Tile& tile, Unit& unit, std::uint64_t now) {
        if (unit.held() == 0 || unit.until > now) {
            return;
        }
        const Command& command = list(tile, unit)[unit.done++];
        unit.retired_at.push_back(now);
        for (const Token& token : command.release) {
            tile.available[static_cast<std::size_t>(token.semaphore)] += token.amount;
        }
        if (command.post != 0) {
            ++posted_[command.post];
        }
        if (unit.held() != 0) {
            unit.until = now + duration(list(tile, unit)[unit.done]);
        }
    }

    void issue(Tile& tile, const std::map<std::uint32_t, std::uint32_t>& seen, std::uint64_t now) {
        for (std::size_t queue = 0; queue < kQueues; ++queue) {
            Unit& unit = tile.units[queue];
            while (unit.issued < list(tile, unit).size() && unit.held() <= kDepths[queue]) {
                const Command& command = list(tile, unit)[unit.issued];
                if (command.wait.event != 0) {
                    const auto count = seen.find(command.wait.event);
                    if ((count == seen.end() ? 0 : count->second) < command.wait.threshold) {
                        break;
                    }
                }
                std::vector<std::uint64_t> wanted(kSemaphores);
                for (const Token& token : command.acquire) {
                    wanted[static_cast<std::size_t>(token.semaphore)] += token.amount;
                }
                wanted[0] = 0; // none
                bool enough = true;
                for (std::size_t i = 0; i < kSemaphores; ++i) {
                    enough = enough && wanted[i] <= tile.available[i];
                }
                if (!enough) {
                    break;
                }
                for (std::size_t i = 0; i < kSemaphores; ++i) {
                    tile.available[i] -= wanted[i];
                }
                if (unit.held() == 0) {
                    unit.until = now + duration(command);
                }
                ++unit.issued;
            }
        }
    }

    std::vector<Tile> tiles_;
    std::map<std::uint32_t, std::uint32_t> posted_;
};

// A load / matrix / vector / store pipeline with random amounts and times; operations wait for the one before on all
// tiles now and then.
void fill(ListSource& source, std::mt19937& random, std::uint32_t tiles) {
    const auto below = [&random](std::uint32_t count) { return static_cast<std::uint32_t>(random()) % count; };
    constexpr std::uint32_t kOperations = 5;
    source.operation_count = kOperations;
    source.start_with(Semaphore::ifmap_space, 100 + below(200));
    source.start_with(Semaphore::ofmap_space, 50 + below(100));
    source.start_with(Semaphore::result_space, 50 + below(100));
    const bool serial = below(4) == 0;
    source.start_with(Semaphore::serial, 1);
    for (std::uint32_t operation = 0; operation < kOperations; ++operation) {
        const std::uint32_t steps = below(6);
        for (std::uint32_t step = 0; step < steps; ++step) {
            const std::uint32_t in = 1 + below(100);
            const std::uint32_t out = 1 + below(50);
            Command& load = source.add(Opcode::load, operation, 1 + below(20));
            load.acquire[0] = {Semaphore::ifmap_space, in};
            load.release[0] = {Semaphore::ifmap_data, in};
            Command& matrix = source.add(Opcode::matrix, operation, 1 + below(20));
            matrix.acquire = {Token{Semaphore::ifmap_data, in}, Token{Semaphore::ofmap_space, out}};
            matrix.release = {Token{Semaphore::ifmap_space, in}, Token{Semaphore::ofmap_data, out}};
            Command& vector = source.add(Opcode::vector, operation, 1 + below(10));
            vector.acquire = {Token{Semaphore::ofmap_data, out}, Token{Semaphore::result_space, out}};
            vector.release = {Token{Semaphore::ofmap_space, out}, Token{Semaphore::result_data, out}};
            Command& store = source.add(Opcode::store, operation, 1 + below(25));
            store.acquire[0] = {Semaphore::result_data, out};
            store.release[0] = {Semaphore::result_space, out};
            if (serial) {
                matrix.acquire[3] = matrix.release[3] = {Semaphore::serial, 1};
                vector.acquire[3] = vector.release[3] = {Semaphore::serial, 1};
            }
            if (step == 0 && operation > 0 && below(2) == 0) {
                load.wait = {operation, tiles}; // event o: every tile has stored operation o - 1
            }
        }
        source.add(Opcode::store, operation, 1 + below(3)).post = operation + 1;
    }
}

class RandomPrograms : public testing::TestWithParam<unsigned> {};

} // namespace

TEST_P(RandomPrograms, RetireWhenTheReferenceSaysAndAddUp) {
    constexpr std::size_t kTiles = 3;
    std::mt19937 random(GetParam());
    std::array<ListSource, kTiles> programs;
    std::vector<ListSource*> sources;
    for (ListSource& program : programs) {
        fill(program, random, kTiles);
        sources.push_back(&program);
    }
    TestChip chip(sources);
    chip.run();
    ASSERT_TRUE(chip.ledger.complete());
    EXPECT_TRUE(chip.ledger.errors().empty());

    Reference reference(sources);
    reference.run(cycle_now());
    std::uint64_t last_end = 0;
    for (std::size_t i = 0; i < kTiles; ++i) {
        for (std::size_t queue = 0; queue < kQueues; ++queue) {
            const auto& expected = reference.tile(i).units[queue].retired_at;
            ASSERT_EQ(expected.size(), programs[i].lists[queue].size());
            EXPECT_EQ(chip.tiles[i].unit(static_cast<Queue>(queue)).retired_at, expected) << i << " " << queue;
            last_end = std::max(last_end, expected.empty() ? 0 : expected.back());
        }
        const StateCycles spent = chip.tiles[i].accounting.sample();
        EXPECT_EQ(spent.matrix, reference.tile(i).matrix_cycles);
        EXPECT_EQ(spent.vector, reference.tile(i).vector_only_cycles);
        EXPECT_EQ(spent.total(), cycle_now());
    }
    EXPECT_EQ(chip.ledger.cycles(), last_end);

    std::uint64_t total = 0;
    for (const OperationAccount& row : chip.ledger.rows()) {
        EXPECT_EQ(row.spent.total(), row.cycles);
        EXPECT_LE(row.start, row.end);
        total += row.cycles;
        EXPECT_EQ(row.retired_at, total);
    }
    EXPECT_EQ(total, last_end);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPrograms, testing::Range(1U, 25U));

} // namespace systolica::sequencer_test
