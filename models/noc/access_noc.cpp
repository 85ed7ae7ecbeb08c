// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/noc/access_noc.h"

#include "machine/commands/tile_address.h"
#include "machine/noc/packet_rules.h"
#include "models/tlm/clock_edges.h"

#include <algorithm>

namespace systolica {

class AccessNoc::TilePort : public tlm::tlm_fw_transport_if<> {
public:
    TilePort(AccessNoc& noc, unsigned tile) : noc_(noc), tile_(tile) {}

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        return noc_.tile_call(tile_, payload, phase, delay);
    }
    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
        noc_.blocking_access(tile_, payload, delay);
    }
    unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return noc_.debug_access(payload); }
    // A direct pointer would go around the network.
    bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }

private:
    AccessNoc& noc_;
    const unsigned tile_;
};

class AccessNoc::TargetPort : public tlm::tlm_bw_transport_if<> {
public:
    TargetPort(AccessNoc& noc, unsigned target) : noc_(noc), target_(target) {}

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
        return noc_.target_call(target_, payload, phase, now_ps() + delay.value());
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

private:
    AccessNoc& noc_;
    const unsigned target_;
};

AccessNoc::AccessNoc(const sc_core::sc_module_name& name, const Params& params, const Clock& clock)
    : sc_module(name),
      tile_in("tile_in", params.noc.tile_routers.size()),
      memory_out("memory_out", params.noc.memory_routers.size()),
      tile_out("tile_out", params.noc.tile_routers.size()),
      params_(params),
      clock_(clock),
      at_tile_(tile_in.size()),
      at_target_(targets()),
      next_request_(tile_in.size()),
      waiting_waves_(targets()) {
    sc_assert(sc_core::sc_get_time_resolution() == sc_core::sc_time(1, sc_core::SC_PS));
    sc_assert(params.interleave_bytes > 0 && memory_out.size() > 0);
    for (unsigned tile = 0; tile < tile_in.size(); ++tile) {
        tile_ports_.push_back(std::make_unique<TilePort>(*this, tile));
        tile_in[tile].bind(*tile_ports_[tile]);
    }
    for (unsigned target = 0; target < targets(); ++target) {
        target_ports_.push_back(std::make_unique<TargetPort>(*this, target));
        if (target < memories()) {
            memory_out[target].bind(*target_ports_[target]);
        } else {
            tile_out[target - memories()].bind(*target_ports_[target]);
        }
    }
    SC_HAS_PROCESS(AccessNoc);
    SC_METHOD(move_packets);
    sensitive << wake_;
    dont_initialize();
}

AccessNoc::~AccessNoc() = default;

namespace {

constexpr std::array<const char*, AccessNoc::traffic_classes> kClassNames{"read_requests", "read_responses",
                                                                          "write_requests", "write_responses"};

AccessNoc::TrafficClass class_of(bool request, bool read) {
    return read ? (request ? AccessNoc::read_requests : AccessNoc::read_responses)
                : (request ? AccessNoc::write_requests : AccessNoc::write_responses);
}

} // namespace

void AccessNoc::count_sent(bool request, bool read, unsigned flits, std::uint64_t bytes) {
    ClassUse& use = classes_[class_of(request, read)];
    ++use.packets;
    use.flits += flits;
    use.bytes += bytes;
}

void AccessNoc::count_arrived(bool request, bool read, std::uint64_t latency_cycles) {
    classes_[class_of(request, read)].latency_cycles += latency_cycles;
}

void AccessNoc::report_classes(Statistics& classes) const {
    for (std::size_t i = 0; i < classes_.size(); ++i) {
        Statistics& entry = classes.child(kClassNames[i]);
        entry.set("packets", classes_[i].packets, "packets");
        entry.set("flits", classes_[i].flits, "flits");
        entry.set("bytes", classes_[i].bytes, "bytes");
        entry.set("latency", classes_[i].latency_cycles, "cycles");
    }
}

std::vector<AccessNoc::LinkUse> AccessNoc::hottest_links(std::size_t count) const {
    std::vector<LinkUse> list = links();
    list.erase(std::remove_if(list.begin(), list.end(), [](const LinkUse& use) { return use.busy_cycles == 0; }),
               list.end());
    std::stable_sort(list.begin(), list.end(),
                     [](const LinkUse& a, const LinkUse& b) { return a.busy_cycles > b.busy_cycles; });
    list.resize(std::min(list.size(), count));
    return list;
}

AccessNoc::LinkUse AccessNoc::busiest_link() const {
    const std::vector<LinkUse> list = links();
    const auto less = [](const LinkUse& a, const LinkUse& b) { return a.busy_cycles < b.busy_cycles; };
    const auto busiest = std::max_element(list.begin(), list.end(), less);
    return busiest == list.end() ? LinkUse{} : *busiest;
}

void AccessNoc::move_packets() {
    wake_cycle_ = 0; // nothing below has to wake this process
    const std::uint64_t edge = edge_now();
    advance(edge);
    wake_cycle_ = CycleQueue::kNever;
    wake();
}

void AccessNoc::arrived(std::uint32_t number) {
    const NocTransaction& transaction = transactions_[number];
    const bool to_target = transaction.stage == NocTransaction::Stage::to_target;
    count_arrived(to_target, transaction.payload->is_read(), known_edge_ - transaction.sent_cycle);
    if (to_target) {
        at_target_[transaction.target].append(number, transactions_);
        serve_target(transaction.target);
    } else {
        at_tile_[transaction.tile].append(number, transactions_);
        serve_tile(transaction.tile);
    }
}

void AccessNoc::called(std::uint32_t what) {
    const std::uint32_t number = what / token_kinds;
    switch (what % token_kinds) {
    case target_token:
        serve_target(number);
        break;
    case tile_token:
        serve_tile(number);
        break;
    default:
        inject_response(number);
    }
}

// The edge at which what happens now takes effect. All that was due earlier has been done.
std::uint64_t AccessNoc::edge_now() {
    const std::uint64_t ps = now_ps();
    if (ps != known_ps_) {
        known_ps_ = ps;
        known_edge_ = clock_.edge_at_or_after(ps);
        come_to(known_edge_);
    }
    return known_edge_;
}

// To be called whenever the network may have got something to do earlier than before.
void AccessNoc::wake() {
    const std::uint64_t next = next_cycle();
    if (next < wake_cycle_) {
        wake_cycle_ = next;
        wake_.notify(until_ps(clock_.edge_ps(next)));
    }
}

unsigned AccessNoc::channel(std::uint64_t address) const {
    return memory_out.size() == 1 ? 0 : static_cast<unsigned>(address / params_.interleave_bytes % memory_out.size());
}

// What cannot be carried goes to the first memory's router and comes back from there.
unsigned AccessNoc::target_of(std::uint64_t address) const {
    if (!in_tile_space(address)) {
        return channel(address);
    }
    const unsigned tile = tile_address(address).tile;
    return tile < tiles() ? pads_of(tile) : 0;
}

tlm::tlm_response_status AccessNoc::refusal(const tlm::tlm_generic_payload& payload) const {
    const std::uint64_t address = payload.get_address();
    if (in_tile_space(address)) {
        const unsigned tile = tile_address(address).tile;
        return tile < tiles() && tile_out[tile].size() > 0 ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    const bool crosses = memories() > 1 && address % params_.interleave_bytes + payload.get_data_length() >
                                               params_.interleave_bytes; // between channels
    return crosses ? tlm::TLM_BURST_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
}

tlm::tlm_fw_transport_if<>& AccessNoc::target_port(unsigned target) {
    return target < memories() ? *memory_out[target].operator->() : *tile_out[target - memories()].operator->();
}

std::string AccessNoc::target_name(unsigned target) const {
    return target < memories() ? "memory" + std::to_string(target) : "tile" + std::to_string(target - memories());
}

unsigned AccessNoc::request_flits(const tlm::tlm_generic_payload& payload) const {
    return packet_flits(payload.is_write() ? payload.get_data_length() : 0, params_.noc.flit_bytes);
}

unsigned AccessNoc::response_flits(const tlm::tlm_generic_payload& payload) const {
    const bool carries_data = payload.is_read() && payload.is_response_ok();
    return packet_flits(carries_data ? payload.get_data_length() : 0, params_.noc.flit_bytes);
}

void AccessNoc::protocol_error(const std::string& socket, const tlm::tlm_generic_payload& payload,
                               const char* what) const {
    const std::string text = socket + ": " + what + " (address " + std::to_string(payload.get_address()) + ", " +
                             std::to_string(payload.get_data_length()) + " bytes)";
    SC_REPORT_ERROR("/noc/protocol", text.c_str());
}

void AccessNoc::report(Statistics& statistics) const {
    statistics.set("packets", packets(), "packets");
    statistics.set("packet_hops", packet_hops(), "hops");
    statistics.set("bytes", bytes(), "bytes");
    report_links(statistics.child("links"));
    report_classes(statistics.child("classes"));
    const LinkUse busiest = busiest_link();
    statistics.set("busiest_link", busiest.name, "name");
    statistics.set("busiest_link_cycles", busiest.busy_cycles, "cycles");
}

void AccessNoc::add_waves(const WaveScope& scope) {
    for (unsigned memory = 0; memory < memories(); ++memory) {
        waiting_waves_[memory] = scope.child(target_name(memory)).add("waiting", 16);
    }
}

std::string AccessNoc::waiting() const {
    std::string lines;
    for (unsigned target = 0; target < targets(); ++target) {
        if (at_target_[target].at_door() != Landing::kNone) {
            lines += "noc: " + target_name(target) + " withholds END_REQ, " +
                     std::to_string(at_target_[target].waiting()) + " more requests wait\n";
        }
    }
    return lines + parties_.waiting();
}

} // namespace systolica
