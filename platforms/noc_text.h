// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#pragma once

#include <string>

#include "machine/noc/config.h"

namespace systolica {

// "mesh of 4 x 4 routers", "torus of 4 x 4 routers, xy, 4 virtual channels of 8 flits, flit level".
std::string network_text(const NocConfig& noc);

} // namespace systolica
