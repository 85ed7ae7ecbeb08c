// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A platform as the rest of the simulator sees it: the Config structs, composed, and where each value came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/diagnostics.h"
#include "machine/chip_link/config.h"
#include "machine/tile_config.h"
#include "mapping/options.h"
#include "workloads/training/training.h"

namespace systolica {

// Where a value was given last. Layers count from 1 in the order in which they apply: the base of a file, the file,
// each `--set`.
struct Origin {
    Location where;
    unsigned layer = 0;
};

struct Platform {
    std::string name;
    std::string file; // the platform file, as it was found
    ChipConfig chip;
    MappingOptions mapping;
    TrainingOptions training; // how an iteration of training is expanded
    SystemConfig system;
    std::map<std::string, Origin> origins; // by dotted key; a key that is not here has its default

    // "edge_npu.yaml:3:5", "--set KEY=VALUE" or "default".
    std::string origin_of(const std::string& key) const {
        const auto found = origins.find(key);
        return found == origins.end() ? "default" : found->second.where.text();
    }
};

// What a file that says nothing describes: the defaults of the Config structs, the built-in vector costs.
Platform default_platform();

} // namespace systolica
