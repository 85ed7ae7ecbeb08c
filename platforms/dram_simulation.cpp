// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_simulation.h"

#include <deque>

#include <systemc>

#include "machine/dram/command_checker.h"
#include "machine/dram/command_trace.h"
#include "models/dram/dram_channel.h"
#include "models/dram/energy_report.h"
#include "models/dram/trace_player.h"

namespace systolica {

namespace {

// Simulated time between looks at the user's wishes. Slicing does not change what happens.
constexpr std::uint64_t kSlicePs = 20'000'000;
// Of idle time: some 25,000 refreshes.
constexpr std::uint64_t kLongSlicePs = 100'000'000'000;

// A trace has no data: none are kept, which takes no time away.
DramConfig without_data(DramConfig config) {
    config.data = false;
    config.dmi = false;
    return config;
}

DramTracePlayer::Params player_params(const DramConfig& config, const DramTrace& trace,
                                      const DramReplayOptions& options, DramTrafficHistory* history) {
    DramTracePlayer::Params params;
    params.trace = &trace;
    params.config = config;
    params.arrival = options.arrival;
    params.repeat = options.repeat;
    params.lt = options.lt;
    params.history = history;
    return params;
}

std::string padded(std::uint64_t value, std::size_t digits) {
    const std::string text = std::to_string(value);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
}

// Leaves are sorted as text, hence the zeros in front.
void report_histogram(const LatencyHistogram& histogram, Statistics& statistics) {
    for (const LatencyHistogram::Bin& bin : histogram.bins()) {
        statistics.set(padded(bin.from, 10) + "_to_" + padded(bin.to, 10), bin.count, "requests");
    }
}

void report_banks(const std::vector<DramTrafficHistory::Bank>& banks, Statistics& statistics) {
    for (std::size_t i = 0; i < banks.size(); ++i) {
        Statistics& node = statistics.child("bank" + padded(i, 2));
        node.set("reads", banks[i].reads, "commands");
        node.set("writes", banks[i].writes, "commands");
        node.set("row_hits", banks[i].row_hits, "commands");
        node.set("activates", banks[i].activates, "commands");
        node.set("precharges", banks[i].precharges, "commands");
        node.set("refreshes", banks[i].refreshes, "commands");
    }
}

} // namespace

class DramSimulation::Memory {
public:
    Memory(const DramConfig& config, const DramTrace& trace, const DramReplayOptions& options)
        : config_(without_data(config)),
          options_(options),
          history_(options.window != 0 ? std::make_unique<DramTrafficHistory>(config, options.window) : nullptr),
          player_("player", player_params(config, trace, options, history_.get())) {
        for (unsigned c = 0; c < config.channels; ++c) {
            channels_.push_back(std::make_unique<DramChannel>(name(c).c_str(), DramChannel::Params{config_, c}));
            player_.mem_out[c].bind(channels_[c]->mem_in);
            add_listeners(c);
        }
        if (options.commands != nullptr) {
            options.commands->append(DramCommandTrace::header());
        }
        sc_core::sc_start(sc_core::SC_ZERO_TIME); // elaboration
    }

    void run() {
        simulate();
        if (options_.waves != nullptr) {
            options_.waves->end_sources(sc_core::sc_time_stamp().value());
        }
    }

    DramReplayResult result() {
        DramReplayResult result;
        result.end = end_;
        result.end_ps = sc_core::sc_time_stamp().value();
        result.planned = player_.planned();
        result.totals = player_.totals();
        result.history = history_.get();
        for (unsigned c = 0; c < config_.channels; ++c) {
            Statistics& node = result.statistics.child(name(c));
            const DramCounters counters = channels_[c]->counters();
            result.counters += counters;
            channels_[c]->report(node);
            report_dram_energy(config_.part, counters, node);
            if (history_) {
                report_banks(history_->banks(c), node);
            }
        }
        Statistics& player = result.statistics.child("player");
        report_histogram(result.totals.read_latency, player.child("read_latency_ck"));
        report_histogram(result.totals.write_latency, player.child("write_latency_ck"));
        finish_listeners(result);
        return result;
    }

private:
    void simulate() {
        while (!player_.done() || sc_core::sc_time_stamp() < end_of_data()) {
            if (!sc_core::sc_pending_activity()) {
                end_ = RunEnd::deadlock;
                return;
            }
            run_slice();
            if (options_.interrupted != nullptr && options_.interrupted->load()) {
                end_ = RunEnd::interrupted;
                return;
            }
            if (options_.progress) {
                options_.progress(player_.totals().requests);
            }
        }
    }

    void run_slice() {
        const std::uint64_t next = sc_core::sc_time_to_pending_activity().value();
        if (next <= kLongSlicePs) {
            sc_core::sc_start(sc_core::sc_time::from_value(std::max(kSlicePs, next)), sc_core::SC_EXIT_ON_STARVATION);
            return;
        }
        sc_core::sc_start(sc_core::sc_time::from_value(kLongSlicePs), sc_core::SC_RUN_TO_TIME);
        for (const auto& channel : channels_) {
            channel->counters(); // works off its idle time
        }
    }

    static std::string name(unsigned channel) { return "dram" + std::to_string(channel); }

    sc_core::sc_time end_of_data() const {
        return sc_core::sc_time::from_value(channels_.front()->clock().edge_ps(player_.totals().end));
    }

    void add_listeners(unsigned c) {
        if (options_.check) {
            channels_[c]->listen(checkers_.emplace_back(config_));
        }
        if (options_.commands != nullptr) {
            channels_[c]->listen(traces_.emplace_back(config_, c, *options_.commands));
        }
        if (history_) {
            channels_[c]->listen(history_->listener(c));
        }
        if (options_.waves != nullptr) {
            channels_[c]->add_waves(WaveScope(options_.waves, "chip0").child(name(c)));
        }
    }

    void finish_listeners(DramReplayResult& result) {
        const Ck now = channels_.front()->clock().edge_at_or_before(sc_core::sc_time_stamp().value());
        for (DramCommandTrace& trace : traces_) {
            trace.finish();
        }
        if (options_.check) {
            result.timing_violations = 0;
        }
        for (unsigned c = 0; c < checkers_.size(); ++c) {
            checkers_[c].finish(now);
            *result.timing_violations += checkers_[c].violations();
            for (const std::string& violation : checkers_[c].first_violations()) {
                result.first_violations.push_back(name(c) + ": " + violation);
            }
        }
    }

    const DramConfig config_;
    const DramReplayOptions options_;
    std::unique_ptr<DramTrafficHistory> history_;
    std::deque<DramCommandChecker> checkers_; // of the channels
    std::deque<DramCommandTrace> traces_;
    DramTracePlayer player_;
    std::vector<std::unique_ptr<DramChannel>> channels_;
    RunEnd end_ = RunEnd::completed;
};

bool DramSimulation::clocks_fit(const DramConfig& config, const DramTrace& trace, const DramReplayOptions& options) {
    return DramTracePlayer::clocks_fit(player_params(config, trace, options, nullptr));
}

DramSimulation::DramSimulation(const DramConfig& config, const DramTrace& trace, const DramReplayOptions& options)
    : memory_(std::make_unique<Memory>(config, trace, options)) {}

DramSimulation::~DramSimulation() = default;

void DramSimulation::run() {
    memory_->run();
}

DramReplayResult DramSimulation::result() {
    return memory_->result();
}

} // namespace systolica
