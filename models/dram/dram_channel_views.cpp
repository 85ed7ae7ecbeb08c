// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The faces of DramChannel that take no time: direct memory, debug transport, counters, statistics, waves.
#include <algorithm>

#include "models/dram/dram_channel.h"
#include "models/dram/dram_report.h"

namespace systolica {

namespace {

std::uint64_t now_in_ps() {
    return sc_core::sc_time_stamp().value();
}

} // namespace

bool DramChannel::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    dmi.init(); // refused for all addresses
    if (!dmi_) {
        return false;
    }
    const std::uint64_t address = payload.get_address();
    const std::uint64_t local = interleave_.local(address);
    if (!holds(address, local, 1)) {
        dmi.set_start_address(address);
        dmi.set_end_address(address);
        return false;
    }
    std::uint64_t before = local % SparseMemory::kPageBytes;
    std::uint64_t after = std::min(SparseMemory::kPageBytes - before, config_.channel_bytes() - local) - 1;
    unsigned char* const at = data_->page(local) + before;
    if (config_.channels > 1) {
        const std::uint64_t within = address % config_.interleave_bytes;
        before = std::min(before, within);
        after = std::min(after, config_.interleave_bytes - 1 - within);
    }
    const DramPart& part = config_.part;
    const Ck opened = part.rcd + part.burst_length / part.beats_per_clock;
    dmi.set_dmi_ptr(at - before);
    dmi.set_start_address(address - before);
    dmi.set_end_address(address + after);
    dmi.allow_read_write();
    dmi.set_read_latency(sc_core::sc_time::from_value(frontend_ps_ + clock_.edge_ps(opened + part.rl)));
    dmi.set_write_latency(sc_core::sc_time::from_value(frontend_ps_ + clock_.edge_ps(opened + part.wl)));
    return true;
}

unsigned DramChannel::transport_dbg(Payload& payload) {
    const std::uint64_t address = payload.get_address();
    const std::uint64_t local = interleave_.local(address);
    if (!data_ || payload.get_command() == tlm::TLM_IGNORE_COMMAND || payload.get_data_ptr() == nullptr ||
        !holds(address, local, 1)) {
        return 0;
    }
    std::uint64_t bytes = std::min<std::uint64_t>(payload.get_data_length(), config_.channel_bytes() - local);
    if (config_.channels > 1) {
        bytes = std::min(bytes, config_.interleave_bytes - address % config_.interleave_bytes);
    }
    data_->debug(payload, local, static_cast<unsigned>(bytes));
    return static_cast<unsigned>(bytes);
}

// What time has passed over without a request; to look earlier changes nothing.
void DramChannel::settle() {
    const Ck now = clock_.edge_at_or_before(now_in_ps());
    if (controller_.promised() != 0) {
        controller_.catch_up(now);
    } else {
        controller_.settle(now);
    }
}

DramCounters DramChannel::counters() {
    settle();
    return controller_.counters(clock_.edge_at_or_before(now_in_ps()));
}

DramBankCounters DramChannel::bank_counters(unsigned bank) {
    settle();
    return controller_.bank_counters(bank, clock_.edge_at_or_before(now_in_ps()));
}

std::size_t DramChannel::outstanding() const {
    return controller_.unanswered() + responses_.size() + (response_port_.open() ? 1U : 0U) +
           (withheld_ != nullptr ? 1U : 0U);
}

bool DramChannel::writes_drained() {
    const std::uint64_t now_ps = now_in_ps();
    settle();
    return controller_.waiting(true) == 0 && now_ps >= promised_write_end_ps_ &&
           !responses_.any([now_ps](const ResponseQueue::Response& r) {
               return r.at_ps > now_ps && r.payload->is_write() && r.status == tlm::TLM_OK_RESPONSE;
           });
}

void DramChannel::report(Statistics& statistics) {
    report_dram(counters(), statistics);
    statistics.set("outstanding", std::uint64_t{outstanding()}, "requests");
    if (config_.ecc != DramEcc::none) {
        const EccCounters ecc = data_ ? data_->ecc() : EccCounters{};
        statistics.set("ecc_corrected", ecc.corrected, "words");
        statistics.set("ecc_uncorrectable", ecc.uncorrectable, "words");
    }
}

void DramChannel::listen(DramCommandListener& listener) {
    listeners_.add(listener);
    controller_.listen(listeners_.target());
}

void DramChannel::add_waves(const WaveScope& scope) {
    sc_assert(!waves_);
    waves_ = std::make_unique<DramWaves>(scope, config_, clock_);
    if (waves_->any_traced()) {
        listen(*waves_);
        scope.add_source(*this);
    } else {
        waves_.reset();
    }
}

// Commands that are issued in passing, and those of idle time, show at their time too.
std::uint64_t DramChannel::next_change_ps() {
    if (settled_ps_ != now_in_ps() || controller_.promised() != 0) {
        settled_ps_ = now_in_ps();
        settle();
    }
    return waves_->next_change_ps();
}

void DramChannel::show_next() {
    waves_->show_next();
}

} // namespace systolica
