// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Checks a command stream against JESD209-4 for LPDDR4-3200, 8 Gb x16 (0.625 ns clock). Written from the standard's
// tables with its own numbers, so that it shares nothing with the controller. Commands are collected in any order and
// checked in order of time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "machine/dram/command_listener.h"

namespace systolica::test {

class TimingChecker : public DramCommandListener {
public:
    enum Kind { act, rd, wr, pre, prea, ref };
    struct Command {
        std::int64_t at;
        Kind kind;
        unsigned bank;
        std::uint64_t row;
    };

    void activate(unsigned bank, std::uint64_t row, Ck at) override { add(at, act, bank, row); }
    void precharge(unsigned bank, Ck at) override { add(at, pre, bank, 0); }
    void precharge_all(Ck at) override { add(at, prea, 0, 0); }
    void refresh(Ck at) override { add(at, ref, 0, 0); }
    void columns(unsigned bank, bool write, unsigned count, Ck first) override {
        for (unsigned i = 0; i < count; ++i) {
            add(first + i * 8, write ? wr : rd, bank, 0);
        }
    }

    std::size_t count(Kind kind) const {
        return static_cast<std::size_t>(
            std::count_if(commands_.begin(), commands_.end(), [&](const Command& c) { return c.kind == kind; }));
    }
    std::vector<Command> in_order() const {
        std::vector<Command> sorted = commands_;
        std::stable_sort(sorted.begin(), sorted.end(), [](const Command& a, const Command& b) { return a.at < b.at; });
        return sorted;
    }

    // The first violation, or nothing.
    std::string violation() const;

private:
    void add(Ck at, Kind kind, unsigned bank, std::uint64_t row) {
        commands_.push_back({static_cast<std::int64_t>(at), kind, bank, row});
    }

    std::vector<Command> commands_;
};

inline std::string TimingChecker::violation() const {
    constexpr std::int64_t kLongAgo = -1'000'000;
    struct Bank {
        bool open = false;
        std::int64_t act = kLongAgo, rd = kLongAgo, wr = kLongAgo, pre = kLongAgo;
    };
    std::array<Bank, 8> banks;
    std::vector<std::int64_t> acts;
    std::int64_t last_rd = kLongAgo, last_wr = kLongAgo, last_pre = kLongAgo, last_prea = kLongAgo;
    std::int64_t last_ref = kLongAgo, bus_taken = kLongAgo;
    std::string found;
    for (const Command& c : in_order()) {
        const auto need = [&](std::int64_t since, std::int64_t clocks, const char* rule) {
            if (found.empty() && c.at < since + clocks) {
                std::ostringstream text;
                text << rule << ": command " << c.kind << " of bank " << c.bank << " at " << c.at << ", " << clocks
                     << " clocks needed since " << since;
                found = text.str();
            }
        };
        const auto must = [&](bool holds, const char* rule) {
            if (found.empty() && !holds) {
                found = std::string(rule) + " at " + std::to_string(c.at);
            }
        };
        // Commands of two edges pairs take 4 clocks of the CA bus, PRE and REF 2, up to and with their last edge.
        need(bus_taken, c.kind == act || c.kind == rd || c.kind == wr ? 4 : 2, "CA bus");
        bus_taken = c.at;
        Bank& b = banks[c.bank];
        switch (c.kind) {
        case act:
            must(!b.open, "ACT of an open bank");
            need(b.act, 97, "tRC = tRAS + tRPpb"); // 60.6 ns
            need(b.pre, 29, "tRPpb");              // 18 ns
            need(last_prea, 34, "tRPab");          // 21 ns
            need(last_ref, 448, "tRFCab");         // 280 ns
            if (!acts.empty()) {
                need(acts.back(), 16, "tRRD"); // 10 ns
            }
            if (acts.size() >= 4) {
                need(acts[acts.size() - 4], 64, "tFAW"); // 40 ns
            }
            acts.push_back(c.at);
            b.open = true;
            b.act = c.at;
            break;
        case rd:
        case wr:
            must(b.open, "column command to a closed bank");
            need(b.act, 29, "tRCD"); // 18 ns
            need(c.kind == rd ? last_rd : last_wr, 8, "tCCD");
            if (c.kind == rd) {
                need(last_wr, 14 + 1 + 8 + 16, "WL + 1 + BL/2 + tWTR"); // tWTR 10 ns
            } else {
                need(last_rd, 28 + 3 + 8 - 14 + 2, "RL + tDQSCK + BL/2 - WL + tWPRE");
            }
            (c.kind == rd ? last_rd : last_wr) = c.at;
            (c.kind == rd ? b.rd : b.wr) = c.at;
            break;
        case pre:
        case prea:
            need(last_pre, 4, "tPPD");
            for (unsigned i = 0; i < banks.size(); ++i) {
                if (c.kind == prea || i == c.bank) {
                    Bank& closed = banks[i];
                    if (closed.open) {
                        need(closed.act, 68, "tRAS");                            // 42 ns
                        need(closed.rd, 12, "tRTP");                             // 7.5 ns
                        need(closed.wr, 14 + 1 + 8 + 29, "WL + 1 + BL/2 + tWR"); // tWR 18 ns
                        closed.open = false;
                        closed.pre = c.at;
                    }
                }
            }
            last_pre = c.at;
            last_prea = c.kind == prea ? c.at : last_prea;
            break;
        case ref:
            for (const Bank& bank : banks) {
                must(!bank.open, "REF with an open bank");
                need(bank.pre, 29, "tRPpb");
            }
            need(last_prea, 34, "tRPab");
            need(last_ref, 448, "tRFCab");
            last_ref = c.at;
            break;
        }
    }
    return found;
}

} // namespace systolica::test
