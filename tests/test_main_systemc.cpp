// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Entry point of tests that use the SystemC kernel. One process runs one test (CTest discovery), because a
// simulation context cannot be reset.
#include <systemc>

#include <gtest/gtest.h>

int sc_main(int, char**) {
    return RUN_ALL_TESTS();
}

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    return sc_core::sc_elab_and_sim(argc, argv);
}
