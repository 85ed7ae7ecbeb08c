// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// The bytes of one channel, by their addresses within the channel, and what a payload does to them: byte enables,
// streaming width (the address starts again after that many bytes, IEEE 1666 generic payload), ECC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tlm>

#include "machine/dram/ecc_memory.h"
#include "machine/dram/sparse_memory.h"

namespace systolica {

class DataStore {
public:
    DataStore(std::uint64_t bytes, bool ecc) : memory_(bytes), ecc_(ecc ? new EccMemory(memory_) : nullptr) {}

    // Moves a valid read's or write's bytes. A byte enable other than 0 enables. TLM_GENERIC_ERROR_RESPONSE: no data
    // pointer, or a word that cannot be corrected; a write then has changed nothing, a read has delivered what is
    // stored.
    tlm::tlm_response_status apply(tlm::tlm_generic_payload& payload, std::uint64_t local_address);
    // Moves `count` bytes from or to the data pointer; byte enables and streaming width do not count, nor do ECC
    // errors.
    void debug(tlm::tlm_generic_payload& payload, std::uint64_t local_address, unsigned count);

    unsigned char* page(std::uint64_t local_address) { return memory_.page(local_address); } // not with ECC
    const SparseMemory& memory() const { return memory_; }
    const EccCounters& ecc() const { return ecc_counters_; } // of apply()

    // See SparseMemory.
    std::uint64_t load(const std::string& path, std::uint64_t local_address,
                       std::uint64_t count = SparseMemory::kWholeFile);
    void dump(const std::string& path, std::uint64_t local_address, std::uint64_t count) const;

    // A fault in the word that holds the address: bits 0 to 63 of data, 64 to 71 of the check byte. With ECC only.
    void flip_bit(std::uint64_t local_address, unsigned bit);

private:
    tlm::tlm_response_status apply_by_byte(tlm::tlm_generic_payload& payload, std::uint64_t local_address);
    bool read(std::uint64_t address, unsigned char* to, std::size_t count);
    bool write(std::uint64_t address, const unsigned char* from, std::size_t count);
    bool count_errors(const EccCounters& found);

    SparseMemory memory_;
    const std::unique_ptr<EccMemory> ecc_;
    EccCounters ecc_counters_;
    std::vector<unsigned char> span_; // of one payload
};

} // namespace systolica
