// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/collective/folded_schedule.h"

#include <algorithm>

namespace systolica {

namespace {

class Folder {
public:
    Folder(const ChipNetwork& network, const CollectiveSchedule& schedule)
        : network_(network), schedule_(schedule), sent_(network.chips()), place_(schedule.size()) {
        for (std::uint32_t i = 0; i < schedule.size(); ++i) {
            std::vector<std::uint32_t>& of_chip = sent_[schedule[i].from];
            place_[i] = static_cast<std::uint32_t>(of_chip.size());
            of_chip.push_back(i);
        }
    }

    std::optional<FoldedSchedule> fold() const {
        std::optional<FoldedSchedule> first = of_chip(0);
        for (unsigned chip = 1; first && chip < network_.chips(); ++chip) {
            const std::optional<FoldedSchedule> other = of_chip(chip);
            if (!other || !same(first->messages, other->messages)) {
                return std::nullopt;
            }
        }
        return first && every_chip_receives_each() ? first : std::nullopt;
    }

private:
    std::optional<FoldedSchedule> of_chip(unsigned chip) const {
        FoldedSchedule folded;
        for (const std::uint32_t index : sent_[chip]) {
            const CollectiveMessage& message = schedule_[index];
            const unsigned link = network_.link_towards(chip, message.to, message.side);
            if (network_.links()[link].to != message.to) {
                return std::nullopt;
            }
            const auto known = std::find(folded.links.begin(), folded.links.end(), link);
            CollectiveMessage own = message;
            own.from = own.to = 0;
            own.side = static_cast<unsigned>(known - folded.links.begin());
            for (std::uint32_t& before : own.after) {
                before = place_[before];
            }
            std::sort(own.after.begin(), own.after.end());
            if (known == folded.links.end()) {
                folded.links.push_back(link);
            }
            folded.messages.push_back(std::move(own));
        }
        return folded;
    }

    static bool same(const CollectiveSchedule& one, const CollectiveSchedule& other) {
        return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                          [](const CollectiveMessage& a, const CollectiveMessage& b) {
                              return a.bytes == b.bytes && a.reduces == b.reduces && a.side == b.side &&
                                     a.after == b.after;
                          });
    }

    bool every_chip_receives_each() const {
        std::vector<std::vector<bool>> received(network_.chips(), std::vector<bool>(sent_[0].size(), false));
        for (std::uint32_t i = 0; i < schedule_.size(); ++i) {
            received[schedule_[i].to][place_[i]] = true;
        }
        return std::all_of(received.begin(), received.end(), [](const std::vector<bool>& of_chip) {
            return std::all_of(of_chip.begin(), of_chip.end(), [](bool it) { return it; });
        });
    }

    const ChipNetwork& network_;
    const CollectiveSchedule& schedule_;
    std::vector<std::vector<std::uint32_t>> sent_; // by chip
    std::vector<std::uint32_t> place_;             // of a message among those of its sender
};

} // namespace

std::optional<FoldedSchedule> fold(const ChipNetwork& network, const CollectiveSchedule& schedule) {
    return network.switched() ? std::nullopt : Folder(network, schedule).fold();
}

} // namespace systolica
