// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/exchange/link_port.h"

#include <algorithm>

#include "machine/chip_link/chip_address.h"
#include "machine/commands/sync_access.h"
#include "models/tlm/clock_edges.h"

namespace systolica {

namespace {

constexpr std::uint64_t kNever = ~std::uint64_t{0};
constexpr unsigned kNumberBits = 24; // of a message in its schedule; the chunk is above it

std::uint64_t wire_address(unsigned chip, std::uint32_t chunk, std::uint32_t number) {
    return system_address(chip, (std::uint64_t{chunk} << kNumberBits) | number);
}

MemoryMover::Params with_calls(MemoryMover::Params params, std::function<void(std::uint32_t)> loaded,
                               std::function<void(std::uint32_t)> stored) {
    params.loaded = std::move(loaded);
    params.stored = std::move(stored);
    return params;
}

} // namespace

LinkPort::LinkPort(const sc_core::sc_module_name& name, const Params& params)
    : sc_module(name),
      link_out("link_out", params.out_links.size()),
      link_in("link_in", params.in_links),
      params_(params),
      program_(*params.program),
      memory_("memory", with_calls(
                            params.memory, [this](std::uint32_t chunk) { chunk_loaded(chunk); },
                            [this](std::uint32_t chunk) { chunk_stored(chunk); })),
      event_reads_(kSyncBytes),
      ports_(params.out_links.size()) {
    memory_.mem_out.bind(mem_out);
    sync_out.register_nb_transport_bw(this, &LinkPort::event_reached);
    for (std::size_t i = 0; i < link_out.size(); ++i) {
        link_out[i].register_nb_transport_bw(this, &LinkPort::take_answer, static_cast<int>(i));
    }
    for (std::size_t i = 0; i < link_in.size(); ++i) {
        link_in[i].register_nb_transport_fw(this, &LinkPort::take_message, static_cast<int>(i));
        link_in[i].register_b_transport(this, &LinkPort::take_blocking, static_cast<int>(i));
    }
    SC_HAS_PROCESS(LinkPort);
    SC_METHOD(start);
    SC_METHOD(work);
    sensitive << wake_;
    dont_initialize();
}

void LinkPort::start() {
    await_events();
}

// One after the other: all must have come, and none is taken back.
void LinkPort::await_events() {
    const std::vector<GradientBucket>& buckets = program_.exchange().buckets;
    while (bucket_ < buckets.size()) {
        if (event_ == buckets[bucket_].after.size()) {
            ++bucket_;
            event_ = 0;
            continue;
        }
        const EventWait& wait = buckets[bucket_].after[event_];
        Payload& read =
            event_reads_.acquire(tlm::TLM_READ_COMMAND, sync_address(wait.event, wait.threshold), kSyncBytes);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        if (sync_out->nb_transport_fw(read, phase, delay) != tlm::TLM_COMPLETED) {
            break;
        }
        errors_ += read.is_response_error() ? 1 : 0;
        read.release();
        ++event_;
    }
    open_chunks();
}

tlm::tlm_sync_enum LinkPort::event_reached(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& /*delay*/) {
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    errors_ += payload.is_response_error() ? 1 : 0;
    payload.release();
    ++event_;
    await_events();
    return tlm::TLM_COMPLETED;
}

void LinkPort::open_chunks() {
    const std::vector<ExchangeChunk>& chunks = program_.chunks();
    while (next_chunk_ < chunks.size() && chunks[next_chunk_].bucket < bucket_ &&
           open_.size() < params_.chunks_at_once) {
        const ExchangeProgram::Played& played = program_.played(next_chunk_);
        if (open_.empty()) {
            busy_since_ps_ = now_ps();
        }
        Chunk& chunk = open_[next_chunk_];
        chunk.to_send = played.sends[params_.chip];
        chunk.to_receive = played.receives[params_.chip];
        if (const auto early = early_.find(next_chunk_); early != early_.end()) {
            chunk.held = std::move(early->second);
            early_.erase(early);
        }
        memory_.load(next_chunk_, chunks[next_chunk_].reads);
        ++next_chunk_;
    }
}

void LinkPort::chunk_loaded(std::uint32_t number) {
    Chunk& chunk = open_.at(number);
    chunk.loaded = true;
    for (const std::uint32_t first : program_.played(number).first[params_.chip]) {
        queue(number, first, now_ps());
    }
    for (const Due& held : chunk.held) {
        arrived_.insert(due(now_ps(), number, std::get<3>(held)));
    }
    chunk.held.clear();
    wake_.notify(sc_core::SC_ZERO_TIME);
}

LinkPort::Due LinkPort::due(std::uint64_t at_ps, std::uint32_t chunk, std::uint32_t number) const {
    return {at_ps, chunk, program_.played(chunk).order[number], number};
}

const CollectiveMessage& LinkPort::message(std::uint32_t chunk, std::uint32_t number) const {
    return program_.played(chunk).messages[number];
}

void LinkPort::queue(std::uint32_t chunk, std::uint32_t number, std::uint64_t at_ps) {
    const unsigned link = program_.link_of(params_.chip, message(chunk, number));
    const auto port = std::find(params_.out_links.begin(), params_.out_links.end(), link) - params_.out_links.begin();
    ports_[static_cast<std::size_t>(port)].ready.insert(due(at_ps, chunk, number));
}

tlm::tlm_sync_enum LinkPort::take_message(int /*id*/, Payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    arrive(payload, now_ps() + delay.value());
    return tlm::TLM_COMPLETED;
}

void LinkPort::take_blocking(int /*id*/, Payload& payload, sc_core::sc_time& delay) {
    arrive(payload, now_ps() + delay.value());
}

void LinkPort::arrive(Payload& payload, std::uint64_t at_ps) {
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    const std::uint64_t what = address_on_chip(payload.get_address());
    const auto chunk = static_cast<std::uint32_t>(what >> kNumberBits);
    const auto number = static_cast<std::uint32_t>(what & ((1U << kNumberBits) - 1));
    if (message(chunk, number).to != params_.chip) {
        queue(chunk, number, at_ps);
    } else if (const auto open = open_.find(chunk); open == open_.end()) {
        early_[chunk].insert(due(at_ps, chunk, number));
    } else if (!open->second.loaded) {
        open->second.held.insert(due(at_ps, chunk, number));
    } else {
        arrived_.insert(due(at_ps, chunk, number));
    }
    wake_.notify(sc_core::SC_ZERO_TIME);
}

void LinkPort::receive(const Due& what) {
    const auto [at_ps, chunk, place, number] = what;
    const CollectiveMessage& received = message(chunk, number);
    std::uint64_t done_ps = at_ps;
    if (received.reduces) {
        unit_free_ps_ = std::max(unit_free_ps_, at_ps) + program_.reduction().ps(received.bytes);
        done_ps = unit_free_ps_;
    }
    // What is only stored may overtake what is added.
    const auto later = std::find_if(added_.begin(), added_.end(), [&](const Added& it) { return it.at_ps > done_ps; });
    added_.insert(later, {{chunk, number}, done_ps});
}

tlm::tlm_sync_enum LinkPort::take_answer(int port, Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    Port& from = ports_[static_cast<std::size_t>(port)];
    if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    if (from.open) {
        from.open = false;
        from.free_ps = now_ps() + delay.value();
        wake_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase == tlm::END_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    finish(payload);
    return tlm::TLM_COMPLETED;
}

void LinkPort::finish(Payload& payload) {
    errors_ += payload.is_response_error() ? 1 : 0;
    payload.release();
}

void LinkPort::work() {
    const std::uint64_t now = now_ps();
    std::uint64_t wake = kNever;
    while (!arrived_.empty() && std::get<0>(*arrived_.begin()) <= now) {
        receive(*arrived_.begin());
        arrived_.erase(arrived_.begin());
    }
    while (!added_.empty() && added_.front().at_ps <= now) {
        const auto [chunk, number] = added_.front().message;
        added_.pop_front();
        program_.dependencies(chunk).received(number, [&, of = chunk](std::uint32_t next) { queue(of, next, now); });
        --open_.at(chunk).to_receive;
        store_if_done(chunk);
    }
    wake = added_.empty() ? wake : added_.front().at_ps;
    wake = arrived_.empty() ? wake : std::min(wake, std::get<0>(*arrived_.begin()));
    for (std::size_t port = 0; port < ports_.size(); ++port) {
        while (!ports_[port].ready.empty() && !ports_[port].open && ports_[port].free_ps <= now) {
            send(port, now);
        }
        if (!ports_[port].ready.empty() && !ports_[port].open) {
            wake = std::min(wake, ports_[port].free_ps);
        }
    }
    if (wake != kNever) {
        wake_.notify(until_ps(wake));
    }
}

void LinkPort::send(std::size_t port_number, std::uint64_t now) {
    Port& port = ports_[port_number];
    const auto [since, chunk, place, number] = *port.ready.begin();
    port.ready.erase(port.ready.begin());
    const CollectiveMessage& what = message(chunk, number);
    Payload& payload = program_.payloads().acquire(tlm::TLM_WRITE_COMMAND, wire_address(what.to, chunk, number),
                                                   static_cast<std::uint32_t>(what.bytes));
    if (what.from == params_.chip) {
        sent_bytes_ += what.bytes;
        ++sent_messages_;
        --open_.at(chunk).to_send;
        store_if_done(chunk);
    }
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum answer = link_out[port_number]->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_ACCEPTED) {
        port.open = true;
        return;
    }
    port.free_ps = now + delay.value();
    if (answer == tlm::TLM_COMPLETED) {
        finish(payload);
    } else if (phase == tlm::BEGIN_RESP) {
        phase = tlm::END_RESP;
        link_out[port_number]->nb_transport_fw(payload, phase, delay);
        finish(payload);
    }
}

void LinkPort::store_if_done(std::uint32_t number) {
    const Chunk& chunk = open_.at(number);
    if (chunk.to_send == 0 && chunk.to_receive == 0) {
        program_.dependencies(number); // of a chip that only sent, too
        program_.end(number);
        memory_.store(number, program_.chunks()[number].writes);
    }
}

// Chunks are written in the order in which they end; the buffer's place is free again.
void LinkPort::chunk_stored(std::uint32_t number) {
    const ExchangeChunk& stored = program_.chunks()[number];
    open_.erase(number);
    const bool more = std::any_of(open_.begin(), open_.end(), [&](const auto& other) {
        return program_.chunks()[other.first].bucket == stored.bucket;
    });
    const bool more_to_come =
        next_chunk_ < program_.chunks().size() && program_.chunks()[next_chunk_].bucket == stored.bucket;
    if (!more && !more_to_come) {
        Payload& post = event_reads_.acquire(tlm::TLM_WRITE_COMMAND,
                                             sync_address(program_.exchange().buckets[stored.bucket].post), kSyncBytes);
        sc_core::sc_time delay;
        sync_out->b_transport(post, delay);
        finish(post);
    }
    if (open_.empty()) {
        busy_ps_ += now_ps() - busy_since_ps_;
    }
    open_chunks();
}

std::string LinkPort::waiting() const {
    if (bucket_ == program_.exchange().buckets.size() && open_.empty()) {
        return "";
    }
    std::string text = std::string(name()) + ": ";
    if (open_.empty()) {
        return text + "waits for what goes into bucket " + std::to_string(bucket_) + "\n";
    }
    return text + "chunk " + std::to_string(open_.begin()->first) + " waits for " +
           std::to_string(open_.begin()->second.to_receive) + " messages\n";
}

void LinkPort::report(Statistics& statistics) const {
    statistics.set("chunks", std::uint64_t{next_chunk_}, "chunks");
    statistics.set("sent_bytes", sent_bytes_, "B");
    statistics.set("sent_messages", sent_messages_, "messages");
    statistics.set("busy", busy_ps_, "ps");
    memory_.report(statistics.child("dma"));
}

} // namespace systolica
