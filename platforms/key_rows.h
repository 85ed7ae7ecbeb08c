// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The rows of the key table, in the order of a platform file.
#pragma once

#include <vector>

#include "platforms/key.h"

namespace systolica::keys {

void add_general_keys(std::vector<Key>& table); // name, base, clock
void add_tile_keys(std::vector<Key>& table);    // precision, tile
void add_noc_keys(std::vector<Key>& table);     // chip.tiles, chip.noc
void add_chip_keys(std::vector<Key>& table);    // the rest of chip
void add_system_keys(std::vector<Key>& table);  // system
void add_run_keys(std::vector<Key>& table);     // mapping, training
void add_simdit_keys(std::vector<Key>& table);  // chip.dram.bits_per_cycle, simdit

} // namespace systolica::keys
