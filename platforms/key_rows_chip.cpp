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

// The Config knows an empty text for no hash, which YAML would take for a value that was forgotten.
Key hash() {
    Key key = text("chip.dram.hash", 1024, "XORs of bank, group and rank bits with row bits (dram_mapping.md)",
                   SYSTOLICA_FIELD(chip.dram.hash));
    key.store = [](Platform& platform, const KeyValue& value) {
        const std::string& given = std::get<std::string>(value);
        platform.chip.dram.hash = given == "none" ? "" : given;
    };
    key.load = [](const Platform& platform) -> KeyValue {
        const std::string& kept = platform.chip.dram.hash;
        return kept.empty() ? std::string("none") : kept;
    };
    return key;
}

void add_dram_policies(std::vector<Key>& table) {
    constexpr double kMostClocks = 1e9;
    table.push_back(choice<DramScheduler>("chip.dram.scheduler",
                                          {{"fifo", DramScheduler::fifo},
                                           {"fr_fcfs", DramScheduler::fr_fcfs},
                                           {"fr_fcfs_grouped", DramScheduler::fr_fcfs_grouped}},
                                          "Order of requests: as they come, row hits first, or row hits first and "
                                          "writes in groups",
                                          SYSTOLICA_FIELD(chip.dram.scheduler)));
    table.push_back(number("chip.dram.write_high", "", 0, 1,
                           "Only with scheduler: fr_fcfs_grouped; share of the write queue at which writes begin",
                           SYSTOLICA_FIELD(chip.dram.write_high)));
    table.push_back(
        number("chip.dram.write_low", "", 0, 1, "And at which they end", SYSTOLICA_FIELD(chip.dram.write_low)));
    table.push_back(boolean("chip.dram.bounded_groups",
                            "Only with scheduler: fr_fcfs_grouped; a group ends with the requests that waited when it "
                            "began, so that neither kind shuts the other out",
                            SYSTOLICA_FIELD(chip.dram.bounded_groups)));
    table.push_back(whole("chip.dram.age_limit_ck", "CK", 0, kMostClocks,
                          "A request older than this is no longer overtaken in its bank; 0: no limit",
                          SYSTOLICA_FIELD(chip.dram.age_limit_ck)));
    table.push_back(choice<DramPagePolicy>("chip.dram.page_policy",
                                           {{"open", DramPagePolicy::open},
                                            {"closed", DramPagePolicy::closed},
                                            {"adaptive", DramPagePolicy::adaptive},
                                            {"timeout", DramPagePolicy::timeout}},
                                           "What becomes of a row after its access",
                                           SYSTOLICA_FIELD(chip.dram.page_policy)));
    table.push_back(whole("chip.dram.page_timeout_ck", "CK", 1, kMostClocks,
                          "Only with page_policy: timeout; a row unused for so long is closed",
                          SYSTOLICA_FIELD(chip.dram.page_timeout_ck)));
    table.push_back(choice<DramRefresh>(
        "chip.dram.refresh",
        {{"all_bank", DramRefresh::all_bank}, {"per_bank", DramRefresh::per_bank}, {"none", DramRefresh::none}},
        "Refresh commands", SYSTOLICA_FIELD(chip.dram.refresh)));
    table.push_back(whole("chip.dram.refresh_postpone", "refreshes", 0, 8,
                          "Refreshes that may be put off while requests wait",
                          SYSTOLICA_FIELD(chip.dram.refresh_postpone)));
    table.push_back(whole("chip.dram.power_down_ck", "CK", 0, kMostClocks, "Idle clocks before power-down; 0: never",
                          SYSTOLICA_FIELD(chip.dram.power_down_ck)));
    table.push_back(whole("chip.dram.self_refresh_ck", "CK", 0, kMostClocks,
                          "Idle clocks before self-refresh; 0: never", SYSTOLICA_FIELD(chip.dram.self_refresh_ck)));
}

void add_dram(std::vector<Key>& table) {
    table.push_back(choice<DramModel>(
        "chip.dram.model",
        {{"controller", DramModel::controller}, {"ideal", DramModel::ideal}, {"private", DramModel::private_ports}},
        "Controller and devices, memory that never stalls, or an interface of fixed width for each "
        "scratchpad",
        SYSTOLICA_FIELD(chip.dram.model)));
    table.push_back(text("chip.dram.part", 4096,
                         "Bundled DRAM part, or a part file relative to this one; unused with model: ideal",
                         SYSTOLICA_FIELD(chip.dram.part.name)));
    table.push_back(whole("chip.dram.channels", "channels", 1, 64, "Channels, each with a controller of its own",
                          SYSTOLICA_FIELD(chip.dram.channels)));
    table.push_back(power_of_two("chip.dram.ranks", "ranks", 1, 16, "Ranks of a channel, each one part",
                                 SYSTOLICA_FIELD(chip.dram.ranks)));
    table.push_back(power_of_two("chip.dram.interleave_bytes", "B", 32, 65536,
                                 "Addresses change the channel every so many bytes",
                                 SYSTOLICA_FIELD(chip.dram.interleave_bytes)));
    table.push_back(text("chip.dram.mapping", 256,
                         "Fields of an address within a channel, from the top (dram_mapping.md)",
                         SYSTOLICA_FIELD(chip.dram.mapping)));
    table.push_back(hash());
    add_dram_policies(table);
    table.push_back(whole("chip.dram.queue.read", "entries", 1, 1024, "Read queue of a channel",
                          SYSTOLICA_FIELD(chip.dram.read_queue)));
    table.push_back(whole("chip.dram.queue.write", "entries", 1, 1024, "Write queue of a channel",
                          SYSTOLICA_FIELD(chip.dram.write_queue)));
    table.push_back(whole("chip.dram.queue.unified", "entries", 0, 2048,
                          "One queue for reads and writes instead of these two; 0: two queues",
                          SYSTOLICA_FIELD(chip.dram.unified_queue)));
    table.push_back(whole("chip.dram.queue.per_bank", "entries", 0, 2048,
                          "Most entries for one bank, reads and writes together; 0: no limit",
                          SYSTOLICA_FIELD(chip.dram.per_bank_queue)));
    table.push_back(choice<DramEcc>("chip.dram.ecc", {{"none", DramEcc::none}, {"inline", DramEcc::in_line}},
                                    "Error correction; inline keeps check bytes in an eighth of the memory",
                                    SYSTOLICA_FIELD(chip.dram.ecc)));
    table.push_back(
        boolean("chip.dram.data", "The memory keeps the bytes that are written", SYSTOLICA_FIELD(chip.dram.data)));
    table.push_back(boolean("chip.dram.dmi", "Direct memory pointers (TLM DMI) are granted; needs data",
                            SYSTOLICA_FIELD(chip.dram.dmi)));
    table.push_back(number("chip.dram.frontend_latency_ns", "ns", 0, 1e6,
                           "Constant from acceptance to first scheduling",
                           SYSTOLICA_FIELD(chip.dram.frontend_latency_ns)));
    table.push_back(number("chip.dram.bandwidth_gb_per_s", "GB/s", 0, 1e6,
                           "Only with model: ideal; all channels together, 0 is unlimited",
                           SYSTOLICA_FIELD(chip.dram.ideal_bytes_per_s), 1e9));
    table.push_back(number("chip.dram.latency_ns", "ns", 0, 1e6, "Only with model: ideal; request to response",
                           SYSTOLICA_FIELD(chip.dram.ideal_latency_ns)));
}

void add_mapping(std::vector<Key>& table) {
    table.push_back(choice<Split>(
        "mapping.split",
        {{"auto", Split::automatic},
         {"channels", Split::channels},
         {"rows", Split::rows},
         {"batch", Split::batch},
         {"pipeline", Split::pipeline}},
        "How an operation is divided over the tiles; pipeline: each runs on one, images flow through them",
        SYSTOLICA_FIELD(mapping.split)));
    table.push_back(whole("mapping.microbatch", "images", 1, 1e6,
                          "Only with split: pipeline; images that pass the tiles together",
                          SYSTOLICA_FIELD(mapping.microbatch)));
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
    table.push_back(choice<BackwardLowering>(
        "mapping.backward_lowering", {{"direct", BackwardLowering::direct}, {"dilated", BackwardLowering::dilated}},
        "Training: zeros between the elements of strided gradients are skipped, or multiplied",
        SYSTOLICA_FIELD(training.backward_lowering)));
}

void add_training(std::vector<Key>& table) {
    table.push_back(choice<Optimizer>("training.optimizer",
                                      {{"momentum_wd", Optimizer::momentum_wd},
                                       {"momentum", Optimizer::momentum},
                                       {"sgd", Optimizer::sgd},
                                       {"adam", Optimizer::adam}},
                                      "How gradients change parameters; momentum_wd: momentum with weight decay",
                                      SYSTOLICA_FIELD(training.optimizer)));
    table.push_back(boolean("training.input_gradient_of_first_layer", "The gradient of the image is computed, too",
                            SYSTOLICA_FIELD(training.input_gradient_of_first_layer)));
    table.push_back(boolean("training.loss", "An iteration has softmax with cross-entropy and its gradient",
                            SYSTOLICA_FIELD(training.loss)));
}

} // namespace

void add_general_keys(std::vector<Key>& table) {
    add_general(table);
}

void add_chip_keys(std::vector<Key>& table) {
    add_dram(table);
}

void add_run_keys(std::vector<Key>& table) {
    add_mapping(table);
    add_training(table);
}

} // namespace systolica::keys
