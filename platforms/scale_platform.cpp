// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/scale_platform.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/integer.h"

namespace systolica {

namespace {

constexpr std::uint64_t kWidest = 4096; // port_bytes and flit_bytes
constexpr std::uint64_t kMostChannels = 64;

std::uint64_t power_of_two_from(std::uint64_t least) {
    std::uint64_t value = 1;
    while (value < least && value < kWidest) {
        value *= 2;
    }
    return value;
}

class Settings {
public:
    template <class Value>
    void set(const std::string& key, const Value& value) {
        std::ostringstream text;
        text << key << "=" << value;
        list_.push_back(text.str());
    }
    std::vector<std::string> take() { return std::move(list_); }

private:
    std::vector<std::string> list_;
};

// Columns and rows of routers, as square as powers of two can be.
void set_mesh(Settings& settings, std::uint64_t tiles) {
    std::uint64_t columns = 1;
    while (columns * columns < tiles) {
        columns *= 2;
    }
    settings.set("chip.tiles", tiles);
    settings.set("chip.noc.columns", columns);
    settings.set("chip.noc.rows", tiles / columns);
}

} // namespace

std::vector<std::string> scale_settings(const Platform& base, const ArrayBudgetShape& shape,
                                        const std::string& dataflow, std::optional<double> bandwidth_gb_per_s) {
    const ChipConfig& chip = base.chip;
    const std::uint64_t tiles = shape.partitions();
    const std::uint64_t lanes = std::max<std::uint64_t>(1, chip.tile.vector_unit.lanes * chip.tiles / tiles);
    std::uint64_t flit = power_of_two_from(
        std::max<std::uint64_t>(chip.noc.flit_bytes, ceil_div(std::uint64_t{chip.noc.flit_bytes} * chip.tiles, tiles)));
    // Twice the bandwidth at the memory's entrances to the network: it is not the network that limits there.
    const double bytes_per_cycle = bandwidth_gb_per_s.value_or(0) * 2e3 / chip.clock_mhz;
    const auto channels = [&] {
        return static_cast<std::uint64_t>(std::ceil(bytes_per_cycle / static_cast<double>(flit)));
    };
    while (channels() > kMostChannels && flit < kWidest) {
        flit *= 2;
    }
    Settings settings;
    set_mesh(settings, tiles);
    settings.set("chip.noc.flit_bytes", flit);
    settings.set("tile.pe_array.rows", shape.rows);
    settings.set("tile.pe_array.cols", shape.cols);
    settings.set("tile.pe_array.dataflow", dataflow);
    settings.set("tile.vector_unit.lanes", lanes);
    const std::uint64_t side = std::max(shape.rows, shape.cols);
    const std::uint64_t accumulator = chip.precision.accumulator_bytes();
    const std::uint64_t operand = std::max(chip.precision.activation_bytes(), chip.precision.weight_bytes());
    for (std::size_t i = 0; i < kPads; ++i) {
        const Pad pad = static_cast<Pad>(i);
        const std::string path = std::string("tile.scratchpad.") + pad_name(pad);
        // In a cycle: an edge of the array read and one written, the lanes' operands and results, a flit in and out.
        const std::uint64_t array = pad == Pad::vector ? 0 : 2 * side * (pad == Pad::ofmap ? accumulator : operand);
        const std::uint64_t need = array + 3 * lanes * accumulator + 2 * flit;
        const std::uint64_t port = power_of_two_from(ceil_div(need, chip.tile.pad(pad).banks));
        const std::uint64_t kib = chip.tile.pad(pad).capacity_bytes * chip.tiles / tiles / 1024;
        const std::uint64_t least = ceil_div(4 * port, 1024); // the vector scratchpad is two rings of two words
        const std::uint64_t unit = std::max<std::uint64_t>(1, port / 1024);
        settings.set(path + ".capacity_kib", ceil_div(std::max(kib, least), unit) * unit);
        settings.set(path + ".port_bytes", port);
    }
    if (bandwidth_gb_per_s) {
        settings.set("chip.dram.model", "ideal");
        settings.set("chip.dram.bandwidth_gb_per_s", *bandwidth_gb_per_s);
        settings.set("chip.dram.channels", std::min(kMostChannels, power_of_two_from(channels())));
    }
    return settings.take();
}

} // namespace systolica
