// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/mapped_simdit.h"

#include "base/diagnostics.h"
#include "machine/simdit/chip_config.h"
#include "mapping/simdit/commands.h"
#include "mapping/simdit/plan.h"

namespace systolica {

MappedRun map_simdit(const Platform& platform, const Graph& network, const SimulationOptions& options) {
    if (options.mapped_for != nullptr) {
        throw InputError({options.mapped_for->file, 0, 0}, "",
                         "expected no platform to map for with dataflow simdit, whose tiles depend on no width");
    }
    const SimditConfig config = simdit_config(platform.chip);
    SimditProgram program = options.training
                                ? simdit_training_program(config, network, platform.training)
                                : simdit_inference_program(config, network, platform.mapping.fold_batch_norm);
    if (platform.mapping.fusion) {
        fuse(config, program);
    }
    MappedRun run;
    run.plan = std::make_unique<const Plan>(simdit_plan(config, program, platform.chip, platform.mapping));
    run.programs.push_back(std::make_unique<SimditCommands>(config, program));
    if (options.training) {
        run.training = training_result(platform, network, simdit_kept_traffic(config, program));
    }
    return run;
}

} // namespace systolica
