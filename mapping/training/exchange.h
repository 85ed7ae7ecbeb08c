// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Makes the updates of an iteration read sums over several chips instead of this chip's own gradients.
#pragma once

#include <cstdint>

#include "machine/exchange/gradient_exchange.h"
#include "mapping/plan.h"

namespace systolica {

struct ExchangeOptions {
    std::uint64_t bucket_bytes = 0; // gradients are gathered until there are so many
    bool overlap = true;            // a bucket starts when it is whole; else when all are
};

// For a plan of `updates_last` whose updates are apart (MappingOptions::updates_apart). Room for the sums is added to
// the plan's memory. Throws InputError where that is more than there is.
GradientExchange exchange_gradients(Plan& plan, const std::string& network, const ExchangeOptions& options);

} // namespace systolica
