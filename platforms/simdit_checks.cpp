// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/simdit_checks.h"

#include "machine/simdit/chip_config.h"

namespace systolica {

namespace {

constexpr const char* kDataflow = "tile.pe_array.dataflow";
constexpr const char* kModel = "chip.dram.model";

// A mebibyte a cycle: rows x cols weights of an array of 512 x 512, twice.
constexpr unsigned kWideBanks = 1024;
constexpr unsigned kWidePortBytes = 1024;
constexpr unsigned kLongBurstBytes = 4U << 20;
constexpr unsigned kManyBursts = 64;

const std::vector<RuleChecker::Condition>& conditions() {
    static const std::vector<RuleChecker::Condition> list{
        {{"precision.bias_bits", "simdit.bias_buffer_kib", "simdit.vector1_buffer_kib", "simdit.div_cycles",
          "simdit.exp_cycles", "simdit.inv_sqrt_cycles", "simdit.cond_move_cycles", "simdit.read_after_write_cycles",
          "simdit.pipeline_stages", "simdit.fused_tiles_wait", "simdit.convolution_bias_gradients"},
         kDataflow,
         {"simdit"}},
        {{"tile.pe_array.fold_overlap", "tile.pe_array.clip_folds", "tile.vector_unit.startup_cycles"},
         kDataflow,
         {"os", "ws", "is"}},
    };
    return list;
}

class SimditChecker : RuleChecker {
public:
    using RuleChecker::RuleChecker;

    void run() {
        if (failed(kDataflow)) {
            return;
        }
        for (const Condition& condition : conditions()) {
            check(condition);
        }
        const bool simdit = chip_.tile.pe_array.dataflow == Dataflow::simdit;
        const bool private_ports = chip_.dram.model == DramModel::private_ports;
        if (!failed(kModel) && simdit != private_ports) {
            refuse(latest({kModel, kDataflow}), "expected " + std::string(kModel) + ": private and " + kDataflow +
                                                    ": simdit together, got " + loaded(kModel) + " and " +
                                                    loaded(kDataflow));
        }
        if (!simdit) {
            check_whole_bytes("precision.activation_bits", chip_.precision.activation_bits);
            check_whole_bytes("precision.weight_bits", chip_.precision.weight_bits);
            return;
        }
        check_one("chip.tiles", chip_.tiles);
        check_one("chip.dram.channels", chip_.dram.channels);
        if (!failed("mapping.overlap") && platform_.mapping.overlap != Overlap::none) {
            refuse("mapping.overlap",
                   "expected none with " + std::string(kDataflow) + ": simdit, got " + loaded("mapping.overlap"));
        }
        check_buffers();
    }

private:
    void check_whole_bytes(const std::string& key, unsigned bits) {
        if (!failed(key) && bits < 8) {
            refuse(latest({key, kDataflow}), "expected 8, 16 or 32 bits with " + std::string(kDataflow) + ": " +
                                                 loaded(kDataflow) + ", got " + std::to_string(bits));
        }
    }

    void check_one(const std::string& key, unsigned count) {
        if (!failed(key) && count != 1) {
            refuse(latest({key, kDataflow}),
                   "expected 1 with " + std::string(kDataflow) + ": simdit, got " + std::to_string(count));
        }
    }

    void check_buffers() {
        const std::string vector = "tile.scratchpad.vector.capacity_kib";
        const Keys halves{"simdit.vector1_buffer_kib", vector};
        const std::uint64_t both = chip_.tile.pad(Pad::vector).capacity_bytes;
        if (!known(halves)) {
            return;
        }
        if (chip_.simdit.vector1_buffer_bytes >= both) {
            refuse(latest(halves), "expected a first buffer smaller than the " + std::to_string(both) +
                                       " bytes of both, got " + std::to_string(chip_.simdit.vector1_buffer_bytes));
            return;
        }
        const Keys others{"tile.pe_array.rows",        "tile.pe_array.cols",    "tile.vector_unit.lanes",
                          "precision.activation_bits", "precision.weight_bits", "precision.accumulator_bits",
                          "precision.bias_bits"};
        if (!known(others)) {
            return;
        }
        const SimditConfig config = simdit_config(chip_);
        for (const SimditShortage& shortage : simdit_shortages(config)) {
            const std::string buffer = shortage.buffer;
            const std::string key = buffer == "weight"  ? "tile.scratchpad.filter.capacity_kib"
                                    : buffer == "bias"  ? "simdit.bias_buffer_kib"
                                    : buffer == "ifmap" ? "tile.scratchpad.ifmap.capacity_kib"
                                    : buffer == "ofmap" ? "tile.scratchpad.ofmap.capacity_kib"
                                                        : vector;
            if (!failed(key)) {
                refuse(key, "expected a " + buffer + " buffer of at least " + std::to_string(shortage.least_bytes) +
                                " bytes, the least tile of this array, got " + std::to_string(shortage.has_bytes));
            }
        }
    }

    const ChipConfig& chip_ = platform_.chip;
};

} // namespace

void complete_simdit(Platform& platform) {
    ChipConfig& chip = platform.chip;
    TileConfig& tile = chip.tile;
    if (tile.pe_array.dataflow != Dataflow::simdit) {
        return;
    }
    const auto layer = [&platform](const std::string& key) {
        const auto origin = platform.origins.find(key);
        return origin == platform.origins.end() ? 0U : origin->second.layer;
    };
    const auto unless_given = [&](const std::string& key, auto& field, auto value) {
        if (layer(key) < layer(kDataflow)) {
            field = value;
        }
    };
    unless_given("tile.vector_unit.lanes", tile.vector_unit.lanes, tile.pe_array.cols);
    tile.vector_unit.startup_cycles = simdit_fill_cycles(chip.simdit.pipeline_stages, tile.vector_unit.lanes);
    for (std::size_t i = 0; i < kPads; ++i) {
        const std::string path = std::string("tile.scratchpad.") + pad_name(static_cast<Pad>(i));
        unless_given(path + ".banks", tile.scratchpad[i].banks, kWideBanks);
        unless_given(path + ".port_bytes", tile.scratchpad[i].port_bytes, kWidePortBytes);
    }
    unless_given("tile.dma.max_burst_bytes", tile.dma.max_burst_bytes, kLongBurstBytes);
    unless_given("tile.dma.outstanding", tile.dma.outstanding, kManyBursts);
    unless_given("mapping.overlap", platform.mapping.overlap, Overlap::none);
}

void check_simdit(const Platform& platform, const RuleChecker::Failed& failed, Problems& problems) {
    SimditChecker(platform, failed, problems).run();
}

} // namespace systolica
