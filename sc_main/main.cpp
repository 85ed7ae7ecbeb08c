// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Entry point: what must be settled before the SystemC kernel starts, then the application.
#include "sc_main/application.h"
#include "sc_main/systemc_reports.h"

#include <systemc>

#include <csignal>
#include <cstdlib>

int sc_main(int argc, char** argv) {
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS); // must precede the first sc_time
    systolica::send_systemc_reports_to_stderr();
    return systolica::application(argc, argv);
}

int main(int argc, char** argv) {
    ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0); // the banner; --version names SystemC
    std::signal(SIGXFSZ, SIG_IGN); // a file over its size limit is a failed write, not the end of the process
    return sc_core::sc_elab_and_sim(argc, argv);
}
