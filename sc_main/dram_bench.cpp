// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/dram_bench.h"

#include "base/output_file.h"
#include "sc_main/child_run.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>

namespace systolica {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLines = 20'000;
constexpr std::uint64_t kBytes = std::uint64_t{1} << 30; // what random addresses cover

class TemporaryFolder {
public:
    TemporaryFolder() : path_((fs::temp_directory_path() / "systolica_bench.XXXXXX").string()) {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw OutputError(path_ + ": expected a place for temporary files, got none");
        }
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

// Reads, one after another or anywhere.
void write_trace(const std::string& path, bool random) {
    std::mt19937_64 generator(1);
    OutputFile file(path);
    for (std::uint64_t i = 0; i < kLines; ++i) {
        const std::uint64_t burst = random ? generator() % (kBytes / 32) : i;
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), burst * 32, 16);
        file.append("R 0x");
        file.append({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
        file.append("\n");
    }
    file.close();
}

double requests_per_s(const std::string& trace, const char* passes, const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"dram", "dram_lpddr4_3200", trace, "--json", "--quiet", "--check",
                                       "off",  "--repeat",         passes};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const nlohmann::json summary = nlohmann::json::parse(run_child(arguments));
    const double cpu_s = summary.at("host").at("cpu_s").get<double>();
    return cpu_s > 0 ? summary.at("requests").get<double>() / cpu_s : 0;
}

} // namespace

std::vector<std::pair<std::string, double>> measure_dram_rates() {
    const TemporaryFolder folder;
    const std::string stream = folder.file("stream.trace");
    const std::string random = folder.file("random.trace");
    write_trace(stream, false);
    write_trace(random, true);
    return {
        {"dram_at_stream", requests_per_s(stream, "50", {})},
        {"dram_at_random", requests_per_s(random, "20", {})},
        {"dram_b_transport", requests_per_s(stream, "100", {"--timing", "lt"})},
        {"dram_at_stream_recorded", requests_per_s(stream, "20", {"--commands", "--out", folder.file("recorded")})}};
}

} // namespace systolica
