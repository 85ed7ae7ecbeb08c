// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <random>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "machine/commands/record.h"

namespace systolica {

namespace {

class RandomCommands {
public:
    explicit RandomCommands(unsigned seed) : random_(seed) {}

    Command next(Opcode opcode) {
        Command command;
        command.opcode = opcode;
        command.operation = word();
        for (std::size_t i = 0; i < kTokens; ++i) {
            command.acquire[i] = token();
            command.release[i] = token();
        }
        command.wait = {word(), word()};
        command.post = word();
        switch (opcode) {
        case Opcode::load:
        case Opcode::store:
            command.dma.memory_address = (std::uint64_t{word()} << 32) | word();
            command.dma.run_bytes = word();
            command.dma.count = {word(), word(), word()};
            command.dma.stride_bytes = {word(), word(), word()};
            command.dma.pad = static_cast<Pad>(below(kPads));
            command.dma.pad_address = word();
            command.dma.pad_bytes = word();
            command.dma.sharers = static_cast<std::uint16_t>(word());
            command.dma.follows = flag();
            break;
        case Opcode::matrix:
            command.matrix = {word(), word(), word(), word(), flag(), flag(), flag(), word(), word(), word()};
            break;
        case Opcode::vector:
            command.vector.elements = word();
            for (VectorStage& stage : command.vector.stages) {
                stage = {static_cast<VectorKernel>(below(kVectorKernels)), word(), word()};
            }
            command.vector.ofmap_read_bytes = word();
            command.vector.vector_read_bytes = word();
            command.vector.ifmap_read_bytes = word();
            command.vector.vector_write_bytes = word();
            command.vector.ifmap_write_bytes = word();
            break;
        }
        return command;
    }

private:
    std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
    std::uint32_t below(std::size_t count) { return word() % static_cast<std::uint32_t>(count); }
    bool flag() { return (random_() & 1) != 0; }
    Token token() { return {static_cast<Semaphore>(below(kSemaphores)), word()}; }

    std::mt19937 random_;
};

void expect_same_tokens(const std::array<Token, kTokens>& left, const std::array<Token, kTokens>& right) {
    for (std::size_t i = 0; i < kTokens; ++i) {
        EXPECT_EQ(left[i].semaphore, right[i].semaphore);
        EXPECT_EQ(left[i].amount, right[i].amount);
    }
}

void expect_same_dma(const DmaArguments& left, const DmaArguments& right) {
    EXPECT_EQ(left.memory_address, right.memory_address);
    EXPECT_EQ(left.run_bytes, right.run_bytes);
    EXPECT_EQ(left.count, right.count);
    EXPECT_EQ(left.stride_bytes, right.stride_bytes);
    EXPECT_EQ(left.pad, right.pad);
    EXPECT_EQ(left.pad_address, right.pad_address);
    EXPECT_EQ(left.pad_bytes, right.pad_bytes);
    EXPECT_EQ(left.sharers, right.sharers);
    EXPECT_EQ(left.follows, right.follows);
}

void expect_same_matrix(const MatrixArguments& left, const MatrixArguments& right) {
    EXPECT_EQ(left.m, right.m);
    EXPECT_EQ(left.n, right.n);
    EXPECT_EQ(left.k, right.k);
    EXPECT_EQ(left.groups, right.groups);
    EXPECT_EQ(left.accumulate, right.accumulate);
    EXPECT_EQ(left.begins_operation, right.begins_operation);
    EXPECT_EQ(left.ends_operation, right.ends_operation);
    EXPECT_EQ(left.ifmap_address, right.ifmap_address);
    EXPECT_EQ(left.filter_address, right.filter_address);
    EXPECT_EQ(left.ofmap_address, right.ofmap_address);
}

void expect_same_vector(const VectorArguments& left, const VectorArguments& right) {
    EXPECT_EQ(left.elements, right.elements);
    for (std::size_t i = 0; i < kVectorStages; ++i) {
        EXPECT_EQ(left.stages[i].kernel, right.stages[i].kernel);
        EXPECT_EQ(left.stages[i].taps, right.stages[i].taps);
        EXPECT_EQ(left.stages[i].operation, right.stages[i].operation);
    }
    EXPECT_EQ(left.ofmap_read_bytes, right.ofmap_read_bytes);
    EXPECT_EQ(left.vector_read_bytes, right.vector_read_bytes);
    EXPECT_EQ(left.ifmap_read_bytes, right.ifmap_read_bytes);
    EXPECT_EQ(left.vector_write_bytes, right.vector_write_bytes);
    EXPECT_EQ(left.ifmap_write_bytes, right.ifmap_write_bytes);
}

} // namespace

TEST(CommandRecord, RandomCommandsSurviveEncodingAndDecoding) {
    RandomCommands random(1);
    for (int round = 0; round < 500; ++round) {
        for (const Opcode opcode : {Opcode::load, Opcode::store, Opcode::matrix, Opcode::vector}) {
            const Command command = random.next(opcode);
            const Command back = decode(encode(command).data());
            ASSERT_EQ(back.opcode, command.opcode);
            EXPECT_EQ(back.operation, command.operation);
            expect_same_tokens(back.acquire, command.acquire);
            expect_same_tokens(back.release, command.release);
            EXPECT_EQ(back.wait.event, command.wait.event);
            EXPECT_EQ(back.wait.threshold, command.wait.threshold);
            EXPECT_EQ(back.post, command.post);
            expect_same_dma(back.dma, command.dma);
            expect_same_matrix(back.matrix, command.matrix);
            expect_same_vector(back.vector, command.vector);
        }
    }
}

// The table of docs/commands.md, written out by hand: a host driver or an RTL block relies on these bytes.
TEST(CommandRecord, BytesOfAStoreAreThoseOfTheDocumentedLayout) {
    Command command;
    command.opcode = Opcode::store;
    command.operation = 0x04030201;
    command.acquire[1] = {Semaphore::result_data, 0x1000};
    command.release[3] = {Semaphore::result_space, 0x2000};
    command.wait = {7, 9};
    command.post = 0x0b;
    command.dma.memory_address = 0x1122334455667788;
    command.dma.run_bytes = 0x40;
    command.dma.count = {2, 3, 4};
    command.dma.stride_bytes = {0x50, 0x60, 0x70};
    command.dma.pad = Pad::vector;
    command.dma.pad_address = 0x80;
    command.dma.pad_bytes = 0x90;
    command.dma.sharers = 0x1234;
    command.dma.follows = true;

    std::array<std::uint8_t, 128> expected{};
    expected[0] = 1; // load 0, store 1, matrix 2, vector 3
    expected[4] = 0x01;
    expected[5] = 0x02;
    expected[6] = 0x03;
    expected[7] = 0x04;
    expected[9] = 10;
    expected[15] = 9;
    expected[21] = 0x10;
    expected[45] = 0x20;
    expected[48] = 7;
    expected[52] = 9;
    expected[56] = 0x0b;
    const std::array<std::uint8_t, 8> address{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11};
    for (std::size_t i = 0; i < address.size(); ++i) {
        expected[64 + i] = address[i];
    }
    expected[72] = 0x40;
    expected[76] = 2;
    expected[80] = 3;
    expected[84] = 4;
    expected[88] = 0x50;
    expected[92] = 0x60;
    expected[96] = 0x70;
    expected[100] = 0x80;
    expected[104] = 0x90;
    expected[108] = 3;
    expected[109] = 1;
    expected[110] = 0x34;
    expected[111] = 0x12;
    EXPECT_EQ(encode(command), expected);
}

TEST(CommandRecord, ArgumentsOfOtherOpcodesAreNotCarried) {
    RandomCommands random(2);
    Command command = random.next(Opcode::matrix);
    const Record plain = encode(command);
    command.dma = random.next(Opcode::load).dma;
    command.vector = random.next(Opcode::vector).vector;
    EXPECT_EQ(encode(command), plain);
}

TEST(CommandRecord, UnknownEnumerationValuesAreRefused) {
    struct Case {
        Opcode opcode;
        std::size_t offset;
        std::size_t first_unknown;
    };
    const std::vector<Case> cases{{Opcode::load, record_offset::opcode, 4},
                                  {Opcode::load, record_offset::acquire_semaphore + 3, kSemaphores},
                                  {Opcode::load, record_offset::release_semaphore, kSemaphores},
                                  {Opcode::store, record_offset::dma_pad, kPads},
                                  {Opcode::load, record_offset::dma_follows, 2},
                                  {Opcode::matrix, record_offset::matrix_accumulate, 2},
                                  {Opcode::vector, record_offset::vector_kernel + 2, kVectorKernels}};
    RandomCommands random(3);
    for (const Case& bad : cases) {
        Record record = encode(random.next(bad.opcode));
        EXPECT_NO_THROW(decode(record.data()));
        record[bad.offset] = static_cast<std::uint8_t>(bad.first_unknown);
        EXPECT_THROW(decode(record.data()), std::invalid_argument) << bad.offset;
    }
}

} // namespace systolica
