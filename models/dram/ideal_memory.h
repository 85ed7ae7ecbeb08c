// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Memory without a controller: answers after a fixed latency, at a rate that all channels share. Data are not kept.
// One target socket per channel; any socket takes any address.
//
// nb_transport: a request that is done at once (neither latency nor rate is set) is answered with TLM_COMPLETED and no
// delay; every other with TLM_UPDATED and END_REQ, and later BEGIN_RESP, in order of acceptance. END_REQ is never
// withheld: the initiators' own limits bound what is in flight.
#pragma once

#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "base/statistics.h"
#include "base/waves.h"
#include "machine/dram/config.h"
#include "machine/dram/counters.h"
#include "models/tlm/timed_event.h"

namespace systolica {

class IdealMemory : public sc_core::sc_module {
public:
    using Params = DramConfig; // channels, ideal_bytes_per_s, ideal_latency_ns

    sc_core::sc_vector<tlm::tlm_target_socket<32>> mem_in;

    IdealMemory(const sc_core::sc_module_name& name, const Params& params);
    ~IdealMemory() override;

    const DramCounters& counters() const { return counters_; }
    std::size_t outstanding() const;
    void report(Statistics& statistics) const;
    void add_waves(const WaveScope& scope); // outstanding

private:
    class Port;
    using Payload = tlm::tlm_generic_payload;

    std::uint64_t reserve(const Payload& payload, std::uint64_t at_ps);
    void send_responses();
    void outstanding_changed(std::uint64_t now_ps);
    void wake_at(std::uint64_t ps, std::uint64_t now_ps);

    const double bytes_per_s_;
    const std::uint64_t latency_ps_;
    std::vector<std::unique_ptr<Port>> ports_;
    std::uint64_t busy_from_ps_ = 0; // the current run of transfers without a gap
    std::uint64_t busy_bytes_ = 0;   // its bytes: times come from the sum, so that rounding does not add up
    DramCounters counters_;
    TimedEvent wake_{"wake"};
    std::uint64_t wake_ps_;
    Wave outstanding_wave_;
};

} // namespace systolica
