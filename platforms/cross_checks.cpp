// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/cross_checks.h"

#include <vector>

#include "platforms/dram_checks.h"
#include "platforms/noc_checks.h"
#include "platforms/simdit_checks.h"
#include "platforms/system_checks.h"

namespace systolica {

namespace {

// Two rings (operands, results) of at least two words each: less cannot overlap transfer and work.
constexpr std::uint64_t kLeastVectorPorts = 4;

class Checker : RuleChecker {
public:
    using RuleChecker::RuleChecker;

    void run() {
        check_precision();
        check_pads();
        check_pipeline();
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

    // A group that follows the one before on its tile alone may not wait for all others, too.
    void check_pipeline() {
        check({{"mapping.microbatch"}, "mapping.split", {"pipeline"}});
        const std::vector<std::string> keys{"mapping.split", "mapping.overlap"};
        if (known(keys) && platform_.mapping.split == Split::pipeline && platform_.mapping.overlap != Overlap::layer) {
            refuse(latest(keys), "expected overlap: layer with split: pipeline, got " + loaded("mapping.overlap"));
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
};

} // namespace

void check_platform(const Platform& platform, const std::function<bool(const std::string&)>& failed,
                    Problems& problems) {
    Checker(platform, failed, problems).run();
    check_noc(platform, failed, problems);
    check_dram(platform, failed, problems);
    check_simdit(platform, failed, problems);
    check_system(platform, failed, problems);
}

} // namespace systolica
