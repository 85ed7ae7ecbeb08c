// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/results.h"

#include "base/csv_writer.h"

#include <nlohmann/json.hpp>

namespace systolica {

using Json = nlohmann::ordered_json;

namespace {

void add_parallel(const RunResult& result, Json& out) {
    if (result.parallel) {
        out["chips"] = result.parallel->chips;
        out["parallel"] = Json{{"data", result.parallel->data}, {"tensor", result.parallel->tensor}};
        out["symmetry"] =
            Json{{"chips_simulated", result.parallel->chips_simulated}, {"note", result.parallel->symmetry}};
    }
    if (result.communication) {
        const CommunicationResult& it = *result.communication;
        Json links = Json::array();
        for (const CommunicationResult::Link& link : it.links) {
            links.push_back(Json{{"link", link.name}, {"bytes", link.bytes}, {"utilization", link.utilization}});
        }
        out["communication"] = Json{{"algorithm", it.algorithm},
                                    {"overlap", it.overlap},
                                    {"buckets", it.buckets},
                                    {"chunks", it.chunks},
                                    {"vector_bytes", it.vector_bytes},
                                    {it.gradients ? "gradient_bytes" : "exchanged_bytes", it.sent_bytes},
                                    {"messages", it.messages},
                                    {"exposed_cycles", it.exposed_cycles},
                                    {"hidden_cycles", it.hidden_cycles},
                                    {"memory_read_bytes", it.memory_read_bytes},
                                    {"memory_write_bytes", it.memory_write_bytes},
                                    {"links", links}};
    }
}

} // namespace

Json summary_json(const RunResult& result, const HostUsage& host) {
    Json out;
    out["platform"] = result.platform;
    out["workload"] = result.workload;
    out["mode"] = result.mode;
    out["batch"] = result.batch;
    out["clock_mhz"] = result.clock_mhz;
    out["pes"] = result.pes;
    out["cycles"] = result.cycles;
    out["time_s"] = result.time_s;
    out["macs"] = result.macs;
    out["utilization"] = result.utilization;
    out["samples_per_s"] = result.samples_per_s;
    out["compute_cycles"] = result.compute_cycles;
    out["vector_cycles"] = result.vector_cycles;
    out["stall_load"] = result.stall_load;
    out["stall_store"] = result.stall_store;
    out["stall_scratchpad"] = result.stall_scratchpad;
    out["stall_dependency"] = result.stall_dependency;
    out["limited_by"] = result.limited_by;
    out["dram"] =
        Json{{"read_bytes", result.dram.read_bytes},       {"write_bytes", result.dram.write_bytes},
             {"bus_bytes", result.dram.bus_bytes},         {"bandwidth_gb_per_s", result.dram.bandwidth_gb_per_s},
             {"peak_gb_per_s", result.dram.peak_gb_per_s}, {"row_hit_rate", result.dram.row_hit_rate},
             {"activates", result.dram.activates},         {"refreshes", result.dram.refreshes},
             {"refresh_share", result.dram.refresh_share}};
    Json channels = Json::array();
    for (const DramResult::Channel& channel : result.dram.channels) {
        channels.push_back(
            Json{{"bandwidth_gb_per_s", channel.bandwidth_gb_per_s}, {"row_hit_rate", channel.row_hit_rate}});
    }
    out["dram"]["channels"] = channels;
    if (result.dram.core_nj) {
        out["dram"]["energy_nj"] = Json{{"core", *result.dram.core_nj}, {"io", *result.dram.io_nj}};
    }
    out["noc"] = Json{{"bytes", result.noc.bytes},
                      {"packets", result.noc.packets},
                      {"packet_hops", result.noc.packet_hops},
                      {"exchanged_bytes", result.noc.exchanged_bytes}};
    Json links = Json::array();
    for (const NocResult::Link& link : result.noc.hottest_links) {
        links.push_back(Json{{"link", link.name}, {"utilization", link.utilization}});
    }
    out["noc"]["hottest_links"] = links;
    if (result.training) {
        const TrainingResult& training = *result.training;
        out["training"] =
            Json{{"micro_batches", training.micro_batches},     {"optimizer", training.optimizer},
                 {"kept_bytes", training.kept_bytes},           {"peak_bytes", training.peak_bytes},
                 {"peak_operation", training.peak_operation},   {"kept_write_bytes", training.kept_write_bytes},
                 {"kept_read_bytes", training.kept_read_bytes}, {"forward_cycles", training.forward_cycles},
                 {"backward_cycles", training.backward_cycles}, {"update_cycles", training.update_cycles}};
    }
    add_parallel(result, out);
    if (result.fast_forward) {
        out["fast_forward"] = Json{{"paced_cycles", result.fast_forward->paced_cycles},
                                   {"paced_bytes", result.fast_forward->paced_bytes},
                                   {"windows", result.fast_forward->windows}};
    }
    out["warnings"] = result.warnings;
    out["host"] = host.json();
    return out;
}

std::string layers_csv(const RunResult& result) {
    CsvWriter csv;
    for (const char* title : {"index",
                              "name",
                              "op",
                              "pass",
                              "m",
                              "n",
                              "k",
                              "macs",
                              "start_cycle",
                              "end_cycle",
                              "cycles",
                              "compute_cycles",
                              "utilization",
                              "limited_by",
                              "stall_load",
                              "stall_store",
                              "stall_scratchpad",
                              "stall_dependency",
                              "sram_ifmap_reads",
                              "sram_filter_reads",
                              "sram_ofmap_writes",
                              "dram_read_bytes",
                              "dram_write_bytes"}) {
        csv.text(title);
    }
    csv.end_row();
    for (const OperationResult& row : result.operations) {
        csv.number(row.index).text(row.name).text(row.op).text(row.pass);
        csv.number(row.m).number(row.n).number(row.k).number(row.macs);
        csv.number(row.start_cycle).number(row.end_cycle).number(row.cycles).number(row.compute_cycles);
        csv.number(row.utilization, 6).text(row.limited_by);
        csv.number(row.stall_load).number(row.stall_store).number(row.stall_scratchpad).number(row.stall_dependency);
        csv.number(row.sram_ifmap_reads).number(row.sram_filter_reads).number(row.sram_ofmap_writes);
        csv.number(row.dram_read_bytes).number(row.dram_write_bytes);
        csv.end_row();
    }
    return csv.str();
}

// Names come from files of users: bytes that are not UTF-8 are replaced instead of thrown over.
std::string json_text(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace systolica
