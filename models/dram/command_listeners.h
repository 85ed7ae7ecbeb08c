// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Those who see the commands of one channel: waves, a command trace, a checker, a history, in any number.
#pragma once

#include <vector>

#include "machine/dram/command_listener.h"

namespace systolica {

class DramCommandListeners : public DramCommandListener {
public:
    void add(DramCommandListener& listener) { all_.push_back(&listener); }

    // Whom to tell: nobody, the only one without a detour, or this.
    DramCommandListener* target() { return all_.empty() ? nullptr : all_.size() == 1 ? all_.front() : this; }

    void command(const IssuedCommand& issued) override {
        for (DramCommandListener* listener : all_) {
            listener->command(issued);
        }
    }

private:
    std::vector<DramCommandListener*> all_; // told in order of joining
};

} // namespace systolica
