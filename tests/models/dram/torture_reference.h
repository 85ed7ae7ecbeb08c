// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// What the memory should hold, and what each accepted read should deliver. Written from IEEE 1666's description of byte
// enables and streaming width, byte by byte.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <tlm>

#include <gtest/gtest.h>

namespace systolica::test {

class ReferenceMemory {
public:
    using Payload = tlm::tlm_generic_payload;
    static constexpr unsigned char kUntouched = 0xee; // what a read's buffer holds before

    // `offset` says where in the reference a payload's address lies.
    ReferenceMemory(std::size_t bytes, std::function<std::size_t(std::uint64_t)> offset)
        : bytes_(bytes), offset_(std::move(offset)) {}

    void accept(const Payload& payload) {
        const std::size_t from = offset_(payload.get_address());
        const unsigned length = payload.get_data_length(), width = payload.get_streaming_width();
        const unsigned char* const enables = payload.get_byte_enable_ptr();
        Accepted accepted{++accepted_, from, from + std::min(length, width), payload.is_write(), {}};
        if (payload.is_read()) {
            accepted.expected.assign(length, kUntouched);
        }
        for (unsigned i = 0; i < length; ++i) {
            if (enables != nullptr && enables[i % payload.get_byte_enable_length()] == 0) {
                continue;
            }
            unsigned char& byte = bytes_[from + i % width];
            if (payload.is_write()) {
                byte = payload.get_data_ptr()[i];
            } else {
                accepted.expected[i] = byte;
            }
        }
        const bool inserted = waiting_.emplace(&payload, std::move(accepted)).second;
        EXPECT_TRUE(inserted) << "accepted twice";
    }
    // A blocking access has its data at once, before what was accepted earlier has been answered.
    void answer(const Payload& payload, bool in_order = true) {
        const auto found = waiting_.find(&payload);
        ASSERT_NE(found, waiting_.end()) << "an answer to nothing";
        const Accepted& answered = found->second;
        ASSERT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        if (payload.is_read()) {
            const std::vector<unsigned char> got(payload.get_data_ptr(),
                                                 payload.get_data_ptr() + payload.get_data_length());
            ASSERT_EQ(got, answered.expected) << "read at " << payload.get_address();
        }
        for (auto other = waiting_.begin(); in_order && other != waiting_.end(); ++other) {
            const Accepted& older = other->second;
            const bool overlap = older.begin < answered.end && answered.begin < older.end;
            ASSERT_FALSE(older.order < answered.order && overlap && (older.write || answered.write))
                << "overtook a request to the same bytes";
        }
        waiting_.erase(found);
    }
    std::size_t waiting() const { return waiting_.size(); }
    const std::vector<unsigned char>& bytes() const { return bytes_; }

private:
    struct Accepted {
        std::uint64_t order;
        std::size_t begin, end;
        bool write;
        std::vector<unsigned char> expected;
    };

    std::vector<unsigned char> bytes_;
    std::function<std::size_t(std::uint64_t)> offset_;
    std::map<const Payload*, Accepted> waiting_;
    std::uint64_t accepted_ = 0;
};

} // namespace systolica::test
