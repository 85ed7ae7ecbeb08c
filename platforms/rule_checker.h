// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What checks of rules between values have in common: which values are known, which was given last, and where a
// problem is reported.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "platforms/description.h"
#include "platforms/key_table.h"

namespace systolica {

class RuleChecker {
public:
    using Failed = std::function<bool(const std::string&)>; // a key whose value is not known

    // Keys that mean something only with certain values of another key.
    struct Condition {
        std::vector<std::string> keys;
        std::string selector;
        std::vector<std::string> values;
    };

    RuleChecker(const Platform& platform, const Failed& failed, Problems& problems)
        : platform_(platform), failed_(failed), problems_(problems) {}

protected:
    using Keys = std::vector<std::string>;

    bool failed(const std::string& key) const { return failed_(key); }

    bool known(const Keys& keys) const {
        for (const std::string& key : keys) {
            if (failed_(key)) {
                return false;
            }
        }
        return true;
    }

    // 0: the value is the default.
    unsigned layer(const std::string& key) const {
        const auto found = platform_.origins.find(key);
        return found == platform_.origins.end() ? 0 : found->second.layer;
    }

    // The key that was given last; the first of them where none is later than the others.
    const std::string& latest(const Keys& keys) const {
        const std::string* best = &keys.front();
        for (const std::string& key : keys) {
            best = layer(key) > layer(*best) ? &key : best;
        }
        return *best;
    }

    void check(const Condition& condition) {
        if (failed(condition.selector)) {
            return;
        }
        const std::string value = loaded(condition.selector);
        std::string legal;
        for (const std::string& one : condition.values) {
            if (one == value) {
                return;
            }
            legal += (legal.empty() ? "" : " or ") + one;
        }
        const std::string name = condition.selector.substr(condition.selector.rfind('.') + 1);
        for (const std::string& key : condition.keys) {
            // A later layer that changes the selector wins over what the layers below said for its former value.
            if (layer(key) != 0 && layer(key) >= layer(condition.selector)) {
                refuse(key, "expected this key only with " + condition.selector + ": " + legal + ", got it with " +
                                name + ": " + value);
            }
        }
    }

    std::string loaded(const std::string& key) const { return value_text(find_key(key)->load(platform_)); }

    void refuse(const std::string& key, const std::string& message) {
        const auto found = platform_.origins.find(key);
        problems_.add(found == platform_.origins.end() ? Location{platform_.file, 0, 0} : found->second.where, key,
                      message);
    }

    const Platform& platform_;

private:
    const Failed& failed_;
    Problems& problems_;
};

} // namespace systolica
