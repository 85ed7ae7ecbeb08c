// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/system_checks.h"

#include <set>

#include "machine/chip_link/chip_network.h"
#include "machine/chip_link/link_errors.h"
#include "machine/noc/noc_fabric.h"

namespace systolica {

namespace {

constexpr const char* kChips = "system.chips";
constexpr const char* kTopology = "system.topology";
constexpr const char* kLinks = "system.links";

class SystemChecker : RuleChecker {
public:
    using RuleChecker::RuleChecker;

    void run() {
        check({{"system.columns", "system.rows"}, kTopology, {"mesh", "torus"}});
        check({{kLinks}, kTopology, {"custom"}});
        check_port();
        check_errors();
        if (!known({kChips, kTopology, kLinks, "system.columns", "system.rows"})) {
            return;
        }
        switch (system_.topology) {
        case ChipTopology::mesh:
        case ChipTopology::torus:
            check_grid();
            break;
        case ChipTopology::custom:
            check_links();
            break;
        case ChipTopology::full:
            if (system_.chips > kMostFullChips) {
                refuse(latest({kChips, kTopology}), "expected at most " + std::to_string(kMostFullChips) +
                                                        " chips with topology: full, got " +
                                                        std::to_string(system_.chips));
            }
            break;
        case ChipTopology::ring:
        case ChipTopology::fabric:
            break;
        }
    }

private:
    void check_errors() {
        constexpr const char* kRate = "system.link.bit_error_rate";
        constexpr const char* kFlit = "system.link.flit_bytes";
        if (known({kRate, kFlit}) &&
            flit_error_probability(system_.link.bit_error_rate, system_.link.flit_bytes) > kMostFlitErrors) {
            refuse(latest({kRate, kFlit}), "expected errors in at most half of all flits, got " + loaded(kRate) +
                                               " a bit with flits of " + loaded(kFlit) + " bytes");
        }
    }

    void check_port() {
        constexpr const char* kChunk = "system.port.chunk_kib";
        constexpr const char* kBuffer = "system.port.buffer_kib";
        if (known({kChunk, kBuffer}) && system_.port.chunk_bytes > system_.port.buffer_bytes) {
            refuse(latest({kChunk, kBuffer}),
                   "expected chunks of at most the " + std::to_string(system_.port.buffer_bytes / 1024) +
                       " KiB of the buffer, got " + std::to_string(system_.port.chunk_bytes / 1024));
        }
    }

    void check_grid() {
        const ChipGrid grid = chip_grid(system_);
        if (grid.columns * grid.rows == system_.chips) {
            return;
        }
        const std::string got =
            system_.columns == 0 || system_.rows == 0
                ? std::to_string(system_.columns + system_.rows) + (system_.columns == 0 ? " rows" : " columns")
                : std::to_string(grid.columns) + " x " + std::to_string(grid.rows);
        refuse(latest({kChips, "system.columns", "system.rows"}),
               "expected columns x rows to be the " + std::to_string(system_.chips) + " chips, got " + got);
    }

    void check_links() {
        if (system_.links.empty()) {
            if (system_.chips > 1) {
                refuse(kTopology, "expected system.links with topology: custom, got none");
            }
            return;
        }
        std::set<std::array<std::uint64_t, 2>> seen;
        for (const auto& link : system_.links) {
            const std::string text = "[" + std::to_string(link[0]) + ", " + std::to_string(link[1]) + "]";
            if (link[0] >= system_.chips || link[1] >= system_.chips) {
                refuse(latest({kLinks, kChips}),
                       "expected chip numbers up to " + std::to_string(system_.chips - 1) + ", got " + text);
                return;
            }
            if (link[0] == link[1]) {
                refuse(kLinks, "expected two different chips, got " + text);
                return;
            }
            if (!seen.insert({std::min(link[0], link[1]), std::max(link[0], link[1])}).second) {
                refuse(kLinks, "expected each pair of chips once, got " + text + " again");
                return;
            }
        }
        const std::vector<unsigned> lost = ChipNetwork(system_).unreachable();
        if (!lost.empty()) {
            refuse(latest({kLinks, kChips}), "expected links that reach every chip, got no path from chip 0 to chip " +
                                                 std::to_string(lost.front()));
        }
    }

    const SystemConfig& system_ = platform_.system;
};

} // namespace

void check_system(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems) {
    SystemChecker(platform, failed, problems).run();
}

namespace {

Location place_of(const Platform& platform, const char* key) {
    const auto origin = platform.origins.find(key);
    return origin == platform.origins.end() ? Location{platform.file, 0, 0} : origin->second.where;
}

} // namespace

void check_run_of_chips(const Platform& platform) {
    if (platform.system.chips == 1) {
        return;
    }
    if (platform.chip.tile.pe_array.dataflow == Dataflow::simdit) {
        throw InputError(place_of(platform, kChips), kChips,
                         "expected 1 with dataflow: simdit, got '" + std::to_string(platform.system.chips) + "'");
    }
    const unsigned routers = noc_routers(platform.chip.noc);
    if (platform.system.port.router >= routers) {
        constexpr const char* kRouter = "system.port.router";
        throw InputError(place_of(platform, kRouter), kRouter,
                         "expected one of the " + std::to_string(routers) + " routers, got " +
                             std::to_string(platform.system.port.router));
    }
}

} // namespace systolica
