// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The tables of tests/golden/scale_out as text.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace systolica {

inline std::string golden_text(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(SYSTOLICA_TEST_DIR "/golden/scale_out/" + name).rdbuf();
    return text.str();
}

} // namespace systolica
