// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The layer of a form with the widths that it will have, to estimate by before anything is planned.
#pragma once

#include "machine/tile_config.h"
#include "mapping/training/form.h"

namespace systolica {

Layer estimated_layer(const TrainingGraph& graph, const Precision& precision, const Form& form);

} // namespace systolica
