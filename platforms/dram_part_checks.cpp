// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_part_checks.h"

#include "platforms/dram_part_keys.h"

namespace systolica {

namespace {

class PartChecks {
public:
    PartChecks(const DramPart& part, const RefusePartKey& refuse) : part_(part), refuse_(refuse) {}

    void check() const {
        check_organisation();
        check_columns();
        check_rows();
        check_refresh();
        if (part_.currents) {
            check_currents(*part_.currents);
        }
    }

private:
    bool lpddr5() const { return part_.standard == DramStandard::lpddr5; }

    void at_least(std::uint64_t value, std::uint64_t least, const char* key, const std::string& what) const {
        if (value < least) {
            refuse_(key, "expected at least " + what + " = " + std::to_string(least));
        }
    }

    void check_organisation() const {
        if (lpddr5() == (part_.beats_per_clock == 2)) {
            refuse_("beats_per_clock", lpddr5() ? "expected 4 or 8 for lpddr5" : "expected 2 for lpddr4");
        }
        if (part_.burst_length < part_.beats_per_clock) {
            refuse_("burst_length", "expected at least the beats of one clock (beats_per_clock)");
        }
        if (part_.page_bytes < part_.burst_bytes()) {
            refuse_("page_bytes", "expected at least the " + std::to_string(part_.burst_bytes()) + " bytes of a burst");
        }
        if (part_.banks < part_.bank_groups) {
            refuse_("banks", "expected at least one for each of " + std::to_string(part_.bank_groups) + " bank groups");
        }
    }

    void check_columns() const {
        if (std::uint64_t{part_.ccd} * part_.beats_per_clock < part_.burst_length) {
            refuse_("ccd", "expected at least the clocks of a burst (burst_length / beats_per_clock)");
        }
        at_least(part_.ccd_l, part_.ccd, "ccd_l", "ccd");
        at_least(part_.ccdmw, part_.ccd_l, "ccdmw", lpddr5() ? "ccd_l" : "ccd");
        at_least(part_.wtr_l, part_.wtr, "wtr_l", "wtr");
    }

    void check_rows() const {
        at_least(part_.ras, part_.rcd, "ras", "rcd");
        at_least(part_.rp_ab, part_.rp_pb, "rp_ab", "rp_pb");
        at_least(part_.faw, part_.rrd, "faw", "rrd");
    }

    void check_refresh() const {
        const std::uint64_t whole = std::uint64_t{part_.rfc_ab} + part_.rp_ab;
        if (part_.refi <= whole) {
            refuse_("refi", "expected more than rfc_ab + rp_ab = " + std::to_string(whole));
        }
        at_least(part_.rfc_ab, part_.rfc_pb, "rfc_ab", "rfc_pb");
        // Every bank is refreshed once in refi.
        const std::uint64_t share = part_.refi / part_.banks;
        if (part_.pbr_to_pbr > share) {
            refuse_("pbr_to_pbr", "expected at most refi / banks = " + std::to_string(share));
        }
        at_least(part_.xsr, part_.rfc_ab, "xsr", "rfc_ab"); // JEDEC: tRFCab and 7.5 ns
        at_least(part_.sr, part_.cke, "sr", "cke");
    }

    // The energy of a command is what it draws above the standby current (machine/dram/energy.h); less than nothing
    // would be an error of the table.
    void check_currents(const DramCurrents& idd) const {
        for (const DramRailKey& rail : dram_rail_keys()) {
            const auto not_below = [&](const char* key, const RailCurrent& value, double least, const char* what) {
                const double rounding = least * 1e-9;
                if (value.*rail.milliamps < least - rounding) {
                    refuse_("currents." + std::string(key) + "." + rail.name, std::string("expected at least ") + what);
                }
            };
            const double active = idd.idd3n.*rail.milliamps;
            const double precharged = idd.idd2n.*rail.milliamps;
            not_below("idd0", idd.idd0, (active * part_.ras + precharged * part_.rp_pb) / (part_.ras + part_.rp_pb),
                      "the standby current of a row cycle, idd3n for ras and idd2n for rp_pb");
            not_below("idd3n", idd.idd3n, precharged, "idd2n");
            for (const DramCurrentKey& key : dram_current_keys()) {
                const std::string name = key.name;
                if (name.rfind("idd4", 0) == 0 || name.rfind("idd5", 0) == 0) {
                    not_below(key.name, idd.*key.field, active, "idd3n");
                }
            }
        }
    }

    const DramPart& part_;
    const RefusePartKey& refuse_;
};

} // namespace

void check_dram_part(const DramPart& part, const RefusePartKey& refuse) {
    PartChecks(part, refuse).check();
}

} // namespace systolica
