// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/inputs.h"

namespace systolica {

namespace {

template <class Read>
void collect(Problems& problems, Read read) {
    try {
        read();
    } catch (const InputError& error) {
        for (const Problem& problem : error.problems().list()) {
            problems.add(problem.where, problem.key, problem.message);
        }
    }
}

} // namespace

Inputs read_inputs(const std::string& platform, const std::vector<std::string>& sets, const std::string& workload,
                   std::uint64_t batch) {
    Inputs inputs;
    Problems problems;
    collect(problems, [&] { inputs.platform = read_platform(platform, sets); });
    collect(problems, [&] { inputs.workload = read_workload(workload, batch); });
    if (!problems.empty()) {
        throw InputError(problems);
    }
    return inputs;
}

} // namespace systolica
