// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From a platform file to a Platform: the file's bases, the file, each `--set`, in this order; a later value wins.
#pragma once

#include <string>
#include <vector>

#include "platforms/description.h"

namespace systolica {

// `sets` are "KEY=VALUE", KEY a dotted path and VALUE as in YAML. Throws InputError with every problem that was found.
Platform read_platform(const std::string& name_or_path, const std::vector<std::string>& sets = {});

} // namespace systolica
