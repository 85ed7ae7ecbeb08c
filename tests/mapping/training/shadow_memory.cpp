// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "shadow_memory.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace systolica {

namespace {

// Cells that a transfer touches, each run from its first to its last.
template <typename Visit>
void for_cells(const DmaArguments& d, std::uint64_t cell_bytes, Visit visit) {
    for (std::uint64_t i = 0; i < d.count[0]; ++i) {
        for (std::uint64_t j = 0; j < d.count[1]; ++j) {
            for (std::uint64_t k = 0; k < d.count[2]; ++k) {
                const std::uint64_t run =
                    d.memory_address + i * d.stride_bytes[0] + j * d.stride_bytes[1] + k * d.stride_bytes[2];
                for (std::uint64_t cell = run / cell_bytes; cell * cell_bytes < run + d.run_bytes; ++cell) {
                    visit(cell);
                }
            }
        }
    }
}

} // namespace

std::vector<int> levels_of(const Plan& plan) {
    std::vector<int> levels(plan.operations.size(), -1);
    int next = 0;
    for (const Group& group : plan.groups) {
        std::vector<std::uint32_t> rows{group.operation, group.last_operation};
        for (const Layer::Stage& stage : group.layer.stages) {
            rows.push_back(stage.operation);
        }
        for (const Result& result : group.results) {
            rows.push_back(result.operation);
        }
        int level = -1;
        for (const std::uint32_t row : rows) {
            level = std::max(level, levels[row]);
        }
        level = level < 0 ? next++ : level;
        for (const std::uint32_t row : rows) {
            levels[row] = level;
        }
    }
    return levels;
}

ShadowMemory::ShadowMemory(const TrainingGraph& graph, const Plan& plan, std::uint64_t cell_bytes)
    : graph_(graph),
      plan_(plan),
      cell_bytes_(cell_bytes),
      flow_(graph),
      cells_((plan.memory_bytes + cell_bytes - 1) / cell_bytes),
      level_(levels_of(plan)) {
    for (const PlannedTensor& tensor : plan.tensors) {
        if (tensor.event == 0 && tensor.view_of < 0 && tensor.parts.empty()) {
            claim(tensor.layout.base, tensor.layout.bytes());
        }
    }
}

void ShadowMemory::claim(std::uint64_t base, std::uint64_t bytes) {
    for (std::uint64_t cell = base / cell_bytes_; cell * cell_bytes_ < base + bytes; ++cell) {
        ASSERT_LT(cell, cells_.size()) << "beyond the memory of the plan";
        cells_[cell].writer = kFromOutside;
    }
}

void ShadowMemory::watch(Interpreter& interpreter) {
    const auto tell = [this](unsigned tile, const Command& command, bool retires) {
        if (failed_) {
            return;
        }
        if (command.opcode == Opcode::load) {
            load(tile, command, retires);
        } else if (command.opcode == Opcode::store) {
            store(tile, command, retires);
        }
    };
    interpreter.on_issue = [tell](unsigned tile, const Command& command) { tell(tile, command, false); };
    interpreter.on_retire = [tell](unsigned tile, const Command& command) { tell(tile, command, true); };
}

// The gradient of a table is added to row by row, where it lies: most rows are not written at all, some repeatedly.
bool ShadowMemory::touches_table(std::uint32_t row) const {
    const auto of_table = [&](int operation) {
        return operation >= 0 && graph_.operations[static_cast<std::size_t>(operation)].op == "embedding_bwd_weight";
    };
    const std::set<int>& writers = flow_.writers(row);
    return of_table(static_cast<int>(row)) || std::any_of(writers.begin(), writers.end(), of_table);
}

void ShadowMemory::load(unsigned tile, const Command& command, bool retires) {
    const std::set<int>& writers = flow_.writers(command.operation);
    const auto row = static_cast<int>(command.operation);
    const bool table = touches_table(command.operation);
    for_cells(command.dma, cell_bytes_, [&](std::uint64_t cell) {
        if (cell >= cells_.size()) {
            complain(tile, command, cell, "loads beyond the memory of the plan");
            return;
        }
        const Cell& at = cells_[cell];
        if (!table && writers.count(at.writer) == 0 && at.writer != row) {
            complain(tile, command, cell, retires ? "at the end of a load finds" : "loads");
        } else if (at.in_flight > 0 && at.writer != row) {
            complain(tile, command, cell, "loads while another store is under way");
        }
        if (!retires && cell_bytes_ == 1) {
            loaded_[{command.operation, at.writer}].push_back(cell);
        }
    });
}

void ShadowMemory::store(unsigned tile, const Command& command, bool retires) {
    const auto row = static_cast<int>(command.operation);
    const bool table = touches_table(command.operation);
    for_cells(command.dma, cell_bytes_, [&](std::uint64_t cell) {
        if (cell >= cells_.size()) {
            complain(tile, command, cell, "stores beyond the memory of the plan");
            return;
        }
        Cell& at = cells_[cell];
        if (retires) {
            --at.in_flight;
            return;
        }
        if (at.writer >= 0 && level_[static_cast<std::size_t>(at.writer)] > level_[command.operation]) {
            complain(tile, command, cell, "stores late, over");
        }
        if (cell_bytes_ == 1 && !table && (at.writer == row || at.in_flight > 0)) {
            complain(tile, command, cell, "stores a second time, over");
        }
        at.writer = row;
        ++at.in_flight;
        if (cell_bytes_ == 1) {
            stored_[command.operation].push_back(cell);
        }
    });
}

std::string ShadowMemory::name(int row) const {
    return row == kNothing ? "nothing" : row < 0 ? "outside" : plan_.operations[static_cast<std::size_t>(row)].name;
}

void ShadowMemory::complain(unsigned tile, const Command& command, std::uint64_t cell, const char* what) {
    if (failed_) {
        return;
    }
    failed_ = true;
    const std::uint64_t address = cell * cell_bytes_;
    std::string lies;
    for (const PlannedTensor& tensor : plan_.tensors) {
        const std::uint64_t base = tensor.layout.base;
        if (tensor.view_of < 0 && tensor.parts.empty() && address >= base && address < base + tensor.layout.bytes()) {
            lies += " " + tensor.name;
        }
    }
    std::string wanted;
    for (const int writer : flow_.writers(command.operation)) {
        wanted += " " + name(writer);
    }
    ADD_FAILURE() << name(static_cast<int>(command.operation)) << " on tile " << tile << " " << what
                  << " the result of " << (cell < cells_.size() ? name(cells_[cell].writer) : "") << " at " << address
                  << " (" << lies << " ); it reads results of" << wanted;
}

std::vector<std::uint64_t> ShadowMemory::loads(std::uint32_t row, int writer) const {
    const auto at = loaded_.find({row, writer});
    return at == loaded_.end() ? Addresses{} : at->second;
}

std::set<std::uint64_t> ShadowMemory::found(std::uint32_t row, int writer) const {
    const Addresses addresses = loads(row, writer);
    return {addresses.begin(), addresses.end()};
}

std::uint64_t ShadowMemory::stored(std::uint32_t row, std::uint64_t base, std::uint64_t bytes) const {
    const auto at = stored_.find(row);
    std::set<std::uint64_t> inside;
    for (const std::uint64_t address : at == stored_.end() ? Addresses{} : at->second) {
        if (address >= base && address < base + bytes) {
            inside.insert(address);
        }
    }
    return inside.size();
}

} // namespace systolica
