// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/tlm/protocol_checker.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace systolica {

namespace {

constexpr std::array<const char*, static_cast<std::size_t>(ProtocolChecker::Rule::count)> kRuleNames{
    "phase",           "request_exclusion", "response_exclusion", "attributes", "time", "memory_manager",
    "response_status", "nesting",           "unfinished"};

std::uint64_t after(const sc_core::sc_time& delay) {
    return (sc_core::sc_time_stamp() + delay).value();
}

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv
std::uint64_t hashed(std::uint64_t hash, const unsigned char* bytes, unsigned count) {
    for (unsigned i = 0; bytes != nullptr && i < count; ++i) {
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    return hash;
}

bool extended(const tlm::tlm_phase& phase) {
    return static_cast<unsigned>(phase) > tlm::END_RESP;
}

} // namespace

ProtocolChecker::Attributes::Attributes(const Payload& payload)
    : command(payload.get_command()),
      address(payload.get_address()),
      data(payload.get_data_ptr()),
      enables(payload.get_byte_enable_ptr()),
      length(payload.get_data_length()),
      width(payload.get_streaming_width()),
      enable_length(payload.get_byte_enable_length()),
      contents(hashed(0xcbf29ce484222325, enables, enable_length)) {
    if (payload.is_write()) {
        contents = hashed(contents, data, length);
    }
}

bool ProtocolChecker::Attributes::operator==(const Attributes& other) const {
    return command == other.command && address == other.address && data == other.data && enables == other.enables &&
           length == other.length && width == other.width && enable_length == other.enable_length &&
           contents == other.contents;
}

ProtocolChecker::ProtocolChecker(const sc_core::sc_module_name& name) : sc_module(name) {
    check_in.bind(*this);
    check_out.bind(*this);
}

std::uint64_t ProtocolChecker::violations() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

void ProtocolChecker::violate(Rule rule, const Payload& payload, const std::string& what) {
    violate(rule, payload.get_address(), payload.get_data_length(), what);
}

void ProtocolChecker::violate(Rule rule, std::uint64_t address, unsigned bytes, const std::string& what) {
    ++counts_[static_cast<std::size_t>(rule)];
    if (texts_.size() < kKeptTexts) {
        texts_.push_back(sc_core::sc_time_stamp().to_string() + ": " + kRuleNames[static_cast<std::size_t>(rule)] +
                         ": " + what + " (address " + std::to_string(address) + ", " + std::to_string(bytes) +
                         " bytes)");
    }
}

ProtocolChecker::Transaction* ProtocolChecker::find(const Payload& payload, std::uint64_t number) {
    const auto found = open_.find(&payload);
    return found == open_.end() || found->second.number != number ? nullptr : &found->second;
}

void ProtocolChecker::check_status(const Payload& payload, bool begun) {
    const bool incomplete = payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE;
    if (incomplete != begun) {
        violate(Rule::response_status, payload,
                begun ? "expected TLM_INCOMPLETE_RESPONSE with a request, got " + payload.get_response_string()
                      : "expected a status with the response, got TLM_INCOMPLETE_RESPONSE");
    }
}

// What holds at every phase.
void ProtocolChecker::reach(const Payload& payload, Transaction& transaction, std::uint64_t at_ps) {
    if (!(transaction.attributes == Attributes(payload))) {
        violate(Rule::attributes, payload, "expected the attributes of BEGIN_REQ, got others");
        transaction.attributes = Attributes(payload);
    }
    if (at_ps < transaction.reached_ps) {
        violate(Rule::time, payload,
                "expected " + std::to_string(transaction.reached_ps) + " ps or later, got " + std::to_string(at_ps) +
                    " ps");
    }
    transaction.reached_ps = std::max(transaction.reached_ps, at_ps);
    if (payload.has_mm() && payload.get_ref_count() < 1) {
        violate(Rule::memory_manager, payload, "expected a payload that is held, got one that has been released");
    }
}

std::uint64_t ProtocolChecker::begin(const Payload& payload, std::uint64_t at_ps) {
    const std::uint64_t number = ++transactions_;
    const auto made = open_.insert({&payload, {number, Attributes(payload), Stage::begin_req, at_ps}});
    if (!made.second) {
        violate(Rule::phase, payload, "expected a payload at rest with BEGIN_REQ, got one that is in use");
        made.first->second = {number, Attributes(payload), Stage::begin_req, at_ps};
    }
    if (!payload.has_mm()) {
        violate(Rule::memory_manager, payload, "expected a payload with a memory manager, got one without");
    }
    reach(payload, made.first->second, at_ps);
    check_status(payload, true);
    if (requesting_ != nullptr || at_ps < request_free_ps_) {
        violate(Rule::request_exclusion, payload,
                "expected BEGIN_REQ after the end of the request before, got it earlier");
    }
    requesting_ = &payload;
    return number;
}

void ProtocolChecker::end_request(const Payload& payload, Transaction& transaction, std::uint64_t at_ps) {
    transaction.stage = Stage::end_req;
    if (requesting_ == &payload) {
        requesting_ = nullptr;
        request_free_ps_ = at_ps;
    }
}

void ProtocolChecker::begin_response(const Payload& payload, Transaction& transaction, std::uint64_t at_ps) {
    if (transaction.stage == Stage::begin_req) {
        end_request(payload, transaction, at_ps); // implied
    }
    transaction.stage = Stage::begin_resp;
    check_status(payload, false);
    if (responding_ != nullptr || at_ps < response_free_ps_) {
        violate(Rule::response_exclusion, payload,
                "expected BEGIN_RESP after the end of the response before, got it earlier");
    }
    responding_ = &payload;
}

void ProtocolChecker::end(const Payload& payload, std::uint64_t at_ps) {
    if (requesting_ == &payload) {
        requesting_ = nullptr;
        request_free_ps_ = at_ps;
    }
    if (responding_ == &payload) {
        responding_ = nullptr;
        response_free_ps_ = at_ps;
    }
    open_.erase(&payload);
}

ProtocolChecker::Transaction* ProtocolChecker::expect(const Payload& payload, const tlm::tlm_phase& phase,
                                                      const char* path, Stage one, Stage other) {
    const auto found = open_.find(&payload);
    if (found == open_.end() || (found->second.stage != one && found->second.stage != other)) {
        static constexpr std::array<const char*, 3> kNext{"END_REQ or BEGIN_RESP on the backward path",
                                                          "BEGIN_RESP on the backward path",
                                                          "END_RESP on the forward path"};
        const std::string legal =
            found == open_.end() ? "BEGIN_REQ" : kNext[static_cast<std::size_t>(found->second.stage)];
        violate(Rule::phase, payload, "expected " + legal + ", got " + phase.get_name() + " on the " + path + " path");
        return nullptr;
    }
    return &found->second;
}

void ProtocolChecker::answer_to_begin(tlm::tlm_sync_enum answer, std::uint64_t number, const Payload& payload,
                                      const tlm::tlm_phase& phase, std::uint64_t at_ps) {
    if (answer == tlm::TLM_ACCEPTED) {
        return;
    }
    Transaction* const transaction = find(payload, number);
    const bool legal_phase = answer == tlm::TLM_COMPLETED || phase == tlm::END_REQ || phase == tlm::BEGIN_RESP;
    if (transaction == nullptr || transaction->stage != Stage::begin_req || !legal_phase) {
        violate(Rule::phase, payload,
                "expected END_REQ, BEGIN_RESP or TLM_COMPLETED in answer to BEGIN_REQ, once, got " +
                    std::string(answer == tlm::TLM_COMPLETED ? "TLM_COMPLETED" : phase.get_name()));
        return;
    }
    reach(payload, *transaction, at_ps);
    if (answer == tlm::TLM_COMPLETED) {
        check_status(payload, false);
        end(payload, at_ps);
    } else if (phase == tlm::END_REQ) {
        end_request(payload, *transaction, at_ps);
    } else {
        begin_response(payload, *transaction, at_ps);
    }
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const tlm::tlm_phase called = phase;
    const std::uint64_t at_ps = after(delay);
    std::uint64_t number = 0;
    if (called == tlm::BEGIN_REQ) {
        number = begin(payload, at_ps);
    } else if (!extended(called)) {
        Transaction* const transaction =
            called == tlm::END_RESP ? expect(payload, phase, "forward", Stage::begin_resp, Stage::begin_resp) : nullptr;
        if (transaction != nullptr) {
            reach(payload, *transaction, at_ps);
            end(payload, at_ps); // before the call, in which the target may let go of the payload
        } else if (called != tlm::END_RESP) {
            violate(Rule::phase, payload,
                    std::string("expected BEGIN_REQ or END_RESP on the forward path, got ") + called.get_name());
        }
    }
    const sc_core::sc_time delay_in = delay;
    ++in_forward_;
    const tlm::tlm_sync_enum answer = check_out->nb_transport_fw(payload, phase, delay);
    --in_forward_;
    if (called == tlm::BEGIN_REQ) {
        answer_to_begin(answer, number, payload, phase, after(delay));
        if (answer != tlm::TLM_ACCEPTED && delay < delay_in) {
            violate(Rule::time, payload, "expected no less delay in the answer to BEGIN_REQ than it came with");
        }
    } else if (called == tlm::END_RESP && answer == tlm::TLM_UPDATED) {
        violate(Rule::phase, payload, "expected TLM_ACCEPTED or TLM_COMPLETED in answer to END_RESP, got TLM_UPDATED");
    }
    return answer;
}

tlm::tlm_sync_enum ProtocolChecker::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    const tlm::tlm_phase called = phase;
    const std::uint64_t at_ps = after(delay);
    Transaction* transaction = nullptr;
    if (in_forward_ != 0) {
        violate(Rule::nesting, payload, "expected no backward call from inside a forward call, got one");
    }
    if (called == tlm::END_REQ) {
        transaction = expect(payload, phase, "backward", Stage::begin_req, Stage::begin_req);
    } else if (called == tlm::BEGIN_RESP) {
        transaction = expect(payload, phase, "backward", Stage::begin_req, Stage::end_req);
    } else if (!extended(called)) {
        violate(Rule::phase, payload,
                std::string("expected END_REQ or BEGIN_RESP on the backward path, got ") + called.get_name());
    }
    if (transaction != nullptr) {
        reach(payload, *transaction, at_ps);
        called == tlm::END_REQ ? end_request(payload, *transaction, at_ps)
                               : begin_response(payload, *transaction, at_ps);
    }
    const std::uint64_t number = transaction != nullptr ? transaction->number : 0;
    const std::uint64_t address = payload.get_address();
    const unsigned bytes = payload.get_data_length();
    const tlm::tlm_sync_enum answer = check_in->nb_transport_bw(payload, phase, delay);
    // The initiator may have let go of the payload by now: nothing but the answer is looked at.
    if (extended(called) || answer == tlm::TLM_ACCEPTED) {
        return answer;
    }
    const bool ends = called == tlm::BEGIN_RESP && (answer == tlm::TLM_COMPLETED || phase == tlm::END_RESP);
    if (!ends || (number != 0 && find(payload, number) == nullptr)) {
        violate(Rule::phase, address, bytes,
                called == tlm::END_REQ
                    ? "expected TLM_ACCEPTED in answer to END_REQ, got another"
                    : "expected END_RESP or TLM_COMPLETED in answer to BEGIN_RESP, once, got another");
    } else if (number != 0) {
        if (after(delay) < at_ps) {
            violate(Rule::time, address, bytes, "expected no less delay in the answer to BEGIN_RESP than it came with");
        }
        end(payload, after(delay));
    }
    return answer;
}

void ProtocolChecker::b_transport(Payload& payload, sc_core::sc_time& delay) {
    ++transactions_;
    const Attributes before(payload);
    const std::uint64_t at_ps = after(delay);
    check_status(payload, true);
    check_out->b_transport(payload, delay);
    check_status(payload, false);
    if (!(before == Attributes(payload))) {
        violate(Rule::attributes, payload, "expected the attributes with which b_transport was called, got others");
    }
    if (after(delay) < at_ps) {
        violate(Rule::time, payload, "expected b_transport to return no earlier than it was called");
    }
}

bool ProtocolChecker::get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    return check_out->get_direct_mem_ptr(payload, dmi);
}

unsigned ProtocolChecker::transport_dbg(Payload& payload) {
    return check_out->transport_dbg(payload);
}

void ProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 from, sc_dt::uint64 to) {
    check_in->invalidate_direct_mem_ptr(from, to);
}

void ProtocolChecker::finish() {
    std::vector<std::pair<std::uint64_t, const Payload*>> left; // in order of BEGIN_REQ, not of pointers
    for (const auto& entry : open_) {
        left.emplace_back(entry.second.number, entry.first);
    }
    std::sort(left.begin(), left.end());
    for (const auto& entry : left) {
        violate(Rule::unfinished, *entry.second, "expected every transaction to end, got one that has not");
    }
}

} // namespace systolica
