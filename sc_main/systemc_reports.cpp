// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/systemc_reports.h"

#include <systemc>

#include <cstdlib>
#include <iostream>

namespace systolica {

namespace {

void handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    // A report that is thrown is printed once, by whoever catches it.
    if ((actions & sc_core::SC_DISPLAY) != 0 && (actions & sc_core::SC_THROW) == 0) {
        std::cerr << sc_core::sc_report_compose_message(report) << std::endl;
    }
    if ((actions & sc_core::SC_STOP) != 0) {
        sc_core::sc_stop();
    }
    if ((actions & sc_core::SC_ABORT) != 0) {
        std::abort();
    }
    if ((actions & sc_core::SC_THROW) != 0) {
        throw report;
    }
}

} // namespace

void send_systemc_reports_to_stderr() {
    sc_core::sc_report_handler::set_handler(handle);
    // Fatal errors end like any other: one line and an exit code instead of an abort.
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
}

} // namespace systolica
