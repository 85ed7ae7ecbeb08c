// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/parallel_options.h"

#include <algorithm>
#include <sstream>

namespace systolica {

namespace {

constexpr const char* kParallel = "parallel";

std::uint64_t whole_number(const std::string& digits) {
    const bool number = !digits.empty() && digits.size() < 6 &&
                        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return number ? std::stoull(digits) : 0;
}

// "data=4,tensor=2".
void read_shares(const CommandLine& line, std::uint64_t chips, bool training, ParallelOptions& options) {
    if (!line.has(kParallel)) {
        options.data = chips;
        return;
    }
    const std::string all = line.text(kParallel);
    std::istringstream parts(all);
    for (std::string part; std::getline(parts, part, ',');) {
        const std::size_t equals = part.find('=');
        const std::string name = part.substr(0, equals);
        const std::uint64_t shares = equals == std::string::npos ? 0 : whole_number(part.substr(equals + 1));
        if (shares == 0 || (name != "data" && name != "tensor")) {
            line.refuse("--parallel: expected data=N or tensor=N, got '" + all + "'");
        }
        (name == "data" ? options.data : options.tensor) = shares;
    }
    if (options.chips() != chips) {
        line.refuse("--parallel: expected shares that make the " + std::to_string(chips) +
                    " chips of the system, got '" + all + "'");
    }
    if (options.data > 1 && options.tensor > 1) {
        line.refuse("--parallel: expected either data or tensor above 1, got '" + all + "'");
    }
    if (training && options.tensor > 1) {
        line.refuse("--parallel: expected tensor=1 with --mode training, got '" + all + "'");
    }
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

void check_algorithm(const CommandLine& line, const Platform& platform, const ParallelOptions& options) {
    if (const std::string refusal = exchange_refusal(platform, options); !refusal.empty()) {
        line.refuse("--algorithm: " + refusal);
    }
}

} // namespace

void add_parallel_options(CommandLine& line) {
    line.option(kParallel, "data=N|tensor=N",
                "systems of several chips: shares of the batch (data, the default), or in inference of the channels of "
                "every product (tensor); one a chip");
    line.option("comm-overlap", "on|off",
                "training on several chips: gradients are added up while the backward pass goes on (on)");
    line.option(
        "algorithm", "NAME",
        "several chips: of the all_reduce of gradients, or of the all_gather of tensors, as for collective (ring)");
    line.flag("no-symmetry", "simulates every chip, also where one stands for all exactly");
}

ParallelOptions parallel_options(const CommandLine& line, const Platform& platform, bool training,
                                 std::uint64_t batch) {
    const std::uint64_t chips = platform.system.chips;
    ParallelOptions options;
    read_shares(line, chips, training, options);
    const bool exchange = chips > 1 && (training || options.tensor > 1);
    if (line.has("no-symmetry") && chips == 1) {
        line.refuse("--no-symmetry: expected on several chips, got a system of one");
    }
    if (line.has("comm-overlap") && !(chips > 1 && training)) {
        line.refuse("--comm-overlap: expected with training on several chips, got without");
    }
    if (line.has("algorithm") && !exchange) {
        line.refuse("--algorithm: expected with training or tensor shares on several chips, got without");
    }
    if (batch % options.data != 0) {
        line.refuse("--batch: expected a multiple of " + std::to_string(options.data) +
                    ", the shares of the batch (--parallel), got " + std::to_string(batch));
    }
    options.overlap = line.choice("comm-overlap", {"on", "off"}) == "on";
    options.symmetry = !line.has("no-symmetry");
    options.algorithm = algorithm_of(line);
    if (exchange) {
        check_algorithm(line, platform, options);
    }
    return options;
}

} // namespace systolica
