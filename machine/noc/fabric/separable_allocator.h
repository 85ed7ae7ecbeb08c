// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Separable allocator, one iteration of iSLIP (McKeown, 1999): each output grants the requesting input nearest to its
// pointer, each input accepts the granting output nearest to its own; pointers move just past a match and only then.
#pragma once

#include <cstdint>
#include <vector>

namespace systolica {

// Is a nearer than b, counted upwards around a circle from `pointer`?
inline bool nearer(std::uint32_t a, std::uint32_t b, std::uint32_t pointer) {
    return (a >= pointer) == (b >= pointer) ? a < b : a >= pointer;
}

class SeparableAllocator {
public:
    struct Match {
        std::uint32_t input;
        std::uint32_t output;
    };

    SeparableAllocator(unsigned inputs, unsigned outputs)
        : grants_(outputs, kNone), grant_pointers_(outputs), accepts_(inputs, kNone), accept_pointers_(inputs) {}

    // At most once for each input and output between two calls of allocate().
    void request(std::uint32_t input, std::uint32_t output) {
        requests_.push_back({input, output});
        std::uint32_t& grant = grants_[output];
        if (grant == kNone || nearer(input, grant, grant_pointers_[output])) {
            grant = input;
        }
    }

    // Serves and forgets all requests.
    const std::vector<Match>& allocate() {
        matches_.clear();
        for (const Match& r : requests_) {
            std::uint32_t& accept = accepts_[r.input];
            if (grants_[r.output] == r.input &&
                (accept == kNone || nearer(r.output, accept, accept_pointers_[r.input]))) {
                accept = r.output;
            }
        }
        for (const Match& r : requests_) {
            grants_[r.output] = kNone;
            if (accepts_[r.input] == r.output) {
                matches_.push_back(r);
                accepts_[r.input] = kNone;
                grant_pointers_[r.output] = next(r.input, accepts_.size());
                accept_pointers_[r.input] = next(r.output, grants_.size());
            }
        }
        requests_.clear();
        return matches_;
    }

private:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    static std::uint32_t next(std::uint32_t port, std::size_t ports) { return port + 1 < ports ? port + 1 : 0; }

    std::vector<Match> requests_;
    std::vector<Match> matches_;
    std::vector<std::uint32_t> grants_;
    std::vector<std::uint32_t> grant_pointers_;
    std::vector<std::uint32_t> accepts_;
    std::vector<std::uint32_t> accept_pointers_;
};

} // namespace systolica
