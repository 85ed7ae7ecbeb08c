// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Ctrl-C and SIGTERM as a flag that the simulation looks at, so that traces are closed. A second signal ends the
// process at once.
#pragma once

#include <atomic>

namespace systolica {

class Interrupt {
public:
    Interrupt(); // one at a time
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    void raise(); // as if a signal had come
    const std::atomic<bool>* flag() const;
};

} // namespace systolica
