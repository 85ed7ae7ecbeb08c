// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/interrupt.h"

#include <csignal>
#include <cstdint>
#include <ctime>

namespace systolica {

namespace {

// A signal handler reaches nothing but objects of static storage.
std::atomic<bool> interrupted{false};
std::atomic<std::int64_t> first_ms{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free,
              "a signal handler may not wait for a lock");

// Tools such as timeout(1) send a signal to the process and again to its group: that is still one request.
constexpr std::int64_t kOneRequestMs = 300;

std::int64_t now_ms() {
    std::timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

extern "C" void note_signal(int number) {
    if (!interrupted.exchange(true)) {
        first_ms.store(now_ms());
    } else if (now_ms() - first_ms.load() > kOneRequestMs) {
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
}

} // namespace

Interrupt::Interrupt() {
    interrupted.store(false);
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
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
