// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// From the tensors of the training graph, which forms name, to those of the plan: what is read as it stands at that
// point, what is written as a new state of it.
#pragma once

#include <vector>

#include "mapping/training/form.h"
#include "mapping/training/tensors.h"

namespace systolica {

class FormTensors {
public:
    FormTensors(const TrainingGraph& graph, TrainingTensors& tensors, Plan& plan);

    // `update`: parameters are read in the optimiser's width and written. `shared`: phases and parts of an operation
    // write one tensor together, that of the form bound last.
    void bind(Form& form, bool update, bool shared);

private:
    void widen_states(const Form& form);
    int bound(int tensor, const Shape& shape, bool update);
    void bind_inputs(Form& form, bool update);
    void bind_output(Form& form, bool shared);
    void write_copies(Form& form);

    const TrainingTensor& of(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)]; }
    PlannedTensor& planned(int index) { return plan_.tensors[static_cast<std::size_t>(index)]; }

    const TrainingGraph& graph_;
    TrainingTensors& tensors_;
    Plan& plan_;
    const std::vector<bool> raised_; // by tensor
    int output_ = -1;                // planned tensor of the form at hand
    std::vector<int> written_;
};

} // namespace systolica
