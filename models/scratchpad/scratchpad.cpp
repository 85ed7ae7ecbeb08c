// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/scratchpad/scratchpad.h"

#include <algorithm>

#include "models/tlm/pad_access.h"

namespace systolica {

namespace {

constexpr int kArrayPort = static_cast<int>(StreamSource::array);
constexpr int kVectorPort = static_cast<int>(StreamSource::vector_unit);
constexpr int kBurstPort = static_cast<int>(kStreamSources);

} // namespace

Scratchpad::Scratchpad(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name), params_(params), edges_(params.clock), schedule_(params.config) {
    array_in.register_b_transport(this, &Scratchpad::access, kArrayPort);
    vector_in.register_b_transport(this, &Scratchpad::access, kVectorPort);
    dma_in.register_b_transport(this, &Scratchpad::access, kBurstPort);
    remote_in.register_b_transport(this, &Scratchpad::access, kBurstPort);
}

void Scratchpad::access(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    if (refuse(port, payload)) {
        return;
    }
    const std::uint64_t bytes = payload.get_data_length();
    const std::uint64_t start = edges_.cycle_after(delay);
    const StreamExtension* stream = port == kBurstPort ? nullptr : payload.get_extension<StreamExtension>();
    std::uint64_t end = 0;
    if (stream != nullptr) {
        const auto source = static_cast<std::size_t>(port);
        const std::uint64_t taken =
            schedule_.reserve_stream(static_cast<StreamSource>(port), start, stream->cycles, bytes);
        stream_bytes_[source] += bytes;
        stretched_cycles_[source] += taken - stream->cycles;
        end = start + taken;
    } else {
        end = schedule_.reserve_burst(start, bytes);
        ++bursts_;
        burst_bytes_ += bytes;
    }
    if (traced_ && end > start) {
        const std::uint64_t port_cycles = (end - start) * params_.config.port_bytes;
        const auto ports = static_cast<unsigned>((bytes + port_cycles - 1) / port_cycles);
        show_usage({start, end, ports, stream != nullptr});
    }
    delay = edges_.until(end);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool Scratchpad::refuse(int port, tlm::tlm_generic_payload& payload) const {
    if (payload.get_data_length() == 0) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return true;
    }
    if (payload.get_byte_enable_ptr() != nullptr) {
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return true;
    }
    if (port == kBurstPort && payload.get_data_length() > params_.config.capacity_bytes) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return true;
    }
    return false;
}

void Scratchpad::show_usage(const Usage& usage) {
    usages_.push_back(usage);
    new_from_ = std::min(new_from_, usage.start);
}

std::uint64_t Scratchpad::next_change() const {
    std::uint64_t next = new_from_;
    for (const Usage& usage : usages_) {
        const std::uint64_t change = usage.start > shown_ ? usage.start : usage.end;
        next = change > shown_ ? std::min(next, change) : next;
    }
    return next == kNever ? kNever : std::max(next, shown_);
}

std::uint64_t Scratchpad::next_change_ps() {
    const std::uint64_t next = next_change();
    return next == kNever ? kNever : params_.clock.edge_ps(next);
}

void Scratchpad::show_next() {
    shown_ = next_change();
    new_from_ = kNever;
    usages_.erase(
        std::remove_if(usages_.begin(), usages_.end(), [this](const Usage& usage) { return usage.end <= shown_; }),
        usages_.end());
    unsigned streams = 0;
    unsigned bursts = 0;
    for (const Usage& usage : usages_) {
        if (usage.start <= shown_) {
            (usage.stream ? streams : bursts) += usage.ports;
        }
    }
    // A burst that is let through while streams hold all ports shows with the streams cut back.
    bursts = std::min(bursts, params_.config.banks);
    const std::uint64_t ps = params_.clock.edge_ps(shown_);
    stream_ports_.set(ps, std::min(streams, params_.config.banks - bursts));
    burst_ports_.set(ps, bursts);
}

void Scratchpad::add_waves(const WaveScope& scope) {
    stream_ports_ = scope.add("stream_ports", 16);
    burst_ports_ = scope.add("burst_ports", 16);
    traced_ = stream_ports_.traced() || burst_ports_.traced();
    if (traced_) {
        scope.add_source(*this);
    }
}

void Scratchpad::report(Statistics& statistics) const {
    constexpr std::array<const char*, kStreamSources> names{"array", "vector_unit"};
    for (std::size_t i = 0; i < kStreamSources; ++i) {
        Statistics& source = statistics.child(names[i]);
        source.set("bytes", stream_bytes_[i], "bytes");
        source.set("stretched_cycles", stretched_cycles_[i], "cycles");
    }
    Statistics& dma = statistics.child("dma");
    dma.set("bytes", burst_bytes_, "bytes");
    dma.set("bursts", bursts_, "bursts");
}

} // namespace systolica
