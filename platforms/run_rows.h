// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A row of a result, from what was planned and what was counted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/run_result.h"
#include "mapping/plan.h"
#include "models/chip/ledger.h"

namespace systolica {

// The first of the largest: ties go to the name that comes first.
std::string largest_bucket(std::initializer_list<std::pair<const char*, std::uint64_t>> buckets);

OperationResult row_of(const PlannedOperation& planned, const OperationAccount& counted, std::uint64_t index,
                       std::uint64_t pes);

} // namespace systolica
