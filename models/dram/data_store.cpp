// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "models/dram/data_store.h"

#include <algorithm>

#include "models/dram/request_check.h"

namespace systolica {

tlm::tlm_response_status DataStore::apply(tlm::tlm_generic_payload& payload, std::uint64_t local_address) {
    unsigned char* const data = payload.get_data_ptr();
    if (data == nullptr) {
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    const unsigned length = payload.get_data_length();
    if (payload.get_byte_enable_ptr() != nullptr || payload.get_streaming_width() < length) {
        return apply_by_byte(payload, local_address);
    }
    const bool good = payload.is_write() ? write(local_address, data, length) : read(local_address, data, length);
    return good ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
}

// Whole words are read and written, so that ECC sees each of them once.
tlm::tlm_response_status DataStore::apply_by_byte(tlm::tlm_generic_payload& payload, std::uint64_t local_address) {
    const std::uint64_t width = touched_bytes(payload);
    const std::uint64_t begin = local_address / EccMemory::kWordBytes * EccMemory::kWordBytes;
    const std::uint64_t end =
        std::min((local_address + width + EccMemory::kWordBytes - 1) / EccMemory::kWordBytes * EccMemory::kWordBytes,
                 memory_.bytes());
    span_.resize(static_cast<std::size_t>(end - begin));
    if (!read(begin, span_.data(), span_.size())) {
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    unsigned char* const data = payload.get_data_ptr();
    unsigned char* const span = span_.data() + (local_address - begin);
    const unsigned char* const enables = payload.get_byte_enable_ptr();
    bool any_written = false;
    for (unsigned i = 0; i < payload.get_data_length(); ++i) {
        if (enables != nullptr && enables[i % payload.get_byte_enable_length()] == TLM_BYTE_DISABLED) {
            continue;
        }
        if (payload.is_write()) {
            span[i % width] = data[i];
            any_written = true;
        } else {
            data[i] = span[i % width];
        }
    }
    if (any_written) {
        write(begin, span_.data(), span_.size());
    }
    return tlm::TLM_OK_RESPONSE;
}

void DataStore::debug(tlm::tlm_generic_payload& payload, std::uint64_t local_address, unsigned count) {
    unsigned char* const data = payload.get_data_ptr();
    if (payload.is_read()) {
        ecc_ ? static_cast<void>(ecc_->read(local_address, data, count)) : memory_.read(local_address, data, count);
        return;
    }
    memory_.write(local_address, data, count);
    if (ecc_) {
        ecc_->renew(local_address, count);
    }
}

bool DataStore::read(std::uint64_t address, unsigned char* to, std::size_t count) {
    if (ecc_) {
        return count_errors(ecc_->read(address, to, count));
    }
    memory_.read(address, to, count);
    return true;
}

bool DataStore::write(std::uint64_t address, const unsigned char* from, std::size_t count) {
    if (ecc_) {
        return count_errors(ecc_->write(address, from, count));
    }
    memory_.write(address, from, count);
    return true;
}

bool DataStore::count_errors(const EccCounters& found) {
    ecc_counters_.corrected += found.corrected;
    ecc_counters_.uncorrectable += found.uncorrectable;
    return found.uncorrectable == 0;
}

std::uint64_t DataStore::load(const std::string& path, std::uint64_t local_address, std::uint64_t count) {
    const std::uint64_t loaded = memory_.load(path, local_address, count);
    if (ecc_) {
        ecc_->renew(local_address, loaded);
    }
    return loaded;
}

void DataStore::dump(const std::string& path, std::uint64_t local_address, std::uint64_t count) const {
    memory_.dump(path, local_address, count);
}

void DataStore::flip_bit(std::uint64_t local_address, unsigned bit) {
    sc_assert(ecc_ != nullptr);
    ecc_->flip(local_address, bit);
}

} // namespace systolica
