// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/plan.h"

#include "machine/simdit/cost.h"

namespace systolica {

Plan simdit_plan(const SimditConfig& config, const SimditProgram& program, const ChipConfig& chip,
                 const MappingOptions& options) {
    Plan plan;
    plan.chip = chip;
    plan.options = options;
    for (const SimditOperation& operation : program) {
        PlannedOperation planned;
        planned.name = operation.name;
        planned.op = operation.op;
        planned.pass = operation.pass;
        planned.m = operation.product.m;
        planned.n = operation.product.n;
        planned.k = operation.product.k;
        planned.macs = operation.product.macs();
        planned.view = operation.view();
        for (const SimditTask& task : operation.tasks) {
            const SimditCost cost = simdit_cost(config, task.work);
            planned.dram_read_bytes += cost.load_bytes();
            planned.dram_write_bytes += cost.store_bytes();
            plan.estimated_cycles += static_cast<double>(cost.cycles());
        }
        plan.operations.push_back(std::move(planned));
    }
    return plan;
}

KeptTraffic simdit_kept_traffic(const SimditConfig& config, const SimditProgram& program) {
    KeptTraffic traffic;
    for (const SimditOperation& operation : program) {
        if (operation.view() || (!operation.result_kept && operation.kept_operands == 0)) {
            continue;
        }
        const SimditCost cost = simdit_cost(config, operation.tasks.front().work);
        if (operation.result_kept) {
            traffic.written_bytes += cost.store_bytes() - cost.ofmap_load_bytes;
        }
        if (operation.product_task() != nullptr) {
            traffic.read_bytes += operation.kept_operands > 0 ? cost.ifmap_bytes : 0;
        } else if (operation.kept_operands > 0) {
            traffic.read_bytes += cost.vector_load_bytes * operation.kept_operands / operation.tensor_operands;
        }
    }
    return traffic;
}

} // namespace systolica
