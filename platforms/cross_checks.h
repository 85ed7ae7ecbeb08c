// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What must hold between the values of a platform, and the values that follow from others.
#pragma once

#include <functional>
#include <string>

#include "base/diagnostics.h"
#include "platforms/description.h"

namespace systolica {

// Adds one problem for every rule that is broken, at the key that was given last of those that break it. A rule about
// a key for which `failed` holds is left out: its value is not known.
void check_platform(const Platform& platform, const std::function<bool(const std::string&)>& failed,
                    Problems& problems);

} // namespace systolica
