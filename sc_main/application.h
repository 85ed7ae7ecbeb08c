// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The program behind main(): picks the command and turns what it throws into one line and an exit code.
#pragma once

namespace systolica {

int application(int argc, const char* const* argv);

} // namespace systolica
