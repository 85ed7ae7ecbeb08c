// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/protocol_errors.h"

#include <string>

namespace systolica {

void ProtocolErrors::add(const sc_core::sc_object& target, const tlm::tlm_generic_payload* payload,
                         const tlm::tlm_phase& phase, const char* what, const char* legal) {
    if (count_++ == 0) {
        const std::string of = payload == nullptr ? ""
                                                  : " (address " + std::to_string(payload->get_address()) + ", " +
                                                        std::to_string(payload->get_data_length()) + " bytes)";
        const std::string text =
            std::string(target.name()) + ": " + phase.get_name() + " " + what + of + ": expected " + legal;
        SC_REPORT_ERROR("/dram/protocol", text.c_str());
    }
}

} // namespace systolica
