// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key_rows.h"

#include "platforms/key_builders.h"

namespace systolica::keys {

namespace {

// The accessor of a row: a field of Platform, const or not.
#define SYSTOLICA_FIELD(member)                                                                                        \
    [](auto& platform) -> auto& {                                                                                      \
        return platform.member;                                                                                        \
    }

void add_general(std::vector<Key>& table) {
    Key name = text("name", 64, "What reports call the platform", SYSTOLICA_FIELD(name));
    name.standard = "the file's name";
    table.push_back(std::move(name));

    // The reader follows it; nothing of it remains in the description.
    Key base = row("base", KeyType::text, "Platform file (relative to this one) or bundled platform to start from");
    base.least = 1;
    base.most = 4096;
    base.store = [](Platform&, const KeyValue&) {};
    base.load = [](const Platform&) -> KeyValue { return std::string(); };
    table.push_back(std::move(base));

    table.push_back(
        number("clock_mhz", "MHz", 1, 10000, "Clock of tiles and network", SYSTOLICA_FIELD(chip.clock_mhz)));
}

void add_noc(std::vector<Key>& table) {
    table.push_back(whole("chip.tiles", "tiles", 1, 1024, "Tiles of the chip", SYSTOLICA_FIELD(chip.tiles)));
    table.push_back(only_choice("chip.noc.topology", "mesh", "Shape of the network"));
    table.push_back(
        whole("chip.noc.columns", "routers", 1, 1024, "Columns of the mesh", SYSTOLICA_FIELD(chip.noc.columns)));
    table.push_back(whole("chip.noc.rows", "routers", 1, 1024, "Rows of the mesh", SYSTOLICA_FIELD(chip.noc.rows)));
    table.push_back(power_of_two("chip.noc.flit_bytes", "B", 1, 4096, "Moved over a link in one cycle",
                                 SYSTOLICA_FIELD(chip.noc.flit_bytes)));
    table.push_back(only_choice("chip.noc.level", "packet", "Detail of the model"));
    table.push_back(
        only_choice("chip.noc.routing", "xy", "Path of a packet: first along the row, then along the column"));
    table.push_back(whole("chip.noc.router_cycles", "cycles", 1, 64, "Head flit through one router and its link",
                          SYSTOLICA_FIELD(chip.noc.router_cycles)));
    table.push_back(routers("chip.noc.attach.tiles", "tile i at router i",
                            "Router (row * columns + column) of each tile", SYSTOLICA_FIELD(chip.noc.tile_routers)));
    table.push_back(routers("chip.noc.attach.dram", "spread evenly",
                            "Router (row * columns + column) of each DRAM channel",
                            SYSTOLICA_FIELD(chip.noc.memory_routers)));
}

void add_dram(std::vector<Key>& table) {
    table.push_back(
        choice<DramModel>("chip.dram.model", {{"controller", DramModel::controller}, {"ideal", DramModel::ideal}},
                          "Controller and devices, or memory that never stalls", SYSTOLICA_FIELD(chip.dram.model)));
    table.push_back(text("chip.dram.part", 4096,
                         "Bundled DRAM part, or a part file relative to this one; unused with model: ideal",
                         SYSTOLICA_FIELD(chip.dram.part.name)));
    table.push_back(whole("chip.dram.channels", "channels", 1, 64, "Channels of one rank each",
                          SYSTOLICA_FIELD(chip.dram.channels)));
    table.push_back(power_of_two("chip.dram.interleave_bytes", "B", 32, 65536,
                                 "Addresses change the channel every so many bytes",
                                 SYSTOLICA_FIELD(chip.dram.interleave_bytes)));
    table.push_back(choice<DramScheduler>(
        "chip.dram.scheduler", {{"fifo", DramScheduler::fifo}, {"fr_fcfs", DramScheduler::fr_fcfs}},
        "Order of requests: as they come, or row hits first", SYSTOLICA_FIELD(chip.dram.scheduler)));
    table.push_back(only_choice("chip.dram.page_policy", "open", "What becomes of a row after its access"));
    table.push_back(choice<DramRefresh>("chip.dram.refresh",
                                        {{"all_bank", DramRefresh::all_bank}, {"none", DramRefresh::none}},
                                        "Refresh commands", SYSTOLICA_FIELD(chip.dram.refresh)));
    table.push_back(whole("chip.dram.queue.read", "entries", 1, 1024, "Read queue of a channel",
                          SYSTOLICA_FIELD(chip.dram.read_queue)));
    table.push_back(whole("chip.dram.queue.write", "entries", 1, 1024, "Write queue of a channel",
                          SYSTOLICA_FIELD(chip.dram.write_queue)));
    table.push_back(number("chip.dram.frontend_latency_ns", "ns", 0, 1e6,
                           "Constant from acceptance to first scheduling",
                           SYSTOLICA_FIELD(chip.dram.frontend_latency_ns)));
    table.push_back(number("chip.dram.bandwidth_gb_per_s", "GB/s", 0, 1e6,
                           "Only with model: ideal; all channels together, 0 is unlimited",
                           SYSTOLICA_FIELD(chip.dram.ideal_bytes_per_s), 1e9));
    table.push_back(number("chip.dram.latency_ns", "ns", 0, 1e6, "Only with model: ideal; request to response",
                           SYSTOLICA_FIELD(chip.dram.ideal_latency_ns)));
}

void add_system(std::vector<Key>& table) {
    Key chips = whole("system.chips", "chips", 1, 1, "Chips of the system", SYSTOLICA_FIELD(chips));
    chips.choices = {"1"};
    chips.note = "systems of several chips are not supported yet";
    table.push_back(std::move(chips));
}

void add_mapping(std::vector<Key>& table) {
    table.push_back(choice<Split>(
        "mapping.split",
        {{"auto", Split::automatic}, {"channels", Split::channels}, {"rows", Split::rows}, {"batch", Split::batch}},
        "How an operation is divided over the tiles", SYSTOLICA_FIELD(mapping.split)));
    table.push_back(choice<Overlap>("mapping.overlap",
                                    {{"none", Overlap::none}, {"tile", Overlap::tile}, {"layer", Overlap::layer}},
                                    "Units work one at a time, together within an operation, or across operations",
                                    SYSTOLICA_FIELD(mapping.overlap)));
    table.push_back(choice<Objective>("mapping.objective", {{"time", Objective::time}, {"traffic", Objective::traffic}},
                                      "Tilings are chosen by least time, or by least DRAM bytes first",
                                      SYSTOLICA_FIELD(mapping.objective)));
    table.push_back(boolean("mapping.fusion", "Vector operators run on the sums of the operation before them",
                            SYSTOLICA_FIELD(mapping.fusion)));
    table.push_back(boolean("mapping.fold_batch_norm", "Inference: batch-norm becomes part of weights and bias",
                            SYSTOLICA_FIELD(mapping.fold_batch_norm)));
    table.push_back(boolean("mapping.keep_on_chip",
                            "A result stays in the scratchpad for the next operation where it fits",
                            SYSTOLICA_FIELD(mapping.keep_on_chip)));
}

} // namespace

void add_general_keys(std::vector<Key>& table) {
    add_general(table);
}

void add_chip_keys(std::vector<Key>& table) {
    add_noc(table);
    add_dram(table);
    add_system(table);
    add_mapping(table);
}

} // namespace systolica::keys
