// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/commands.h"

#include "platforms/collective_simulation.h"
#include "platforms/reader.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/host_meter.h"
#include "sc_main/results.h"
#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <limits>
#include <optional>

namespace systolica {

namespace {

constexpr std::uint64_t kMostBytes = 1ULL << 42U;
constexpr double kLongestSeconds = 4e6; // a simulation holds twice as much

CommandLine collective_line() {
    CommandLine line("collective", "PLATFORM", 1, 1,
                     "One collective operation over the links between the chips of PLATFORM, and nothing else: real\n"
                     "messages that wait for each other and for the links. docs/scale_out.md has the rules and the\n"
                     "closed forms.");
    line.option("op", "NAME", "all_reduce (default), reduce_scatter, all_gather, all_to_all, broadcast");
    line.option("algorithm", "NAME",
                "auto (default: least estimated time), ring, ring_bidir, halving_doubling, binomial, double_binary, "
                "direct, hierarchical_2d");
    line.option("bytes", "N",
                "the vector of each chip (reductions), the result (all_gather), what a chip sends in all (all_to_all), "
                "the message (broadcast)");
    line.option("chunks", "N", "cuts the vector into N parts that follow each other (1)");
    line.option("reduction", "off|on", "on: adding takes the time of the chips' vector units (off)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform, e.g. system.chips=8; repeatable");
    line.option("seed", "N", "of bit errors (0)");
    line.flag("json", "prints JSON instead of the table");
    return line;
}

CollectiveRequest read_request(const CommandLine& line) {
    CollectiveRequest request;
    std::vector<std::string> names;
    for (const CollectiveOp op : collective_ops()) {
        names.emplace_back(collective_op_name(op));
    }
    const std::string name = line.choice("op", names);
    for (const CollectiveOp op : collective_ops()) {
        request.op = name == collective_op_name(op) ? op : request.op;
    }
    if (!line.has("bytes")) {
        line.refuse("--bytes: expected a whole number, got nothing");
    }
    request.bytes = line.number("bytes", 1, kMostBytes, 0);
    request.chunks = line.number("chunks", 1, 1'000'000, 1);
    return request;
}

std::optional<CollectiveAlgorithm> read_algorithm(const CommandLine& line) {
    std::vector<std::string> names{"auto"};
    for (const CollectiveAlgorithm algorithm : collective_algorithms()) {
        names.emplace_back(collective_algorithm_name(algorithm));
    }
    const std::string name = line.choice("algorithm", names);
    for (const CollectiveAlgorithm algorithm : collective_algorithms()) {
        if (name == collective_algorithm_name(algorithm)) {
            return algorithm;
        }
    }
    return std::nullopt;
}

Platform read_system(const CommandLine& line) {
    Platform platform = read_platform(line.positionals()[0], line.texts("set"));
    if (platform.system.chips < 2) {
        const auto origin = platform.origins.find("system.chips");
        throw InputError(origin == platform.origins.end() ? Location{platform.file, 0, 0} : origin->second.where,
                         "system.chips", "expected at least 2 chips for a collective, got 1");
    }
    return platform;
}

// What a simulation cannot hold: times, and lengths of TLM payloads.
void check_sizes(const CommandLine& line, const SystemConfig& system, const CollectiveSchedule& schedule) {
    double seconds = 0;
    for (const CollectiveMessage& message : schedule) {
        if (message.bytes > std::numeric_limits<std::uint32_t>::max()) {
            line.refuse("--bytes: expected messages of less than 4 GiB (--chunks makes more of them), got one of " +
                        std::to_string(message.bytes) + " bytes");
        }
        seconds += static_cast<double>(message.bytes) / static_cast<double>(system.link.direction_bytes_per_s()) +
                   3e-9 * system.link.latency_ns;
    }
    if (seconds > kLongestSeconds) {
        line.refuse("expected a collective of less than " + fixed(kLongestSeconds, 0) +
                    " s (all messages one after the other), got " + fixed(seconds, 0) + " s");
    }
}

void print_result(const Platform& platform, const CollectiveRequest& request, const char* algorithm,
                  const CollectiveSchedule& schedule, const CollectiveResult& result) {
    const double ns = static_cast<double>(result.end_ps) / 1000;
    const double sent = static_cast<double>(request.bytes);
    std::cout << collective_op_name(request.op) << " of " << grouped(request.bytes) << " bytes over "
              << platform.system.chips << " chips of " << platform.name << ", " << algorithm << "\n\n";
    TextTable table;
    table.column("result", TextTable::Align::left);
    table.column("value");
    table.column("unit", TextTable::Align::left);
    table.row({"time", fixed(ns, 3), "ns"});
    table.row({"bytes / time", fixed(sent / ns, 3), "GB/s"});
    table.row({"messages", grouped(schedule.size()), "between chips"});
    table.row({"hops", grouped(result.transactions), "messages over one link each"});
    table.row({"most bytes on a link", grouped(result.most_link_bytes()), "bytes in one direction"});
    const double peak = static_cast<double>(platform.system.link.direction_bytes_per_s()) / 1e9;
    if (platform.system.link.bit_error_rate > 0) {
        table.row({"sent again", grouped(result.resent_flits), "flits"});
    }
    table.row({"busiest link in use", percent(static_cast<double>(result.most_link_bytes()) / ns, peak), "%"});
    table.print(std::cout);
}

} // namespace

int collective_command(const Arguments& arguments) {
    HostMeter meter;
    CommandLine line = collective_line();
    if (!line.parse(arguments)) {
        return kDone;
    }
    const CollectiveRequest request = read_request(line);
    const std::optional<CollectiveAlgorithm> algorithm = read_algorithm(line);
    const bool reduces = line.choice("reduction", {"off", "on"}) == "on";
    Platform platform = read_system(line);
    platform.system.link.seed = line.number("seed", 0, std::numeric_limits<std::uint64_t>::max(), 0);
    const ChipNetwork network(platform.system);
    const Reduction reduction = reduces ? Reduction(platform.chip) : Reduction();
    const CollectivePlan plan = plan_collective(network, platform.system.link, reduction, algorithm, request);
    if (!plan.refusal.empty()) {
        line.refuse(plan.refusal);
    }
    const CollectiveSchedule& schedule = plan.schedule;
    check_sizes(line, platform.system, schedule);

    CollectiveSimulation simulation(network, platform.system.link, reduction, schedule);
    meter.begin_simulation();
    const CollectiveResult result = simulation.run();
    meter.end_simulation();
    if (result.errors != 0 || !result.complete) {
        std::cerr << "systolica: collective: "
                  << (result.errors != 0 ? "links refused messages" : "deadlock: messages wait for each other") << "\n";
        return result.errors != 0 ? kSimulationError : kNotFinished;
    }
    const char* name = collective_algorithm_name(plan.algorithm);
    if (!line.has("json")) {
        print_result(platform, request, name, schedule, result);
        return kDone;
    }
    nlohmann::ordered_json json;
    json["platform"] = platform.name;
    json["chips"] = platform.system.chips;
    json["op"] = collective_op_name(request.op);
    json["algorithm"] = name;
    json["bytes"] = request.bytes;
    json["time_ns"] = static_cast<double>(result.end_ps) / 1000;
    json["bytes_per_link"] = result.most_link_bytes();
    json["messages"] = schedule.size();
    json["resent_flits"] = result.resent_flits;
    json["host"] = meter.usage(result.transactions).json();
    std::cout << json_text(json);
    return kDone;
}

} // namespace systolica
