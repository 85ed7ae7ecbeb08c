// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/cross_checks.h"

#include <vector>

#include "platforms/dram_checks.h"
#include "platforms/simdit_checks.h"

namespace systolica {

namespace {

constexpr std::uint64_t kMostRouters = 4096;

// Two rings (operands, results) of at least two words each: less cannot overlap transfer and work.
constexpr std::uint64_t kLeastVectorPorts = 4;

class Checker : RuleChecker {
public:
    using RuleChecker::RuleChecker;

    void run() {
        check_precision();
        check_pads();
        check_mesh();
        check_attachment("chip.noc.attach.tiles", platform_.chip.noc.tile_routers, "chip.tiles", platform_.chip.tiles);
        check_attachment("chip.noc.attach.dram", platform_.chip.noc.memory_routers, "chip.dram.channels",
                         platform_.chip.dram.channels);
    }

private:
    void check_precision() {
        const Precision& bits = platform_.chip.precision;
        const std::vector<std::string> keys{"precision.accumulator_bits", "precision.activation_bits"};
        if (known(keys) && bits.accumulator_bits < bits.activation_bits) {
            refuse(latest(keys), "expected accumulator_bits to be at least activation_bits, got " +
                                     std::to_string(bits.accumulator_bits) + " and " +
                                     std::to_string(bits.activation_bits));
        }
        const std::vector<std::string> backward{"precision.accumulator_bits", "precision.gradient_bits"};
        if (known(backward) && bits.accumulator_bits < bits.gradient_bits) {
            refuse(latest(backward), "expected accumulator_bits to be at least gradient_bits, got " +
                                         std::to_string(bits.accumulator_bits) + " and " +
                                         std::to_string(bits.gradient_bits));
        }
    }

    void check_pads() {
        for (std::size_t i = 0; i < kPads; ++i) {
            const Pad pad = static_cast<Pad>(i);
            const ScratchpadConfig& group = platform_.chip.tile.pad(pad);
            const std::string path = std::string("tile.scratchpad.") + pad_name(pad);
            const std::vector<std::string> keys{path + ".capacity_kib", path + ".port_bytes"};
            if (!known(keys)) {
                continue;
            }
            const std::string port = std::to_string(group.port_bytes);
            const std::string got = ", got " + std::to_string(group.capacity_bytes) + " bytes";
            if (group.capacity_bytes % group.port_bytes != 0) {
                refuse(latest(keys), "expected the capacity to be a multiple of port_bytes = " + port + got);
            } else if (pad == Pad::vector && group.capacity_bytes < kLeastVectorPorts * group.port_bytes) {
                refuse(latest(keys), "expected a capacity of at least " + std::to_string(kLeastVectorPorts) +
                                         " times port_bytes = " + port + got);
            }
        }
    }

    void check_mesh() {
        const std::vector<std::string> sides{"chip.noc.columns", "chip.noc.rows"};
        if (!known(sides)) {
            return;
        }
        const std::string mesh =
            std::to_string(platform_.chip.noc.columns) + " x " + std::to_string(platform_.chip.noc.rows);
        if (routers() > kMostRouters) {
            refuse(latest(sides), "expected at most " + std::to_string(kMostRouters) + " routers, got " + mesh);
        }
        const std::vector<std::string> keys{"chip.tiles", "chip.noc.columns", "chip.noc.rows"};
        // An attachment given in the file may put several tiles at a router.
        const bool placed = !platform_.chip.noc.tile_routers.empty() || failed("chip.noc.attach.tiles");
        if (known(keys) && !placed && platform_.chip.tiles > routers()) {
            refuse(latest(keys), "expected a router for each tile (or chip.noc.attach.tiles), got " +
                                     std::to_string(platform_.chip.tiles) + " tiles on a mesh of " + mesh);
        }
    }

    void check_attachment(const std::string& key, const std::vector<unsigned>& list, const std::string& count_key,
                          unsigned count) {
        if (list.empty() || failed(key)) {
            return;
        }
        if (!failed(count_key) && list.size() != count) {
            refuse(latest({key, count_key}), "expected a router for each of " + count_key + " = " +
                                                 std::to_string(count) + ", got a list of " +
                                                 std::to_string(list.size()));
        }
        for (const unsigned router : list) {
            if (known({"chip.noc.columns", "chip.noc.rows"}) && router >= routers()) {
                refuse(latest({key, "chip.noc.columns", "chip.noc.rows"}), "expected router numbers up to " +
                                                                               std::to_string(routers() - 1) +
                                                                               ", got " + std::to_string(router));
                return;
            }
        }
    }

    std::uint64_t routers() const { return std::uint64_t{platform_.chip.noc.columns} * platform_.chip.noc.rows; }
};

} // namespace

void attach_by_default(Platform& platform) {
    NocConfig& noc = platform.chip.noc;
    const std::uint64_t routers = std::uint64_t{noc.columns} * noc.rows;
    if (noc.tile_routers.empty()) {
        for (unsigned tile = 0; tile < platform.chip.tiles; ++tile) {
            noc.tile_routers.push_back(tile);
        }
    }
    if (noc.memory_routers.empty()) {
        const unsigned channels = platform.chip.dram.channels;
        for (std::uint64_t channel = 0; channel < channels; ++channel) {
            noc.memory_routers.push_back(static_cast<unsigned>(channel * routers / channels));
        }
    }
}

void check_platform(const Platform& platform, const std::function<bool(const std::string&)>& failed,
                    Problems& problems) {
    Checker(platform, failed, problems).run();
    check_dram(platform, failed, problems);
    check_simdit(platform, failed, problems);
}

} // namespace systolica
