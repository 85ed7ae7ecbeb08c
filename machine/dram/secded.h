// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Error-correcting code of inline ECC: 8 check bits for 64 data bits, any one flipped bit of the 72 is corrected, any
// two are detected. A Hsiao code: every column of the check matrix has odd weight (M. Y. Hsiao, "A Class of Optimal
// Minimum Odd-weight-column SEC-DED Codes", IBM J. Res. Dev. 14(4), 1970). The check bits of 0 are 0.
#pragma once

#include <cstdint>

namespace systolica {

enum class EccOutcome : std::uint8_t { ok, corrected, uncorrectable };

inline constexpr unsigned kSecdedBits = 72; // 0 to 63: data, 64 to 71: check bits

std::uint8_t secded_encode(std::uint64_t word);

// Corrects both in place; leaves what it cannot correct alone. Three or more flipped bits may pass for one.
EccOutcome secded_decode(std::uint64_t& word, std::uint8_t& check);

} // namespace systolica
