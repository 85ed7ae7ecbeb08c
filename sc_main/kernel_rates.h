// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How fast the SystemC kernel itself is here: what a model made of nothing but events or transactions would reach.
// Measured once a process, since the modules join its simulation.
#pragma once

namespace systolica {

struct KernelRates {
    double method_activations_per_s = 0; // SC_METHOD woken by a timed event
    double at_transactions_per_s = 0;    // four phases, peq_with_cb_and_phase on both sides
    double b_transport_per_s = 0;        // blocking calls through sockets
};

KernelRates measure_kernel_rates();

} // namespace systolica
