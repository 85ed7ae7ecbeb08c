// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "mapping/training/lifetimes.h"

#include <algorithm>
#include <map>

namespace systolica {

namespace {

// Free stretches of memory, each with the last group that must be waited for before it is written.
class FreeMemory {
public:
    explicit FreeMemory(std::uint64_t begin) : end_(begin) {}

    std::uint64_t end() const { return end_; }

    void take(Lifetime& tensor, std::uint64_t bytes) {
        for (auto hole = holes_.begin(); hole != holes_.end(); ++hole) {
            if (hole->second.bytes >= bytes) {
                tensor.base = hole->first;
                tensor.waits_for = hole->second.group;
                const Hole rest{hole->second.bytes - bytes, hole->second.group};
                holes_.erase(hole);
                if (rest.bytes > 0) {
                    holes_.emplace(tensor.base + bytes, rest);
                }
                return;
            }
        }
        tensor.base = end_;
        end_ += bytes;
    }

    void give_back(std::uint64_t base, std::uint64_t bytes, int group) {
        auto hole = holes_.emplace(base, Hole{bytes, group}).first;
        const auto after = std::next(hole);
        if (after != holes_.end() && hole->first + hole->second.bytes == after->first) {
            hole->second = {hole->second.bytes + after->second.bytes, std::max(group, after->second.group)};
            holes_.erase(after);
        }
        if (hole != holes_.begin()) {
            const auto before = std::prev(hole);
            if (before->first + before->second.bytes == hole->first) {
                before->second = {before->second.bytes + hole->second.bytes,
                                  std::max(before->second.group, hole->second.group)};
                holes_.erase(hole);
            }
        }
    }

private:
    struct Hole {
        std::uint64_t bytes = 0;
        int group = -1;
    };
    std::map<std::uint64_t, Hole> holes_; // by address
    std::uint64_t end_;
};

} // namespace

std::uint64_t lay_out(std::vector<Lifetime>& tensors, std::uint64_t begin, std::uint64_t alignment) {
    const auto rounded = [&](std::uint64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
    std::vector<Lifetime*> order;
    for (Lifetime& tensor : tensors) {
        if (!tensor.passing) {
            tensor.base = begin;
            begin += rounded(tensor.bytes);
        } else if (tensor.first >= 0) {
            order.push_back(&tensor);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const Lifetime* a, const Lifetime* b) { return a->first < b->first; });
    FreeMemory memory(begin);
    std::multimap<int, const Lifetime*> living; // by the group from which on the place is free
    for (Lifetime* tensor : order) {
        while (!living.empty() && living.begin()->first <= tensor->first) {
            const Lifetime& over = *living.begin()->second;
            memory.give_back(over.base, rounded(over.bytes), over.free_from - 1);
            living.erase(living.begin());
        }
        memory.take(*tensor, rounded(tensor->bytes));
        if (tensor->free_from >= 0) {
            living.emplace(tensor->free_from, tensor);
        }
    }
    return memory.end();
}

} // namespace systolica
