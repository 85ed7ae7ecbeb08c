// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/noc_results.h"

#include "sc_main/text_table.h"

#include <nlohmann/json.hpp>

#include <ostream>

namespace systolica {

using Json = nlohmann::ordered_json;

namespace {

const char* level_name(NocLevel level) {
    return level == NocLevel::flit ? "flit" : "packet";
}

double busiest_share(const NocTrafficResult& result) {
    const std::uint64_t cycles = result.traffic.makespan_cycles;
    return cycles == 0 ? 0 : static_cast<double>(result.busiest_link_flits) / static_cast<double>(cycles);
}

} // namespace

Json noc_summary_json(const NocNames& names, const NocTrafficResult& result, const HostUsage& host) {
    const TrafficResult& traffic = result.traffic;
    Json out;
    out["platform"] = names.platform;
    out["traffic"] = names.traffic;
    out["level"] = level_name(names.level);
    out["packets"] = traffic.packets;
    out["avg_packet_latency_cycles"] = traffic.avg_packet_latency_cycles;
    out["min_packet_latency_cycles"] = traffic.min_packet_latency_cycles;
    out["avg_routers"] = traffic.avg_routers;
    out["accepted_flits_per_node_cycle"] = traffic.accepted_flits_per_node_cycle;
    out["makespan_cycles"] = traffic.makespan_cycles;
    out["stable"] = traffic.stable;
    out["delivered_packets"] = traffic.all_packets;
    out["delivered_flits"] = traffic.all_flits;
    out["packet_hops"] = traffic.all_packet_hops;
    out["busiest_link"] = result.busiest_link;
    out["busiest_link_flits"] = result.busiest_link_flits;
    out["host"] = host.simulation_json();
    return out;
}

void print_noc_result(std::ostream& out, const NocNames& names, const NocTrafficResult& result) {
    const TrafficResult& traffic = result.traffic;
    out << names.traffic << " on " << names.platform << ", " << names.load << ", " << level_name(names.level)
        << " level: " << (traffic.stable ? "stable" : "not stable: latencies grow without end") << "\n"
        << "latency: " << fixed(traffic.avg_packet_latency_cycles, 2) << " cycles on average, "
        << grouped(traffic.min_packet_latency_cycles) << " at least, of " << grouped(traffic.packets)
        << " packets measured over " << fixed(traffic.avg_routers, 2) << " routers on average\n"
        << "throughput: " << fixed(traffic.accepted_flits_per_node_cycle, 4) << " flits per node and cycle; "
        << grouped(traffic.all_packets) << " packets of " << grouped(traffic.all_flits) << " flits in "
        << grouped(traffic.makespan_cycles) << " cycles\n";
    if (!result.busiest_link.empty()) {
        out << "busiest link: " << result.busiest_link << ", " << percent(busiest_share(result), 1)
            << " % of the cycles\n";
    }
}

} // namespace systolica
