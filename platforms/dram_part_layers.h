// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A DRAM part file and its bases as one map.
#pragma once

#include <optional>
#include <string>

#include "base/strict_yaml.h"

namespace systolica {

// Keys of the file override those of the bundled part or file that its key `base` names, and so on down; a part does
// not inherit the name of its base. Every entry keeps its place. Nothing, with a problem, when a file is no map or a
// base cannot be found; throws InputError for what is not YAML.
std::optional<YamlNode> read_part_layers(const std::string& path, Problems& problems);

} // namespace systolica
