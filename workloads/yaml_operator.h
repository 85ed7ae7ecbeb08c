// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// One operator of the native workload format: the words and keys it knows, and its numbers.
#pragma once

#include <string>

#include "base/strict_yaml.h"
#include "workloads/graph_builder.h"

namespace systolica {

struct YamlOperator {
    OperatorSpec spec;
    Places places;
    bool good = false; // false: problems were added, the operator cannot be built
};

// `position` is what messages call an operator whose name is not known, `previous` the tensor it takes by default.
YamlOperator read_yaml_operator(const YamlNode& node, const std::string& position, const std::string& previous,
                                Problems& problems);

} // namespace systolica
