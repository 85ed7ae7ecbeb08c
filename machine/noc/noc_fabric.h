// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From the description of a chip's network to the network of routers that it is.
#pragma once

#include <memory>

#include "machine/noc/config.h"
#include "machine/noc/fabric/config.h"
#include "machine/noc/fabric/fabric_network.h"

namespace systolica {

enum class NocEnds { tiles, tiles_and_memories }; // endpoints, in this order

unsigned noc_routers(const NocConfig& noc);

// Requests and responses, two classes of messages, must not wait for each other.
FabricConfig noc_fabric(const NocConfig& noc, NocEnds ends, unsigned message_classes);

std::unique_ptr<FabricNetwork> make_fabric_network(NocLevel level, const FabricConfig& config);

} // namespace systolica
