// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// systolica noc PLATFORM
#include "sc_main/commands.h"

#include "platforms/noc_traffic.h"
#include "platforms/reader.h"
#include "sc_main/command_line.h"
#include "sc_main/exit_codes.h"
#include "sc_main/host_meter.h"
#include "sc_main/noc_results.h"
#include "sc_main/results.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace systolica {

namespace {

constexpr std::uint64_t kMostPackets = 50'000'000;  // of a batch or of all passes: some 10 GB
constexpr std::uint64_t kMostFlits = 1'000'000'000; // of a tile
constexpr std::uint64_t kMostSeed = 0xffff'ffff;

const std::vector<std::pair<std::string, TrafficPattern>>& patterns() {
    static const std::vector<std::pair<std::string, TrafficPattern>> list{
        {"uniform", TrafficPattern::uniform},     {"transpose", TrafficPattern::transpose},
        {"tornado", TrafficPattern::tornado},     {"bit_complement", TrafficPattern::bit_complement},
        {"neighbour", TrafficPattern::neighbour}, {"hotspot", TrafficPattern::hotspot}};
    return list;
}

CommandLine noc_line() {
    CommandLine line(
        "noc", "PLATFORM", 1, 1,
        "Sends packets between the tiles of PLATFORM through its network alone. Open loop: every tile creates\n"
        "packets at random, whatever the network takes, and latencies are sampled until they settle. Closed\n"
        "batch (--flits-per-node): every tile sends so much as fast as it goes. A traffic file has a packet\n"
        "on each line, CYCLE SOURCE DESTINATION FLITS, in order of cycles; a multicast names several\n"
        "destinations (1,2,5 or all), a reduction several sources and ends in the word reduce.");
    line.option("traffic", "PATTERN|FILE",
                "uniform (default), transpose, bit_complement, neighbour, tornado, hotspot, or a traffic file");
    line.option("rate", "R", "open loop: flits created per tile and cycle, up to 1 (0.1)");
    line.option("packet-flits", "N", "flits of a packet, header included (4)");
    line.option("flits-per-node", "N", "closed batch of so many flits a tile, rounded up to packets");
    line.option("multicast", "on|off",
                "traffic file: multicasts and reductions in the network (on), or as single packets one by one");
    line.option("repeat", "N", "so many batches or passes over the file back to back; open loop: longer samples (1)");
    line.option("seed", "N", "of random numbers (1)");
    line.list("set", "KEY=VALUE", "overrides a key of the platform, e.g. chip.noc.level=flit; repeatable");
    line.flag("json", "prints the summary as JSON");
    return line;
}

void refuse_together(const CommandLine& line, const std::vector<std::string>& options, const std::string& with) {
    for (const std::string& option : options) {
        if (line.has(option)) {
            line.refuse("--" + option + ": expected without " + with + ", got both");
        }
    }
}

void refuse_more_packets(const CommandLine& line, std::uint64_t packets) {
    if (packets > kMostPackets) {
        line.refuse("--repeat, --flits-per-node: expected at most " + std::to_string(kMostPackets) +
                    " packets in all, got " + std::to_string(packets));
    }
}

class Traffic {
public:
    Traffic(const CommandLine& line, const Platform& platform) : line_(line), tiles_(platform.chip.tiles) {
        options_.seed = line.number("seed", 0, kMostSeed, 1);
        options_.repeat = static_cast<unsigned>(line.number("repeat", 1, 1'000'000, 1));
        names_ = {platform.name, line.text("traffic", "uniform"), "", platform.chip.noc.level};
        for (const auto& [name, pattern] : patterns()) {
            if (name == names_.traffic) {
                options_.pattern = pattern;
            }
        }
        if (options_.pattern) {
            refuse_together(line, {"multicast"}, "a pattern");
            read_load(platform);
        } else {
            read_file();
        }
    }

    const NocTrafficOptions& options() const { return options_; }
    const NocNames& names() const { return names_; }

private:
    void read_load(const Platform& platform) {
        const std::string problem = NocTraffic::problem(platform, *options_.pattern);
        if (!problem.empty()) {
            line_.refuse("--traffic " + names_.traffic + ": " + problem);
        }
        options_.packet_flits =
            static_cast<unsigned>(line_.number("packet-flits", 1, TrafficFile::kMostFlits, options_.packet_flits));
        names_.load = std::to_string(options_.packet_flits) + "-flit packets, ";
        if (!line_.has("flits-per-node")) {
            options_.flits_per_node_cycle = line_.fraction("rate", options_.flits_per_node_cycle);
            names_.load += line_.text("rate", "0.1") + " flits per node and cycle";
            return;
        }
        refuse_together(line_, {"rate"}, "--flits-per-node");
        const std::uint64_t flits = line_.number("flits-per-node", 1, kMostFlits, 1);
        const std::uint64_t packets = (flits + options_.packet_flits - 1) / options_.packet_flits;
        refuse_more_packets(line_, packets * tiles_ * options_.repeat);
        if (packets * options_.packet_flits * options_.repeat > kMostFlits) {
            line_.refuse("--flits-per-node: expected at most " + std::to_string(kMostFlits) +
                         " flits a tile in all, got more");
        }
        options_.flits_per_node = static_cast<unsigned>(packets * options_.packet_flits);
        names_.load += std::to_string(options_.flits_per_node) + " flits per node at once";
    }

    void read_file() {
        const std::string& path = names_.traffic;
        std::error_code error;
        if (path.find_first_of("/.") == std::string::npos && !std::filesystem::exists(path, error)) {
            std::vector<std::string> known;
            std::string all;
            for (const auto& [name, pattern] : patterns()) {
                known.push_back(name);
                all += name + ", ";
            }
            line_.refuse("--traffic: expected " + all + "or a file, got '" + one_line(path) + "'" +
                         suggestion(path, known));
        }
        refuse_together(line_, {"rate", "packet-flits", "flits-per-node"}, "a traffic file");
        options_.multicast = line_.choice("multicast", {"on", "off"}) == "on";
        options_.packets = read_traffic(path, tiles_);
        refuse_more_packets(line_, packets_of(options_.packets) * options_.repeat);
        names_.traffic = std::filesystem::path(path).filename().string();
        names_.load = std::to_string(options_.packets.size()) + " packets";
    }

    const CommandLine& line_;
    const unsigned tiles_;
    NocTrafficOptions options_;
    NocNames names_;
};

Platform read_network(const CommandLine& line) {
    Platform platform = read_platform(line.positionals()[0], line.texts("set"));
    if (platform.chip.dram.model == DramModel::private_ports) {
        throw InputError({platform.file, 0, 0}, "chip.dram.model",
                         "expected controller or ideal, got private: such a chip has no network");
    }
    return platform;
}

} // namespace

int noc_command(const Arguments& arguments) {
    HostMeter meter;
    CommandLine line = noc_line();
    if (!line.parse(arguments)) {
        return kDone;
    }
    const Platform platform = read_network(line);
    const Traffic traffic(line, platform);
    NocTraffic simulation(platform, traffic.options());
    meter.begin_simulation();
    simulation.run();
    meter.end_simulation();
    const NocTrafficResult& result = simulation.result();
    if (line.has("json")) {
        const HostUsage host = meter.usage(result.traffic.all_packets);
        std::cout << json_text(noc_summary_json(traffic.names(), result, host));
    } else {
        print_noc_result(std::cout, traffic.names(), result);
    }
    return kDone;
}

} // namespace systolica
