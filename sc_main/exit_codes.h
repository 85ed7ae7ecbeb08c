// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How the program ends; docs/reference.md lists the meaning of each code for scripts.
#pragma once

namespace systolica {

enum ExitCode : int {
    kDone = 0,
    kSimulationError = 1, // the simulation found an error, or its results cannot be written
    kWrongUsage = 2,
    kBadInput = 3,    // platform, workload or trace file
    kNotFinished = 4, // deadlock, time limit, interrupt
    kInternalError = 70,
};

} // namespace systolica
