// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The JSON Schema (draft 2020-12) of a platform file, made from the key table, for editors that complete and check
// YAML. It covers each value alone; what must hold between values only the reader checks.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace systolica {

nlohmann::ordered_json platform_schema();

} // namespace systolica
