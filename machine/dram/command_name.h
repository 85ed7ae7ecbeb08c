// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the truth tables of JESD209-4 and JESD209-5 call a command.
#pragma once

#include "machine/dram/command_listener.h"

namespace systolica {

const char* command_mnemonic(DramCommand command);

} // namespace systolica
