// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The approximately timed side of AccessNoc: requests from the tiles to the targets, responses back.
#include "models/noc/access_noc.h"

#include "models/tlm/clock_edges.h"

namespace systolica {

tlm::tlm_sync_enum AccessNoc::tile_call(unsigned tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
        return begin_request(tile, payload, phase, delay);
    }
    if (phase == tlm::END_RESP) {
        return end_response(tile, payload, now_ps() + delay.value());
    }
    if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP) { // other phases may be ignored
        protocol_error(tile_in[tile].name(), payload, "END_REQ or BEGIN_RESP on the forward path");
    }
    return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum AccessNoc::begin_request(unsigned tile, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time& delay) {
    const std::uint64_t edge = edge_now();
    const std::uint64_t created = delay.value() == 0 ? edge : clock_.edge_at_or_after(now_ps() + delay.value());
    if (created < next_request_[tile]) {
        protocol_error(tile_in[tile].name(), payload, "BEGIN_REQ before END_REQ of the request before it");
    }
    const unsigned target = target_of(payload.get_address());
    const std::uint32_t number = transactions_.open(payload, tile, target);
    transactions_[number].refusal = refusal(payload);
    transactions_[number].sent_cycle = created;
    const unsigned flits = request_flits(payload);
    count_sent(true, payload.is_read(), flits, payload.is_write() ? payload.get_data_length() : 0);
    next_request_[tile] = shares(payload)
                              ? join_party(number, created, flits)
                              : inject(number, created, tile_end(tile), target_end(target), flits, requests);
    wake();
    phase = tlm::END_REQ;
    delay = until_ps(clock_.edge_ps(next_request_[tile]));
    return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum AccessNoc::end_response(unsigned tile, const tlm::tlm_generic_payload& payload,
                                           std::uint64_t at_ps) {
    Landing& landing = at_tile_[tile];
    const std::uint32_t number = transactions_.find(payload);
    if (number == TransactionTable::kNone || number != landing.at_door()) {
        protocol_error(tile_in[tile].name(), payload, "END_RESP without BEGIN_RESP");
        return tlm::TLM_COMPLETED;
    }
    finish(number);
    landing.release(at_ps);
    if (landing.waiting() != 0 || holds_for(tile_end(tile), responses)) {
        edge_now();
        call_at(clock_.edge_at_or_after(at_ps), tile_end(tile), token(tile, tile_token));
        wake();
    }
    return tlm::TLM_COMPLETED;
}

void AccessNoc::serve_tile(unsigned tile) {
    Landing& landing = at_tile_[tile];
    for (;;) {
        const std::uint32_t number = landing.take(now_ps(), transactions_);
        if (number == Landing::kNone) {
            break;
        }
        send_response(number);
    }
    look_at_door(landing, tile_end(tile), responses, token(tile, tile_token));
}

// What still waits is served when the door opens, if that is known already.
void AccessNoc::look_at_door(const Landing& landing, unsigned endpoint, Class of, std::uint32_t serve) {
    const bool open = landing.at_door() == Landing::kNone;
    if (landing.waiting() != 0 && open) {
        call_at(clock_.edge_at_or_after(landing.free_ps()), endpoint, serve);
    }
    set_door(endpoint, of, landing.waiting() != 0 || !open);
}

void AccessNoc::send_response(std::uint32_t number) {
    const unsigned tile = transactions_[number].tile;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = tile_in[tile]->nb_transport_bw(*transactions_[number].payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
        finish(number);
        at_tile_[tile].release(now_ps() + delay.value());
    } else if (answer != tlm::TLM_ACCEPTED) {
        protocol_error(tile_in[tile].name(), *transactions_[number].payload, "BEGIN_RESP answered by a wrong phase");
    }
}

void AccessNoc::finish(std::uint32_t number) {
    const tlm::tlm_generic_payload& payload = *transactions_[number].payload;
    if (payload.is_response_ok()) {
        bytes_ += payload.get_data_length();
    }
    transactions_.close(number);
}

void AccessNoc::serve_target(unsigned target) {
    Landing& landing = at_target_[target];
    for (;;) {
        const std::uint32_t number = landing.take(now_ps(), transactions_);
        if (number == Landing::kNone) {
            break;
        }
        send_request(number);
    }
    look_at_door(landing, target_end(target), requests, token(target, target_token));
    waiting_waves_[target].set(now_ps(), landing.waiting());
}

void AccessNoc::send_request(std::uint32_t number) {
    const unsigned target = transactions_[number].target;
    tlm::tlm_generic_payload& payload = *transactions_[number].payload;
    transactions_[number].stage = NocTransaction::Stage::at_target;
    if (transactions_[number].refusal != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(transactions_[number].refusal);
        at_target_[target].release(now_ps());
        answered(number, now_ps());
        return;
    }
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = target_port(target).nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        at_target_[target].release(now_ps() + delay.value());
    } else if (answer == tlm::TLM_UPDATED && phase != tlm::BEGIN_RESP) {
        protocol_error(name() + ("." + target_name(target)), payload, "BEGIN_REQ answered by a wrong phase");
    } else if (answer != tlm::TLM_ACCEPTED) {
        at_target_[target].release(now_ps());
        transactions_[number].end_response_due = answer == tlm::TLM_UPDATED; // BEGIN_RESP on the return path
        answered(number, now_ps() + delay.value());
    }
}

tlm::tlm_sync_enum AccessNoc::target_call(unsigned target, const tlm::tlm_generic_payload& payload,
                                          tlm::tlm_phase phase, std::uint64_t at_ps) {
    const std::uint32_t number = transactions_.find(payload);
    const bool here = number != TransactionTable::kNone && transactions_[number].target == target &&
                      transactions_[number].stage == NocTransaction::Stage::at_target;
    const bool at_door = here && at_target_[target].at_door() == number;
    edge_now();
    if (phase == tlm::END_REQ && at_door) {
        request_accepted(target, at_ps);
    } else if (phase == tlm::BEGIN_RESP && here) {
        if (at_door) { // BEGIN_RESP stands for END_REQ as well
            request_accepted(target, at_ps);
        }
        answered(number, at_ps);
    } else if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP) {
        protocol_error(name() + ("." + target_name(target)), payload,
                       "a phase that does not belong to a request at this target");
    }
    wake();
    return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void AccessNoc::request_accepted(unsigned target, std::uint64_t at_ps) {
    Landing& landing = at_target_[target];
    landing.release(at_ps);
    if (landing.waiting() != 0 ||
        holds_for(target_end(target), requests)) { // not from here: the target is in a call of its own
        call_at(clock_.edge_at_or_after(at_ps), target_end(target), token(target, target_token));
    }
}

// A target has answered, with effect at `at_ps`.
void AccessNoc::answered(std::uint32_t number, std::uint64_t at_ps) {
    NocTransaction& transaction = transactions_[number];
    transaction.stage = NocTransaction::Stage::answered;
    const std::uint64_t edge = at_ps == now_ps() ? edge_now() : clock_.edge_at_or_after(at_ps);
    if (edge == edge_now() && !transaction.end_response_due) {
        inject_response(number);
    } else {
        call_at(edge, target_end(transaction.target), token(number, transaction_token));
    }
}

void AccessNoc::inject_response(std::uint32_t number) {
    if (transactions_[number].end_response_due) {
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        target_port(transactions_[number].target).nb_transport_fw(*transactions_[number].payload, phase, delay);
    }
    if (transactions_[number].party != Parties::kNone) {
        answer_party(transactions_[number].party);
        return;
    }
    NocTransaction& transaction = transactions_[number];
    transaction.stage = NocTransaction::Stage::to_tile;
    transaction.sent_cycle = edge_now();
    const tlm::tlm_generic_payload& payload = *transaction.payload;
    const unsigned flits = response_flits(payload);
    const bool data = payload.is_read() && payload.is_response_ok();
    count_sent(false, payload.is_read(), flits, data ? payload.get_data_length() : 0);
    inject(number, transaction.sent_cycle, target_end(transaction.target), tile_end(transaction.tile), flits,
           responses);
}

} // namespace systolica
