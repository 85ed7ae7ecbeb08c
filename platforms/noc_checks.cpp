// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/noc_checks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "machine/noc/fabric/problems.h"
#include "machine/noc/noc_fabric.h"
#include "platforms/noc_places.h"

namespace systolica {

namespace {

constexpr unsigned kAccessClasses = 2; // requests and responses

std::vector<std::string> size_keys(const NocConfig& noc) {
    if (noc.topology == FabricKind::tree) {
        return {"chip.noc.levels", "chip.noc.arity", "chip.noc.topology"};
    }
    return {"chip.noc.columns", "chip.noc.rows", "chip.noc.topology"};
}

// Where a key was given; for one that was not, where the topology was.
Location place_of(const Platform& platform, const std::string& key) {
    for (const std::string& origin : {key, std::string("chip.noc.topology")}) {
        const auto found = platform.origins.find(origin);
        if (found != platform.origins.end()) {
            return found->second.where;
        }
    }
    return {platform.file, 0, 0};
}

// Links of the fabric come one or two from each entry of the list.
std::size_t entry_of(const NocConfig& noc, std::size_t link) {
    std::size_t entry = 0;
    for (std::size_t passed = 0; entry + 1 < noc.links.size(); ++entry) {
        passed += noc.links[entry].one_way ? 1 : 2;
        if (link < passed) {
            break;
        }
    }
    return entry;
}

void add_fabric_problem(const Platform& platform, const FabricProblem& problem, Problems& problems) {
    std::string key = "chip.noc." + problem.key;
    std::string origin = key;
    if (problem.key.rfind("links[", 0) == 0) {
        const std::size_t end = problem.key.find(']');
        const std::size_t link = std::stoul(problem.key.substr(6, end - 6));
        origin = "chip.noc.links";
        key = origin + "[" + std::to_string(entry_of(platform.chip.noc, link)) + "]" + problem.key.substr(end + 1);
    } else if (problem.key == "attach") {
        origin = key = "chip.noc.attach.tiles";
    }
    const bool way_back = !problems.empty() && problems.list().back().key == key; // of a link named already
    if (!way_back) {
        problems.add(place_of(platform, origin), key, problem.message);
    }
}

void check_fabric(Platform platform, unsigned message_classes, Problems& problems) {
    attach_by_default(platform);
    const FabricConfig fabric = noc_fabric(platform.chip.noc, NocEnds::tiles_and_memories, message_classes);
    for (const FabricProblem& problem : fabric_problems(fabric)) {
        add_fabric_problem(platform, problem, problems);
    }
}

class NocChecker : RuleChecker {
public:
    NocChecker(const Platform& platform, const Failed& failed, Problems& problems)
        : RuleChecker(platform, failed, problems),
          problems_(problems),
          before_(problems.list().size()),
          noc_(platform.chip.noc) {}

    void run() {
        check({{"chip.noc.concentration"}, "chip.noc.topology", {"concentrated_mesh", "tree"}});
        check({{"chip.noc.arity", "chip.noc.levels"}, "chip.noc.topology", {"tree"}});
        if (!known({"chip.noc.topology", "chip.noc.arity", "chip.noc.levels", "chip.noc.concentration"})) {
            return;
        }
        check_routers();
        check_attachment("chip.noc.attach.tiles", noc_.tile_routers, "chip.tiles", platform_.chip.tiles);
        check_attachment("chip.noc.attach.dram", noc_.memory_routers, "chip.dram.channels",
                         platform_.chip.dram.channels);
        check_links();
        if (problems_.list().size() == before_ && all_known()) {
            check_fabric(platform_, 1, problems_);
        }
    }

private:
    bool all_known() const {
        Keys keys{"chip.tiles", "chip.dram.channels"};
        for (const Key& key : key_table()) {
            if (key.path.rfind("chip.noc.", 0) == 0) {
                keys.push_back(key.path);
            }
        }
        return known(keys);
    }

    void check_routers() {
        const Keys sizes = size_keys(noc_);
        if (!known(sizes)) {
            return;
        }
        if (noc_router_count(noc_) > kMostNocRouters) {
            const std::string got = noc_.topology == FabricKind::tree
                                        ? "a " + noc_size_text(noc_)
                                        : std::to_string(noc_.columns) + " x " + std::to_string(noc_.rows);
            refuse(latest(sizes), "expected at most " + std::to_string(kMostNocRouters) + " routers, got " + got);
            return;
        }
        Keys keys = sizes;
        keys.insert(keys.begin(), "chip.tiles");
        // An attachment given in the file may put several tiles at a router.
        const bool placed = !noc_.tile_routers.empty() || failed("chip.noc.attach.tiles");
        if (known(keys) && !placed && platform_.chip.tiles > noc_tile_places(noc_, platform_.chip.tiles)) {
            refuse(latest(keys), "expected a router for each tile (or chip.noc.attach.tiles), got " +
                                     std::to_string(platform_.chip.tiles) + " tiles on a " + noc_size_text(noc_));
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
        Keys keys = size_keys(noc_);
        keys.insert(keys.begin(), key);
        for (const unsigned router : list) {
            if (known(keys) && router >= noc_router_count(noc_)) {
                refuse(latest(keys), "expected router numbers up to " + std::to_string(noc_router_count(noc_) - 1) +
                                         ", got " + std::to_string(router));
                return;
            }
        }
    }

    void check_links() {
        Keys keys = size_keys(noc_);
        keys.emplace_back("chip.noc.links");
        if (!known(keys)) {
            return;
        }
        std::map<std::pair<unsigned, unsigned>, std::size_t> seen;
        for (std::size_t i = 0; i < noc_.links.size(); ++i) {
            const NocLink& link = noc_.links[i];
            if (check_end(i, ".from", link.from) && check_end(i, ".to", link.to)) {
                check_again(i, seen);
            }
        }
    }

    bool check_end(std::size_t entry, const char* end, unsigned router) {
        const bool there = router < noc_router_count(noc_);
        if (!there) {
            refuse_link(entry, end,
                        "expected a router from 0 to " + std::to_string(noc_router_count(noc_) - 1) + ", got " +
                            std::to_string(router));
        }
        return there;
    }

    void check_again(std::size_t entry, std::map<std::pair<unsigned, unsigned>, std::size_t>& seen) {
        const NocLink& link = noc_.links[entry];
        const std::string ends = std::to_string(link.from) + " to " + std::to_string(link.to);
        if (link.from == link.to) {
            refuse_link(entry, "", "expected two different routers, got " + ends);
            return;
        }
        const auto there = seen.insert({{link.from, link.to}, entry}).first;
        const auto back = link.one_way ? there : seen.insert({{link.to, link.from}, entry}).first;
        if (there->second != entry || back->second != entry) {
            refuse_link(entry, "",
                        "expected each link once, got " + ends + " as in links[" +
                            std::to_string(std::min(there->second, back->second)) + "]");
        }
    }

    void refuse_link(std::size_t entry, const char* end, const std::string& message) {
        problems_.add(place_of(platform_, "chip.noc.links"), "chip.noc.links[" + std::to_string(entry) + "]" + end,
                      message);
    }

    Problems& problems_;
    const std::size_t before_;
    const NocConfig& noc_;
};

} // namespace

void check_noc(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems) {
    NocChecker(platform, failed, problems).run();
}

void require_noc_for_runs(const Platform& platform) {
    if (platform.chip.dram.model == DramModel::private_ports) {
        return;
    }
    Problems problems;
    check_fabric(platform, kAccessClasses, problems);
    if (!problems.empty()) {
        throw InputError(problems);
    }
}

} // namespace systolica
