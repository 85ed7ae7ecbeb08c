// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Every key of the table is set to a legal value, which must arrive in the field that a reader of the Config structs
// would expect, and to an illegal one, which must be refused at that key.
#include <functional>
#include <set>

#include "platforms/key_table.h"
#include "tests/platforms/platform_files.h"

namespace systolica {
namespace {

struct RoundTrip {
    std::string key;
    std::string legal;
    std::function<bool(const Platform&)> stored;
    std::string illegal;
    std::vector<std::string> with = {}; // further settings that the legal value needs
};

const VectorCost& cost(const Platform& platform, VectorKernel kernel) {
    return platform.chip.tile.vector_unit.costs[static_cast<std::size_t>(kernel)];
}

std::vector<RoundTrip> general_rows() {
    return {
        {"name", "other", [](const Platform& p) { return p.name == "other"; }, "[a]"},
        {"clock_mhz", "933.5", [](const Platform& p) { return p.chip.clock_mhz == 933.5; }, "0.5"},
        {"precision.activation_bits", "16", [](const Platform& p) { return p.chip.precision.activation_bits == 16; },
         "12"},
        {"precision.weight_bits", "32", [](const Platform& p) { return p.chip.precision.weight_bits == 32; }, "64"},
        {"precision.gradient_bits", "16", [](const Platform& p) { return p.chip.precision.gradient_bytes() == 2; },
         "12"},
        {"precision.master_bits", "16", [](const Platform& p) { return p.chip.precision.master_bytes() == 2; }, "0"},
        {"precision.accumulator_bits", "16", [](const Platform& p) { return p.chip.precision.accumulator_bits == 16; },
         "'16'"},
        {"tile.pe_array.rows", "4096", [](const Platform& p) { return p.chip.tile.pe_array.rows == 4096; }, "4097"},
        {"tile.pe_array.cols", "1", [](const Platform& p) { return p.chip.tile.pe_array.cols == 1; }, "0"},
        {"tile.pe_array.dataflow", "is",
         [](const Platform& p) { return p.chip.tile.pe_array.dataflow == Dataflow::is; }, "rs"},
        {"tile.pe_array.fold_overlap", "false", [](const Platform& p) { return !p.chip.tile.pe_array.fold_overlap; },
         "no"},
        {"tile.pe_array.clip_folds", "false", [](const Platform& p) { return !p.chip.tile.pe_array.clip_folds; }, "0"},
        {"tile.vector_unit.lanes", "65536", [](const Platform& p) { return p.chip.tile.vector_unit.lanes == 65536; },
         "65537"},
        {"tile.vector_unit.startup_cycles", "0",
         [](const Platform& p) { return p.chip.tile.vector_unit.startup_cycles == 0; }, "-1"},
        {"tile.dma.max_burst_bytes", "4096", [](const Platform& p) { return p.chip.tile.dma.max_burst_bytes == 4096; },
         "192"},
        {"tile.dma.outstanding", "1024", [](const Platform& p) { return p.chip.tile.dma.outstanding == 1024; }, "1025"},
        {"system.chips", "1024", [](const Platform& p) { return p.system.chips == 1024; }, "1025"},
        {"system.topology", "switch", [](const Platform& p) { return p.system.topology == ChipTopology::fabric; },
         "star"},
        {"system.columns",
         "3",
         [](const Platform& p) { return chip_grid(p.system).rows == 4; },
         "0",
         {"system.topology=mesh", "system.chips=12"}},
        {"system.rows",
         "2",
         [](const Platform& p) { return chip_grid(p.system).columns == 6; },
         "2.5",
         {"system.topology=torus", "system.chips=12"}},
        {"system.link.bandwidth_gb_per_s", "12.5",
         [](const Platform& p) { return p.system.link.direction_bytes_per_s() == 12'500'000'000; }, "0"},
        {"system.link.latency_ns", "0.5", [](const Platform& p) { return p.system.link.latency_ps() == 500; }, "-1"},
        {"system.link.credits", "7", [](const Platform& p) { return p.system.link.credits == 7; }, "none"},
        {"system.link.lanes", "4", [](const Platform& p) { return p.system.link.lanes == 4; }, "0"},
        {"system.link.flit_bytes", "64", [](const Platform& p) { return p.system.link.flit_bytes == 64; }, "70000"},
        {"system.link.bit_error_rate", "0.0001",
         [](const Platform& p) { return p.system.link.bit_error_rate == 0.0001; }, "0.1"},
        {"system.bucket_kib", "3", [](const Platform& p) { return p.system.bucket_bytes == 3 * 1024; }, "0"},
        {"system.port.router", "3", [](const Platform& p) { return p.system.port.router == 3; }, "-1"},
        {"system.port.buffer_kib", "2048", [](const Platform& p) { return p.system.port.buffer_bytes == 2 << 20; },
         "0.5"},
        {"system.port.chunk_kib", "64", [](const Platform& p) { return p.system.port.chunk_bytes == 64 << 10; }, "0"},
        {"system.links",
         "[[0, 1], [1, 2]]",
         [](const Platform& p) { return p.system.links.size() == 2; },
         "[[0]]",
         {"system.topology=custom", "system.chips=3"}},
        {"mapping.split", "batch", [](const Platform& p) { return p.mapping.split == Split::batch; }, "tiles"},
        {"mapping.microbatch",
         "3",
         [](const Platform& p) { return p.mapping.microbatch == 3; },
         "0",
         {"mapping.split=pipeline"}},
        {"mapping.overlap", "tile", [](const Platform& p) { return p.mapping.overlap == Overlap::tile; }, "some"},
        {"mapping.objective", "traffic", [](const Platform& p) { return p.mapping.objective == Objective::traffic; },
         "energy"},
        {"mapping.fusion", "false", [](const Platform& p) { return !p.mapping.fusion; }, "False"},
        {"mapping.fold_batch_norm", "false", [](const Platform& p) { return !p.mapping.fold_batch_norm; }, "'false'"},
        {"mapping.keep_on_chip", "false", [](const Platform& p) { return !p.mapping.keep_on_chip; }, "off"},
        {"mapping.backward_lowering", "dilated",
         [](const Platform& p) { return p.training.backward_lowering == BackwardLowering::dilated; }, "dilate"},
        {"training.optimizer", "adam", [](const Platform& p) { return p.training.optimizer == Optimizer::adam; },
         "adamw"},
        {"training.input_gradient_of_first_layer", "true",
         [](const Platform& p) { return p.training.input_gradient_of_first_layer; }, "1"},
        {"training.loss", "false", [](const Platform& p) { return !p.training.loss; }, "none"},
    };
}

const NocConfig& noc(const Platform& platform) {
    return platform.chip.noc;
}

std::vector<RoundTrip> chip_rows() {
    return {
        {"chip.tiles", "6", [](const Platform& p) { return p.chip.tiles == 6; }, "1025", {"chip.noc.columns=6"}},
        {"chip.noc.topology", "torus", [](const Platform& p) { return noc(p).topology == FabricKind::torus; }, "cube"},
        {"chip.noc.columns", "1024", [](const Platform& p) { return p.chip.noc.columns == 1024; }, "1025"},
        {"chip.noc.rows", "3", [](const Platform& p) { return p.chip.noc.rows == 3; }, "3.0"},
        {"chip.noc.flit_bytes", "4096", [](const Platform& p) { return p.chip.noc.flit_bytes == 4096; }, "33"},
        {"chip.noc.level", "flit", [](const Platform& p) { return noc(p).level == NocLevel::flit; }, "word"},
        {"chip.noc.routing", "o1turn", [](const Platform& p) { return noc(p).routing == FabricRoutingKind::o1turn; },
         "zigzag"},
        {"chip.noc.virtual_channels", "6", [](const Platform& p) { return noc(p).virtual_channels == 6; }, "0"},
        {"chip.noc.buffer_flits", "4096", [](const Platform& p) { return noc(p).buffer_flits == 4096; }, "4097"},
        {"chip.noc.link.width_bytes", "8", [](const Platform& p) { return noc(p).link_width_bytes == 8; }, "0"},
        {"chip.noc.link.latency_cycles", "3", [](const Platform& p) { return noc(p).link_latency_cycles == 3; }, "0"},
        {"chip.noc.links",
         "[{from: 0, to: 1, width_bytes: 16, latency_cycles: 4}, {from: 2, to: 1, one_way: true}]",
         [](const Platform& p) {
             return noc(p).links == std::vector<NocLink>{{0, 1, 16, 4, false}, {2, 1, 0, 1, true}};
         },
         "{from: 0, to: 1}",
         {"chip.noc.columns=3"}},
        {"chip.noc.concentration",
         "3",
         [](const Platform& p) {
             return noc(p).concentration == 3 && noc(p).tile_routers == std::vector<unsigned>{0, 0, 0, 1};
         },
         "0",
         {"chip.noc.topology=concentrated_mesh", "chip.noc.columns=2", "chip.tiles=4"}},
        {"chip.noc.arity",
         "3",
         [](const Platform& p) {
             return noc(p).arity == 3 && noc(p).tile_routers == std::vector<unsigned>{1, 1, 1, 1, 2};
         },
         "1",
         {"chip.noc.topology=tree", "chip.tiles=5"}},
        {"chip.noc.levels",
         "3",
         [](const Platform& p) { return noc(p).levels == 3 && noc(p).tile_routers == std::vector<unsigned>{3}; },
         "13",
         {"chip.noc.topology=tree"}},
        {"chip.noc.multicast", "false", [](const Platform& p) { return !p.chip.noc.multicast; }, "1"},
        {"chip.noc.combine_cycles", "2", [](const Platform& p) { return p.chip.noc.combine_cycles == 2; }, "0"},
        {"chip.noc.router_cycles", "5", [](const Platform& p) { return p.chip.noc.router_cycles == 5; }, "0"},
        {"chip.noc.attach.tiles",
         "[3]",
         [](const Platform& p) { return p.chip.noc.tile_routers == std::vector<unsigned>{3}; },
         "3",
         {"chip.noc.columns=4"}},
        {"chip.noc.attach.dram",
         "[2, 1]",
         [](const Platform& p) {
             return p.chip.noc.memory_routers == std::vector<unsigned>{2, 1};
         },
         "[]",
         {"chip.noc.columns=4", "chip.dram.channels=2"}},
        {"chip.dram.model", "ideal", [](const Platform& p) { return p.chip.dram.model == DramModel::ideal; },
         "perfect"},
        {"chip.dram.part", "lpddr4-4266", [](const Platform& p) { return p.chip.dram.part.data_rate_mtps == 4266; },
         "lpddr4-4267"},
        {"chip.dram.channels", "64", [](const Platform& p) { return p.chip.dram.channels == 64; }, "65"},
        {"chip.dram.interleave_bytes", "65536", [](const Platform& p) { return p.chip.dram.interleave_bytes == 65536; },
         "16"},
        {"chip.dram.frontend_latency_ns", "12.5",
         [](const Platform& p) { return p.chip.dram.frontend_latency_ns == 12.5; }, "-0.1"},
        {"chip.dram.bandwidth_gb_per_s",
         "25.6",
         [](const Platform& p) { return p.chip.dram.ideal_bytes_per_s == 25.6e9; },
         "1e7",
         {"chip.dram.model=ideal"}},
        {"chip.dram.latency_ns",
         "80",
         [](const Platform& p) { return p.chip.dram.ideal_latency_ns == 80; },
         "nan",
         {"chip.dram.model=ideal"}},
    };
}

const DramConfig& dram(const Platform& platform) {
    return platform.chip.dram;
}

std::vector<RoundTrip> controller_rows() {
    return {
        {"chip.dram.ranks", "2", [](const Platform& p) { return dram(p).ranks == 2; }, "3"},
        {"chip.dram.mapping", "bank-row-column", [](const Platform& p) { return dram(p).mapping == "bank-row-column"; },
         "bank-column"},
        {"chip.dram.hash", "permutation", [](const Platform& p) { return dram(p).hash == "permutation"; }, "permute"},
        {"chip.dram.scheduler", "fifo", [](const Platform& p) { return dram(p).scheduler == DramScheduler::fifo; },
         "fcfs"},
        {"chip.dram.write_high",
         "0.75",
         [](const Platform& p) { return dram(p).write_high == 0.75; },
         "1.5",
         {"chip.dram.scheduler=fr_fcfs_grouped"}},
        {"chip.dram.write_low",
         "0.25",
         [](const Platform& p) { return dram(p).write_low == 0.25; },
         "-0.1",
         {"chip.dram.scheduler=fr_fcfs_grouped"}},
        {"chip.dram.bounded_groups",
         "false",
         [](const Platform& p) { return !dram(p).bounded_groups; },
         "maybe",
         {"chip.dram.scheduler=fr_fcfs_grouped"}},
        {"chip.dram.age_limit_ck", "0", [](const Platform& p) { return dram(p).age_limit_ck == 0; }, "1000000001"},
        {"chip.dram.page_policy", "adaptive",
         [](const Platform& p) { return dram(p).page_policy == DramPagePolicy::adaptive; }, "close"},
        {"chip.dram.page_timeout_ck",
         "77",
         [](const Platform& p) { return dram(p).page_timeout_ck == 77; },
         "0",
         {"chip.dram.page_policy=timeout"}},
        {"chip.dram.refresh", "per_bank", [](const Platform& p) { return dram(p).refresh == DramRefresh::per_bank; },
         "same_bank"},
        {"chip.dram.refresh_postpone", "8", [](const Platform& p) { return dram(p).refresh_postpone == 8; }, "9"},
        {"chip.dram.power_down_ck", "50", [](const Platform& p) { return dram(p).power_down_ck == 50; }, "-1"},
        {"chip.dram.self_refresh_ck", "1000000000",
         [](const Platform& p) { return dram(p).self_refresh_ck == 1000000000; }, "1e3"},
        {"chip.dram.queue.read", "7",
         [](const Platform& p) { return dram(p).read_queue == 7 && dram(p).write_queue != 7; }, "0"},
        {"chip.dram.queue.write", "9",
         [](const Platform& p) { return dram(p).write_queue == 9 && dram(p).read_queue != 9; }, "010"},
        {"chip.dram.queue.unified", "2048", [](const Platform& p) { return dram(p).unified_queue == 2048; }, "2049"},
        {"chip.dram.queue.per_bank", "8", [](const Platform& p) { return dram(p).per_bank_queue == 8; }, "two"},
        {"chip.dram.ecc", "inline", [](const Platform& p) { return dram(p).ecc == DramEcc::in_line; }, "in_line"},
        {"chip.dram.data", "true", [](const Platform& p) { return dram(p).data && !dram(p).dmi; }, "on"},
        {"chip.dram.dmi", "true", [](const Platform& p) { return dram(p).dmi; }, "1", {"chip.dram.data=true"}},
    };
}

RoundTrip simdit_row(const std::string& key, const std::string& legal, std::function<bool(const Platform&)> stored,
                     const std::string& illegal) {
    return {key, legal, std::move(stored), illegal, {"tile.pe_array.dataflow=simdit", "chip.dram.model=private"}};
}

const SimditConfig& simdit(const Platform& platform) {
    return platform.chip.simdit;
}

std::vector<RoundTrip> simdit_rows() {
    std::vector<RoundTrip> rows{
        simdit_row(
            "precision.bias_bits", "16", [](const Platform& p) { return p.chip.precision.bias_bits == 16; }, "4"),
        simdit_row(
            "simdit.bias_buffer_kib", "6", [](const Platform& p) { return simdit(p).bias_buffer_bytes == 6144; }, "0"),
        simdit_row(
            "simdit.vector1_buffer_kib", "12",
            [](const Platform& p) { return simdit(p).vector1_buffer_bytes == 12288; }, "half"),
        simdit_row(
            "simdit.div_cycles", "7", [](const Platform& p) { return simdit(p).div_cycles == 7; }, "0"),
        simdit_row(
            "simdit.exp_cycles", "4", [](const Platform& p) { return simdit(p).exp_cycles == 4; }, "1001"),
        simdit_row(
            "simdit.inv_sqrt_cycles", "21", [](const Platform& p) { return simdit(p).inv_sqrt_cycles == 21; }, "0"),
        simdit_row(
            "simdit.cond_move_cycles", "2", [](const Platform& p) { return simdit(p).cond_move_cycles == 2; }, "1.5"),
        simdit_row(
            "simdit.read_after_write_cycles", "0",
            [](const Platform& p) { return simdit(p).read_after_write_cycles == 0; }, "-1"),
        simdit_row(
            "simdit.pipeline_stages", "9",
            [](const Platform& p) {
                // 8 and 31: the last element of a vector of 32 lanes.
                return simdit(p).pipeline_stages == 9 && p.chip.tile.vector_unit.startup_cycles == 8 + 31;
            },
            "0"),
        simdit_row(
            "simdit.fused_tiles_wait", "false", [](const Platform& p) { return !simdit(p).fused_tiles_wait; }, "no"),
        simdit_row(
            "simdit.convolution_bias_gradients", "false",
            [](const Platform& p) { return !simdit(p).convolution_bias_gradients; }, "0"),
    };
    const std::pair<const char*, Pad> interfaces[] = {
        {"weight", Pad::filter}, {"ifmap", Pad::ifmap}, {"ofmap", Pad::ofmap}, {"vector", Pad::vector}};
    for (const auto& [name, pad] : interfaces) {
        rows.push_back(simdit_row(
            std::string("chip.dram.bits_per_cycle.") + name, "96",
            [index = static_cast<std::size_t>(pad)](const Platform& p) { return dram(p).bits_per_cycle[index] == 96; },
            "0"));
    }
    return rows;
}

std::vector<RoundTrip> all_rows() {
    std::vector<RoundTrip> rows = general_rows();
    for (const auto& more : {chip_rows(), controller_rows(), simdit_rows()}) {
        rows.insert(rows.end(), more.begin(), more.end());
    }
    for (std::size_t i = 0; i < kPads; ++i) {
        const Pad pad = static_cast<Pad>(i);
        const std::string path = std::string("tile.scratchpad.") + pad_name(pad);
        rows.push_back({path + ".capacity_kib", "4194303",
                        [pad](const Platform& p) { return p.chip.tile.pad(pad).capacity_bytes == 4194303ull * 1024; },
                        "4194304"});
        rows.push_back(
            {path + ".banks", "1024", [pad](const Platform& p) { return p.chip.tile.pad(pad).banks == 1024; }, "1025"});
        rows.push_back({path + ".port_bytes", "4096",
                        [pad](const Platform& p) { return p.chip.tile.pad(pad).port_bytes == 4096; }, "24"});
    }
    rows.push_back({"tile.vector_unit.cost_table", "simdit",
                    [](const Platform& p) { return p.chip.tile.vector_unit.cost_table == VectorCostTable::simdit; },
                    "genesys"});
    for (std::size_t i = 1; i < kVectorKernels; ++i) {
        const VectorKernel kernel = static_cast<VectorKernel>(i);
        const std::string path = std::string("tile.vector_unit.costs.") + vector_kernel_name(kernel);
        rows.push_back(
            {path + ".per_tap", "2.5", [kernel](const Platform& p) { return cost(p, kernel).per_tap == 2.5; }, "-1"});
        rows.push_back({path + ".per_element", "7",
                        [kernel](const Platform& p) { return cost(p, kernel).per_element == 7; }, "{a: 1}"});
    }
    return rows;
}

class KeyRoundTrip : public PlatformFiles {
protected:
    const std::string file_ = write("plain.yaml", "name: plain\n");
};

TEST_F(KeyRoundTrip, CoversEveryKeyOfTheTableButBase) {
    std::set<std::string> covered{"base"};
    for (const RoundTrip& row : all_rows()) {
        covered.insert(row.key);
    }
    std::set<std::string> legal;
    for (const Key& key : key_table()) {
        legal.insert(key.path);
    }
    EXPECT_EQ(covered, legal);
}

TEST_F(KeyRoundTrip, LegalValueOfEachKeyIsStoredWithItsOrigin) {
    for (const RoundTrip& row : all_rows()) {
        SCOPED_TRACE(row.key + "=" + row.legal);
        std::vector<std::string> sets = row.with;
        sets.push_back(row.key + "=" + row.legal);
        ASSERT_EQ(problems(file_, sets), std::vector<std::string>{});
        const Platform platform = read_platform(file_, sets);
        EXPECT_TRUE(row.stored(platform));
        EXPECT_EQ(platform.origin_of(row.key), "--set " + row.key + "=" + row.legal);
        EXPECT_EQ(value_text(find_key(row.key)->load(platform)), row.legal);
    }
}

TEST_F(KeyRoundTrip, IllegalValueOfEachKeyIsOneProblemAtThatKey) {
    for (const RoundTrip& row : all_rows()) {
        SCOPED_TRACE(row.key + "=" + row.illegal);
        const std::string set = row.key + "=" + row.illegal;
        const std::vector<std::string> found = problems(file_, {set});
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].rfind("--set " + set + ": " + row.key + ": expected ", 0), 0u) << found[0];
        EXPECT_NE(found[0].find(", got "), std::string::npos) << found[0];
    }
}

TEST_F(KeyRoundTrip, DefaultsAreThoseOfTheConfigStructs) {
    const Platform platform = read_platform(file_);
    const ChipConfig plain;
    EXPECT_EQ(platform.chip.clock_mhz, plain.clock_mhz);
    EXPECT_EQ(platform.chip.tiles, plain.tiles);
    EXPECT_EQ(platform.chip.tile.pe_array.rows, plain.tile.pe_array.rows);
    EXPECT_EQ(platform.chip.tile.pad(Pad::vector).capacity_bytes, plain.tile.pad(Pad::vector).capacity_bytes);
    EXPECT_EQ(platform.chip.noc.flit_bytes, plain.noc.flit_bytes);
    EXPECT_EQ(platform.chip.dram.read_queue, plain.dram.read_queue);
    EXPECT_EQ(cost(platform, VectorKernel::softmax).per_element,
              default_vector_costs()[static_cast<std::size_t>(VectorKernel::softmax)].per_element);
    EXPECT_EQ(platform.origin_of("clock_mhz"), "default");
    EXPECT_EQ(platform.origin_of("name"), file_ + ":1:7");
}

} // namespace
} // namespace systolica
