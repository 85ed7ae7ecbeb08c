// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/interrupt.h"

#include <csignal>

#include <signal.h>

namespace systolica {

namespace {

// A signal handler reaches nothing but objects of static storage.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");

extern "C" void note_signal(int) {
    interrupted.store(true, std::memory_order_relaxed);
}

} // namespace

Interrupt::Interrupt() {
    interrupted.store(false);
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART; // the next one does what it always did
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

Interrupt::~Interrupt() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

void Interrupt::raise() {
    interrupted.store(true);
}

const std::atomic<bool>* Interrupt::flag() const {
    return &interrupted;
}

} // namespace systolica
