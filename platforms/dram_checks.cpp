// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_checks.h"

#include "machine/dram/address_map.h"
#include "platforms/key_table.h"

namespace systolica {

namespace {

constexpr unsigned kMostBanks = 64; // of a channel: the controller keeps a bit for each in one word

const std::vector<RuleChecker::Condition>& conditions() {
    static const std::vector<RuleChecker::Condition> list{
        {{"chip.dram.interleave_bytes"}, "chip.dram.model", {"controller", "ideal"}},
        {{"chip.dram.bits_per_cycle.weight", "chip.dram.bits_per_cycle.ifmap", "chip.dram.bits_per_cycle.ofmap",
          "chip.dram.bits_per_cycle.vector"},
         "chip.dram.model",
         {"private"}},
        {{"chip.dram.bandwidth_gb_per_s", "chip.dram.latency_ns"}, "chip.dram.model", {"ideal"}},
        {{"chip.dram.ranks",
          "chip.dram.mapping",
          "chip.dram.hash",
          "chip.dram.scheduler",
          "chip.dram.page_policy",
          "chip.dram.page_timeout_ck",
          "chip.dram.refresh",
          "chip.dram.power_down_ck",
          "chip.dram.refresh_postpone",
          "chip.dram.self_refresh_ck",
          "chip.dram.queue.read",
          "chip.dram.queue.write",
          "chip.dram.queue.unified",
          "chip.dram.write_high",
          "chip.dram.queue.per_bank",
          "chip.dram.write_low",
          "chip.dram.bounded_groups",
          "chip.dram.age_limit_ck",
          "chip.dram.ecc",
          "chip.dram.data",
          "chip.dram.dmi",
          "chip.dram.frontend_latency_ns"},
         "chip.dram.model",
         {"controller"}},
        {{"chip.dram.page_timeout_ck"}, "chip.dram.page_policy", {"timeout"}},
        {{"chip.dram.refresh_postpone"}, "chip.dram.refresh", {"all_bank", "per_bank"}},
        {{"chip.dram.write_high", "chip.dram.write_low", "chip.dram.bounded_groups"},
         "chip.dram.scheduler",
         {"fr_fcfs_grouped"}},
        {{"chip.dram.queue.read", "chip.dram.queue.write"}, "chip.dram.queue.unified", {"0"}},
    };
    return list;
}

class DramChecker : RuleChecker {
public:
    using RuleChecker::RuleChecker;

    void run() {
        if (failed("chip.dram.model")) {
            return;
        }
        for (const Condition& condition : conditions()) {
            check(condition);
        }
        if (dram_.model != DramModel::controller) {
            return;
        }
        check_interleave();
        check_map();
        check_queues();
        check_times();
        const Keys keys{"chip.dram.dmi", "chip.dram.data"};
        if (known(keys) && dram_.dmi && !dram_.data) {
            refuse(latest(keys), "expected data: true with dmi: true, which points into the bytes kept, got data: "
                                 "false");
        }
    }

private:
    void check_interleave() {
        const Keys keys{"chip.dram.interleave_bytes", "chip.dram.part"};
        if (known(keys) && dram_.interleave_bytes < dram_.part.burst_bytes()) {
            refuse(latest(keys), "expected interleave_bytes of at least one burst of the part, " +
                                     std::to_string(dram_.part.burst_bytes()) + " bytes, got " +
                                     std::to_string(dram_.interleave_bytes));
        }
    }

    void check_map() {
        const Keys shape{"chip.dram.ranks", "chip.dram.part"};
        if (!known(shape)) {
            return;
        }
        if (dram_.banks() > kMostBanks) {
            refuse(latest(shape), "expected at most " + std::to_string(kMostBanks) + " banks in a channel, got " +
                                      std::to_string(dram_.ranks) + " ranks of " + std::to_string(dram_.part.banks));
        }
        // Each part of the map alone, so that a problem stands at the key it comes from.
        const DramConfig standard;
        DramConfig plain = dram_;
        plain.mapping = standard.mapping;
        plain.hash.clear();
        plain.ecc = DramEcc::none;
        if (!can_map(plain, shape)) {
            return;
        }
        DramConfig hashed = plain;
        hashed.hash = dram_.hash;
        can_map(hashed, {"chip.dram.hash", "chip.dram.part", "chip.dram.ranks"});
        DramConfig mapped = plain;
        mapped.mapping = dram_.mapping;
        const bool has_map = can_map(mapped, {"chip.dram.mapping", "chip.dram.part", "chip.dram.ranks"});
        mapped.ecc = dram_.ecc;
        if (has_map) {
            can_map(mapped, {"chip.dram.ecc", "chip.dram.mapping", "chip.dram.part"});
        }
    }

    bool can_map(const DramConfig& config, const Keys& keys) {
        try {
            if (known(keys)) {
                DramAddressMap{config};
            }
            return true;
        } catch (const DramMappingError& error) {
            refuse(latest(keys), error.what());
            return false;
        }
    }

    void check_queues() {
        const Keys depths{"chip.dram.queue.per_bank", "chip.dram.queue.unified", "chip.dram.queue.read",
                          "chip.dram.queue.write"};
        const unsigned entries = dram_.unified_queue != 0 ? dram_.unified_queue : dram_.read_queue + dram_.write_queue;
        if (known(depths) && dram_.per_bank_queue > entries) {
            refuse(latest(depths), "expected a limit for a bank (per_bank) of at most the " + std::to_string(entries) +
                                       " entries of a channel, got " + std::to_string(dram_.per_bank_queue));
        }
        const Keys marks{"chip.dram.write_low", "chip.dram.write_high"};
        if (known(marks) && dram_.write_low >= dram_.write_high) {
            refuse(latest(marks),
                   "expected write_low below write_high, got " + loaded(marks[0]) + " and " + loaded(marks[1]));
        }
    }

    void check_times() {
        const Keys keys{"chip.dram.self_refresh_ck", "chip.dram.power_down_ck"};
        const bool both = dram_.self_refresh_ck != 0 && dram_.power_down_ck != 0;
        if (known(keys) && both && dram_.self_refresh_ck < dram_.power_down_ck) {
            refuse(latest(keys), "expected self_refresh_ck to be at least power_down_ck, got " + loaded(keys[0]) +
                                     " and " + loaded(keys[1]));
        }
    }

    const DramConfig& dram_ = platform_.chip.dram;
};

} // namespace

void check_dram(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems) {
    DramChecker(platform, failed, problems).run();
}

unsigned columns_in_sequence(const DramConfig& dram) {
    return DramAddressMap(dram).sequential_columns();
}

std::vector<std::string> dram_notes(const Platform& platform) {
    const DramConfig& dram = platform.chip.dram;
    if (dram.model != DramModel::controller) {
        return {};
    }
    const DramAddressMap map(dram);
    const std::uint64_t bytes = std::uint64_t{map.sequential_columns()} * dram.part.burst_bytes();
    if (map.sequential_columns() == map.columns_of_row() || bytes >= dram.interleave_bytes) {
        return {};
    }
    return {"chip.dram.mapping: a sequential stream moves only " + std::to_string(bytes) +
            " bytes each time it opens a row, because bits of row lie below bits of column in '" + dram.mapping + "'"};
}

} // namespace systolica
