// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Writes every command of a channel to a CSV file, in order of time. Commands are announced out of order (see
// command_listener.h) by no more than the columns of one train and a few row commands around it, so that a few hundred
// waiting ones are enough to put them right, however long the simulation.
#pragma once

#include <cstddef>
#include <queue>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/output_file.h"
#include "machine/dram/command_name.h"

namespace systolica {

class DramCommandTrace : public DramCommandListener {
public:
    static const char* header(); // the first line of the file

    // The file is shared by the channels of a memory and outlives this.
    DramCommandTrace(const DramConfig& config, unsigned channel, OutputFile& file);

    void command(const IssuedCommand& issued) override;
    void finish(); // what still waits

private:
    struct Row {
        Ck at;
        std::uint64_t order; // of announcement
        std::uint64_t row;
        std::uint32_t column;
        std::uint16_t bank, rank;
        DramCommand command;

        bool operator<(const Row& other) const { // a priority_queue holds the largest on top
            return at != other.at ? at > other.at : order > other.order;
        }
    };

    void write_first();

    const Clock clock_;
    const unsigned channel_;
    const std::size_t most_waiting_;
    OutputFile& file_;
    std::priority_queue<Row> waiting_;
    std::uint64_t order_ = 0;
};

} // namespace systolica
