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

void add_links(std::vector<Key>& table) {
    table.push_back(number("system.link.bandwidth_gb_per_s", "GB/s", 0.001, 10000, "Of one lane in one direction",
                           SYSTOLICA_FIELD(system.link.bytes_per_s), 1e9));
    table.push_back(number("system.link.latency_ns", "ns", 0, 1e9, "Of a message, from one chip to the next",
                           SYSTOLICA_FIELD(system.link.latency_ns)));
    table.push_back(whole_or_word("system.link.credits", "flits", "auto", 1, 1e9,
                                  "Room at the receiver; auto: 2 x latency x bandwidth, so that the link never waits",
                                  SYSTOLICA_FIELD(system.link.credits)));
    table.push_back(whole("system.link.lanes", "lanes", 1, 256, "Lanes of a direction, over which a message spreads",
                          SYSTOLICA_FIELD(system.link.lanes)));
    table.push_back(whole("system.link.flit_bytes", "B", 1, 65536, "What a credit stands for",
                          SYSTOLICA_FIELD(system.link.flit_bytes)));
    table.push_back(number("system.link.bit_error_rate", "", 0, 1e-3,
                           "Of each bit on the link; a flit with an error is sent again",
                           SYSTOLICA_FIELD(system.link.bit_error_rate)));
}

void add_exchange(std::vector<Key>& table) {
    table.push_back(whole("system.bucket_kib", "KiB", 1, 1 << 20, "Training: gradients that are added up together",
                          SYSTOLICA_FIELD(system.bucket_bytes), 1024));
    table.push_back(whole("system.port.router", "", 0, 4095, "Router at which the port of the links enters the network",
                          SYSTOLICA_FIELD(system.port.router)));
    table.push_back(whole("system.port.buffer_kib", "KiB", 1, 1 << 20, "Gradients that the port holds at once",
                          SYSTOLICA_FIELD(system.port.buffer_bytes), 1024));
    table.push_back(whole("system.port.chunk_kib", "KiB", 1, 1 << 20,
                          "Parts of a bucket that go around on their own, at most the buffer",
                          SYSTOLICA_FIELD(system.port.chunk_bytes), 1024));
}

} // namespace

void add_system_keys(std::vector<Key>& table) {
    table.push_back(
        whole("system.chips", "chips", 1, kMostChips, "Chips of the system, all alike", SYSTOLICA_FIELD(system.chips)));
    table.push_back(choice<ChipTopology>("system.topology",
                                         {{"ring", ChipTopology::ring},
                                          {"mesh", ChipTopology::mesh},
                                          {"torus", ChipTopology::torus},
                                          {"full", ChipTopology::full},
                                          {"switch", ChipTopology::fabric},
                                          {"custom", ChipTopology::custom}},
                                         "What chips are joined to (scale_out.md)", SYSTOLICA_FIELD(system.topology)));
    for (const bool columns : {true, false}) {
        Key side = whole(
            columns ? "system.columns" : "system.rows", "chips", 1, kMostChips,
            std::string("Only with topology: mesh or torus; ") + (columns ? "columns" : "rows") + " of chips",
            [columns](auto& platform) -> auto& { return columns ? platform.system.columns : platform.system.rows; });
        side.standard = "as square as possible";
        table.push_back(std::move(side));
    }
    add_links(table);
    add_exchange(table);
    Key links = row("system.links", KeyType::pairs,
                    "Only with topology: custom; pairs of chips, each joined by a link in both directions");
    links.most = kMostChips - 1;
    links.standard = "none";
    links.store = [](Platform& platform, const KeyValue& value) { platform.system.links = std::get<KeyPairs>(value); };
    links.load = [](const Platform& platform) -> KeyValue { return platform.system.links; };
    table.push_back(std::move(links));
}

} // namespace systolica::keys
