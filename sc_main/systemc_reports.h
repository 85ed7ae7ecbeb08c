// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// SystemC's reports on stderr: its own handler prints to stdout, which carries results.
#pragma once

namespace systolica {

void send_systemc_reports_to_stderr();

} // namespace systolica
