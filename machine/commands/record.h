// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The command record: the 128 little-endian bytes that carry a command over a socket, layout in docs/commands.md. The
// same bytes are meant for the TLM blocks, an RTL block and a host driver, so nothing here depends on the host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "machine/commands/command.h"

namespace systolica {

constexpr std::size_t kRecordBytes = 128;

using Record = std::array<std::uint8_t, kRecordBytes>;

// Where each field lies. Arguments share the second half: which of the three layouts applies is the opcode's choice.
// Bytes that no field covers are zero.
namespace record_offset {
constexpr std::size_t opcode = 0;             // u8
constexpr std::size_t operation = 4;          // u32
constexpr std::size_t acquire_semaphore = 8;  // 4 x u8
constexpr std::size_t release_semaphore = 12; // 4 x u8
constexpr std::size_t acquire_amount = 16;    // 4 x u32
constexpr std::size_t release_amount = 32;    // 4 x u32
constexpr std::size_t wait_event = 48;        // u32
constexpr std::size_t wait_threshold = 52;    // u32
constexpr std::size_t post = 56;              // u32

constexpr std::size_t dma_memory_address = 64; // u64
constexpr std::size_t dma_run_bytes = 72;      // u32
constexpr std::size_t dma_count = 76;          // 3 x u32
constexpr std::size_t dma_stride_bytes = 88;   // 3 x u32
constexpr std::size_t dma_pad_address = 100;   // u32
constexpr std::size_t dma_pad_bytes = 104;     // u32
constexpr std::size_t dma_pad = 108;           // u8
constexpr std::size_t dma_follows = 109;       // u8, 0 or 1
constexpr std::size_t dma_sharers = 110;       // u16

constexpr std::size_t matrix_m = 64;                // u32
constexpr std::size_t matrix_n = 68;                // u32
constexpr std::size_t matrix_k = 72;                // u32
constexpr std::size_t matrix_groups = 76;           // u32
constexpr std::size_t matrix_ifmap_address = 80;    // u32
constexpr std::size_t matrix_filter_address = 84;   // u32
constexpr std::size_t matrix_ofmap_address = 88;    // u32
constexpr std::size_t matrix_accumulate = 92;       // u8, 0 or 1
constexpr std::size_t matrix_begins_operation = 93; // u8, 0 or 1
constexpr std::size_t matrix_ends_operation = 94;   // u8, 0 or 1

constexpr std::size_t vector_elements = 64;           // u32
constexpr std::size_t vector_ofmap_read_bytes = 68;   // u32
constexpr std::size_t vector_vector_read_bytes = 72;  // u32
constexpr std::size_t vector_ifmap_read_bytes = 76;   // u32
constexpr std::size_t vector_vector_write_bytes = 80; // u32
constexpr std::size_t vector_ifmap_write_bytes = 84;  // u32
constexpr std::size_t vector_kernel = 88;             // 4 x u8
constexpr std::size_t vector_taps = 92;               // 4 x u32
constexpr std::size_t vector_operation = 108;         // 4 x u32
} // namespace record_offset

Record encode(const Command& command);
void encode(const Command& command, std::uint8_t* record); // kRecordBytes at `record`

// Throws std::invalid_argument when a field holds a number that its enumeration does not know.
Command decode(const std::uint8_t* record);

} // namespace systolica
