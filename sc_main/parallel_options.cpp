// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/parallel_options.h"

#include <algorithm>
#include <sstream>

#include "machine/chip_link/chip_network.h"

namespace systolica {

namespace {

constexpr const char* kParallel = "parallel";

// "data=4": how many shares.
std::uint64_t data_shares(const CommandLine& line, std::uint64_t chips) {
    const std::string text = line.text(kParallel);
    if (text.empty() && !line.has(kParallel)) {
        return chips;
    }
    const std::string name = "data=";
    const std::string digits = text.compare(0, name.size(), name) == 0 ? text.substr(name.size()) : "";
    const bool number = !digits.empty() && digits.size() < 6 &&
                        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number) {
        line.refuse("--parallel: expected data=N, got '" + text + "'");
    }
    const std::uint64_t shares = std::stoull(digits);
    if (shares != chips) {
        line.refuse("--parallel: expected data=" + std::to_string(chips) + ", the chips of the system, got '" + text +
                    "'");
    }
    return shares;
}

CollectiveAlgorithm algorithm_of(const CommandLine& line) {
    std::vector<std::string> names;
    for (const CollectiveAlgorithm algorithm : collective_algorithms()) {
        names.emplace_back(collective_algorithm_name(algorithm));
    }
    const std::string name = line.choice("algorithm", names);
    for (const CollectiveAlgorithm algorithm : collective_algorithms()) {
        if (name == collective_algorithm_name(algorithm)) {
            return algorithm;
        }
    }
    return CollectiveAlgorithm::ring;
}

void check_algorithm(const CommandLine& line, const Platform& platform, CollectiveAlgorithm algorithm) {
    const std::string refusal = collective_refusal(ChipNetwork(platform.system), algorithm,
                                                   {CollectiveOp::all_reduce, platform.system.port.chunk_bytes, 1});
    if (!refusal.empty()) {
        line.refuse("--algorithm: " + refusal);
    }
}

} // namespace

void add_parallel_options(CommandLine& line) {
    line.option(kParallel, "data=N", "systems of several chips: shares of the batch, one a chip (the chips)");
    line.option("comm-overlap", "on|off",
                "training on several chips: gradients are added up while the backward pass goes on (on)");
    line.option("algorithm", "NAME", "training on several chips: of the all_reduce, as for collective (ring)");
    line.flag("no-symmetry", "simulates every chip, also where one stands for all exactly");
}

ParallelOptions parallel_options(const CommandLine& line, const Platform& platform, bool training,
                                 std::uint64_t batch) {
    const std::uint64_t chips = platform.system.chips;
    ParallelOptions options;
    options.data = data_shares(line, chips);
    for (const char* name : {"comm-overlap", "algorithm", "no-symmetry"}) {
        const bool only_training = name != std::string("no-symmetry");
        if (line.has(name) && (chips == 1 || (only_training && !training))) {
            line.refuse(std::string("--") + name + ": expected " + (only_training ? "with --mode training " : "") +
                        "on several chips, got " + (chips == 1 ? "a system of one" : "without --mode training"));
        }
    }
    if (batch % options.data != 0) {
        line.refuse("--batch: expected a multiple of " + std::to_string(options.data) +
                    ", the shares of the batch (--parallel), got " + std::to_string(batch));
    }
    options.overlap = line.choice("comm-overlap", {"on", "off"}) == "on";
    options.symmetry = !line.has("no-symmetry");
    options.algorithm = algorithm_of(line);
    if (chips > 1 && training) {
        check_algorithm(line, platform, options.algorithm);
    }
    return options;
}

} // namespace systolica
