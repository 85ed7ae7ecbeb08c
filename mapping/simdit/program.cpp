// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/simdit/program.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "machine/simdit/cost.h"

namespace systolica {

namespace {

bool is_convolution(const SimditTask& task) {
    return std::string_view(task.word).substr(0, 4) == "conv";
}

// What SimDIT's compiler fuses with which product.
bool is_pair(const SimditTask& product, const std::string& pass, std::string_view next) {
    if (pass == "backward_weight") {
        return next == (is_convolution(product) ? "sgd4d" : "sgd2d");
    }
    return pass == "forward" && is_convolution(product) && (next == "relu" || next == "elem_add" || next == "mean_var");
}

} // namespace

void set_result_bits(SimditProgram& program) {
    SimditVector* before = nullptr;
    for (SimditOperation& operation : program) {
        if (operation.view()) {
            before = nullptr;
        }
        for (SimditTask& task : operation.tasks) {
            const bool product = std::holds_alternative<SimditProduct>(task.work);
            const bool transposed = is_convolution(task) && operation.pass != "forward";
            if (before != nullptr) {
                before->feeds_array = product && !transposed;
            }
            before = std::get_if<SimditVector>(&task.work);
        }
    }
}

void fuse(const SimditConfig& config, SimditProgram& program) {
    std::map<int, unsigned> readers;
    for (const SimditOperation& operation : program) {
        for (const int tensor : operation.operands) {
            ++readers[tensor];
        }
    }
    for (std::size_t i = 0; i + 1 < program.size(); ++i) {
        const SimditOperation& next = program[i + 1];
        if (program[i].product_task() == nullptr || next.view() || readers[program[i].result] != 1) {
            continue;
        }
        const bool reads =
            std::find(next.operands.begin(), next.operands.end(), program[i].result) != next.operands.end();
        auto* following = std::get_if<SimditVector>(&program[i + 1].tasks.front().work);
        SimditTask& task = program[i].tasks.front();
        if (reads && following != nullptr && is_pair(task, program[i].pass, next.tasks.front().word)) {
            following->operand_stays = true;
            auto& product = std::get<SimditProduct>(task.work);
            product.result_stays = true;
            product.following_cycles = simdit_cost(config, *following).cycles();
        }
    }
}

} // namespace systolica
