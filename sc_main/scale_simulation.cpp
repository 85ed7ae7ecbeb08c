// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/scale_simulation.h"

#include "base/strict_yaml.h"
#include "platforms/reader.h"
#include "platforms/scale_platform.h"
#include "platforms/simulation.h"
#include "sc_main/child_run.h"
#include "workloads/csv_cells.h"

#include <nlohmann/json.hpp>

#include <stdlib.h> // mkdtemp

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace systolica {

namespace {

// Every partition more shares memory and network with the others: once two candidates in a row are clearly slower,
// those with more partitions are taken to be, too.
constexpr unsigned kSlowerInARow = 2;
constexpr double kSlower = 1.05;

// The first problem of a mapping: one line.
std::string refusal_of(const Platform& platform, const Graph& workload) {
    try {
        check_mapping(platform, workload);
        return "";
    } catch (const InputError& error) {
        const Problem& first = error.problems().list().front();
        return (first.key.empty() ? "" : first.key + ": ") + first.message;
    }
}

// A folder for the results of a child, gone with it.
class ScratchFolder {
public:
    ScratchFolder() : path_((std::filesystem::temp_directory_path() / "systolica-scale-XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder in " + std::filesystem::temp_directory_path().string());
        }
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

std::map<std::string, SimulatedLayer> layers_of(const std::string& file) {
    Problems problems;
    const std::vector<CsvRow> rows = csv_rows(read_text_file(file), file, problems);
    const auto column = [&](const char* title) {
        const auto at =
            std::find_if(rows[0].begin(), rows[0].end(), [&](const CsvCell& it) { return it.text == title; });
        return static_cast<std::size_t>(at - rows[0].begin());
    };
    const auto number = [&](const CsvRow& row, const char* title) {
        return std::uint64_t{std::stoull(row.at(column(title)).text)};
    };
    std::map<std::string, SimulatedLayer> layers;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        layers[rows[i].at(column("name")).text] = {number(rows[i], "cycles"), number(rows[i], "dram_read_bytes") +
                                                                                  number(rows[i], "dram_write_bytes")};
    }
    return layers;
}

void run_candidate(const ScaleRequest& request, const std::vector<std::string>& sets, SimulatedCandidate& candidate) {
    const ScratchFolder folder;
    std::vector<std::string> arguments{"run", request.platform, request.workload, "--json", "--no-progress"};
    arguments.insert(arguments.end(), {"--batch", std::to_string(request.batch), "--out", folder.file("result")});
    for (const std::string& set : sets) {
        arguments.insert(arguments.end(), {"--set", set});
    }
    const auto summary = nlohmann::json::parse(run_child(arguments));
    candidate.total.cycles = summary["cycles"].get<std::uint64_t>();
    candidate.total.dram_bytes =
        summary["dram"]["read_bytes"].get<std::uint64_t>() + summary["dram"]["write_bytes"].get<std::uint64_t>();
    candidate.limited_by = summary["limited_by"].get<std::string>();
    candidate.layers = layers_of(folder.file("result/layers.csv"));
}

} // namespace

std::vector<SimulatedCandidate> simulate_front(const ScaleRequest& request, const Platform& base, const Graph& workload,
                                               const ScaleRanking& total) {
    std::vector<SimulatedCandidate> front;
    std::uint64_t least = 0;
    unsigned slower = 0; // in a row
    for (const ScaleCandidate& candidate : scale_front(total.scale_up, total.scale_out)) {
        SimulatedCandidate simulated;
        simulated.candidate = candidate;
        if (slower >= kSlowerInARow && !request.all) {
            simulated.skipped = true;
            front.push_back(std::move(simulated));
            continue;
        }
        std::vector<std::string> sets = request.sets;
        for (std::string& set : scale_settings(base, candidate.shape, total.dataflow, request.bandwidth_gb_per_s)) {
            sets.push_back(std::move(set));
        }
        simulated.refusal = refusal_of(read_platform(request.platform, sets), workload);
        if (simulated.refusal.empty()) {
            run_candidate(request, sets, simulated);
            const std::uint64_t cycles = simulated.total.cycles;
            least = least == 0 ? cycles : std::min(least, cycles);
            slower = static_cast<double>(cycles) > kSlower * static_cast<double>(least) ? slower + 1 : 0;
        }
        front.push_back(std::move(simulated));
    }
    return front;
}

const SimulatedCandidate* sweet_spot(const std::vector<SimulatedCandidate>& front) {
    const SimulatedCandidate* best = nullptr;
    for (const SimulatedCandidate& candidate : front) {
        if (candidate.simulated() && (best == nullptr || candidate.total.cycles < best->total.cycles)) {
            best = &candidate;
        }
    }
    return best;
}

} // namespace systolica
