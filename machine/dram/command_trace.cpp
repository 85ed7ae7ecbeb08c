// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/command_trace.h"

#include <array>
#include <charconv>
#include <cstring>

namespace systolica {

namespace {

bool names_a_bank(DramCommand command) {
    switch (command) {
    case DramCommand::precharge_all:
    case DramCommand::refresh_all:
    case DramCommand::power_down_entry:
    case DramCommand::power_down_exit:
    case DramCommand::self_refresh_entry:
    case DramCommand::self_refresh_exit:
    case DramCommand::wck_sync:
        return false;
    default:
        return true;
    }
}

// Digits and commas of a row, in a buffer of its own: a trace has millions.
class CsvRow {
public:
    CsvRow& number(std::uint64_t value) {
        at_ = std::to_chars(at_, text_.data() + text_.size(), value).ptr;
        return next();
    }
    CsvRow& name(const char* value) {
        const std::size_t length = std::strlen(value);
        std::memcpy(at_, value, length);
        at_ += length;
        return next();
    }
    CsvRow& number_if(bool there, std::uint64_t value) { return there ? number(value) : next(); }
    std::string_view line() {
        at_[-1] = '\n'; // in place of the last comma
        return {text_.data(), static_cast<std::size_t>(at_ - text_.data())};
    }

private:
    CsvRow& next() {
        *at_++ = ',';
        return *this;
    }

    std::array<char, 160> text_; // seven numbers of at most 20 digits and a short name
    char* at_ = text_.data();
};

} // namespace

const char* DramCommandTrace::header() {
    return "clock,time_ps,channel,command,rank,bank,row,column\n";
}

DramCommandTrace::DramCommandTrace(const DramConfig& config, unsigned channel, OutputFile& file)
    : clock_(config.part.clock_khz()),
      channel_(channel),
      most_waiting_(std::size_t{4} * config.part.page_bytes / config.part.burst_bytes() + 64),
      file_(file) {}

void DramCommandTrace::command(const IssuedCommand& issued) {
    for (unsigned i = 0; i < issued.count; ++i) {
        waiting_.push({issued.at + i * issued.gap, order_++, issued.row, issued.column + i,
                       static_cast<std::uint16_t>(issued.bank), static_cast<std::uint16_t>(issued.rank),
                       issued.command});
        if (waiting_.size() > most_waiting_) {
            write_first();
        }
    }
}

void DramCommandTrace::finish() {
    while (!waiting_.empty()) {
        write_first();
    }
}

void DramCommandTrace::write_first() {
    const Row& row = waiting_.top();
    const bool columns = is_read(row.command) || is_write(row.command);
    CsvRow csv;
    csv.number(row.at).number(clock_.edge_ps(row.at)).number(channel_).name(command_mnemonic(row.command));
    csv.number(row.rank).number_if(names_a_bank(row.command), row.bank);
    csv.number_if(columns || row.command == DramCommand::activate, row.row).number_if(columns, row.column);
    file_.append(csv.line());
    waiting_.pop();
}

} // namespace systolica
