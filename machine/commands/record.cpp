// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/commands/record.h"

#include <stdexcept>
#include <string>

namespace systolica {

namespace {

namespace at = record_offset;

// Shifts instead of memcpy: right on any host, and compilers turn them into plain loads and stores.
class Writer {
public:
    explicit Writer(std::uint8_t* bytes) : bytes_(bytes) {}

    template <class Number>
    void number(std::size_t offset, const Number& value) const {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            bytes_[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
    }
    template <class Enum>
    void name(std::size_t offset, const Enum& value, std::size_t, const char*) const {
        bytes_[offset] = static_cast<std::uint8_t>(value);
    }
    void flag(std::size_t offset, const bool& value, const char*) const { bytes_[offset] = value ? 1 : 0; }

private:
    std::uint8_t* bytes_;
};

class Reader {
public:
    explicit Reader(const std::uint8_t* bytes) : bytes_(bytes) {}

    template <class Number>
    void number(std::size_t offset, Number& value) const {
        value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            value |= static_cast<Number>(Number{bytes_[offset + i]} << (8 * i));
        }
    }
    template <class Enum>
    void name(std::size_t offset, Enum& value, std::size_t count, const char* field) const {
        if (bytes_[offset] >= count) {
            throw std::invalid_argument("command record: " + std::string(field) + " " + std::to_string(bytes_[offset]) +
                                        " is unknown");
        }
        value = static_cast<Enum>(bytes_[offset]);
    }
    void flag(std::size_t offset, bool& value, const char* field) const { name(offset, value, 2, field); }

private:
    const std::uint8_t* bytes_;
};

template <class Direction, class Tokens>
void token_fields(const Direction& field, Tokens& list, std::size_t semaphores, std::size_t amounts) {
    for (std::size_t i = 0; i < kTokens; ++i) {
        field.name(semaphores + i, list[i].semaphore, kSemaphores, "semaphore");
        field.number(amounts + 4 * i, list[i].amount);
    }
}

template <class Direction, class Arguments>
void dma_fields(const Direction& field, Arguments& dma) {
    field.number(at::dma_memory_address, dma.memory_address);
    field.number(at::dma_run_bytes, dma.run_bytes);
    for (std::size_t i = 0; i < dma.count.size(); ++i) {
        field.number(at::dma_count + 4 * i, dma.count[i]);
        field.number(at::dma_stride_bytes + 4 * i, dma.stride_bytes[i]);
    }
    field.number(at::dma_pad_address, dma.pad_address);
    field.number(at::dma_pad_bytes, dma.pad_bytes);
    field.name(at::dma_pad, dma.pad, kPads, "pad");
    field.flag(at::dma_follows, dma.follows, "follows");
    field.number(at::dma_sharers, dma.sharers);
}

template <class Direction, class Arguments>
void matrix_fields(const Direction& field, Arguments& matrix) {
    field.number(at::matrix_m, matrix.m);
    field.number(at::matrix_n, matrix.n);
    field.number(at::matrix_k, matrix.k);
    field.number(at::matrix_groups, matrix.groups);
    field.number(at::matrix_ifmap_address, matrix.ifmap_address);
    field.number(at::matrix_filter_address, matrix.filter_address);
    field.number(at::matrix_ofmap_address, matrix.ofmap_address);
    field.flag(at::matrix_accumulate, matrix.accumulate, "accumulate");
    field.flag(at::matrix_begins_operation, matrix.begins_operation, "begins_operation");
    field.flag(at::matrix_ends_operation, matrix.ends_operation, "ends_operation");
}

template <class Direction, class Arguments>
void vector_fields(const Direction& field, Arguments& vector) {
    field.number(at::vector_elements, vector.elements);
    field.number(at::vector_ofmap_read_bytes, vector.ofmap_read_bytes);
    field.number(at::vector_vector_read_bytes, vector.vector_read_bytes);
    field.number(at::vector_ifmap_read_bytes, vector.ifmap_read_bytes);
    field.number(at::vector_vector_write_bytes, vector.vector_write_bytes);
    field.number(at::vector_ifmap_write_bytes, vector.ifmap_write_bytes);
    for (std::size_t i = 0; i < kVectorStages; ++i) {
        field.name(at::vector_kernel + i, vector.stages[i].kernel, kVectorKernels, "kernel");
        field.number(at::vector_taps + 4 * i, vector.stages[i].taps);
        field.number(at::vector_operation + 4 * i, vector.stages[i].operation);
    }
}

// The one list of fields, for both directions: Direction is Writer or Reader, Host a (const) Command.
template <class Direction, class Host>
void transfer(const Direction& field, Host& command) {
    field.name(at::opcode, command.opcode, kQueues, "opcode");
    field.number(at::operation, command.operation);
    token_fields(field, command.acquire, at::acquire_semaphore, at::acquire_amount);
    token_fields(field, command.release, at::release_semaphore, at::release_amount);
    field.number(at::wait_event, command.wait.event);
    field.number(at::wait_threshold, command.wait.threshold);
    field.number(at::post, command.post);
    switch (command.opcode) {
    case Opcode::load:
    case Opcode::store:
        dma_fields(field, command.dma);
        break;
    case Opcode::matrix:
        matrix_fields(field, command.matrix);
        break;
    case Opcode::vector:
        vector_fields(field, command.vector);
        break;
    }
}

static_assert(at::vector_operation + 4 * kVectorStages <= kRecordBytes);
static_assert(sizeof(Token::amount) == 4 && kTokens == 4, "the layout has room for four tokens of 32 bits");

} // namespace

void encode(const Command& command, std::uint8_t* record) {
    for (std::size_t i = 0; i < kRecordBytes; ++i) {
        record[i] = 0;
    }
    transfer(Writer(record), command);
}

Record encode(const Command& command) {
    Record record;
    encode(command, record.data());
    return record;
}

Command decode(const std::uint8_t* record) {
    Command command;
    transfer(Reader(record), command);
    return command;
}

} // namespace systolica
