// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/dram_part_reader.h"

#include <algorithm>

#include "base/strict_yaml.h"

namespace systolica {

namespace {

struct PartKey {
    const char* name;
    const char* unit;
    unsigned DramPart::*field;
    std::uint64_t least, most;
    bool power_of_two;
    const char* description;
};

// All whole numbers that a part gives, but for rows and refi (64 bits). CK is the command clock.
const std::vector<PartKey>& part_keys() {
    static const std::vector<PartKey> keys{
        {"width_bits", "bit", &DramPart::width_bits, 8, 64, true, "data pins of the channel"},
        {"burst_length", "beats", &DramPart::burst_length, 1, 64, true, "BL: data beats of a read or write command"},
        {"banks", "banks", &DramPart::banks, 1, 256, true, "banks of the channel"},
        {"page_bytes", "B", &DramPart::page_bytes, 64, 65536, true, "an open row of one bank"},
        {"beats_per_clock", "beats", &DramPart::beats_per_clock, 1, 16, true, "data beats in one CK; 2 for LPDDR4"},
        {"rl", "CK", &DramPart::rl, 1, 1000, false, "RL: read command to first data"},
        {"wl", "CK", &DramPart::wl, 1, 1000, false, "WL: write command to first data"},
        {"rcd", "CK", &DramPart::rcd, 1, 1000, false, "tRCD: activate to read or write"},
        {"rp_pb", "CK", &DramPart::rp_pb, 1, 1000, false, "tRPpb: precharge of one bank to activate"},
        {"rp_ab", "CK", &DramPart::rp_ab, 1, 1000, false, "tRPab: precharge of all banks to activate"},
        {"ras", "CK", &DramPart::ras, 1, 1000, false, "tRAS: activate to precharge"},
        {"rrd", "CK", &DramPart::rrd, 1, 1000, false, "tRRD: activate to activate of another bank"},
        {"faw", "CK", &DramPart::faw, 1, 1000, false, "tFAW: at most four activates in this window"},
        {"ccd", "CK", &DramPart::ccd, 1, 1000, false, "tCCD: read to read, write to write"},
        {"wr", "CK", &DramPart::wr, 1, 1000, false, "tWR: end of write data to precharge"},
        {"wtr", "CK", &DramPart::wtr, 1, 1000, false, "tWTR: end of write data to read"},
        {"rtp", "CK", &DramPart::rtp, 1, 1000, false, "tRTP: read to precharge"},
        {"dqsck", "CK", &DramPart::dqsck, 0, 1000, false,
         "tDQSCK: skew of read data, part of read-to-write turnaround"},
        {"rfc_ab", "CK", &DramPart::rfc_ab, 1, 100000, false, "tRFCab: duration of an all-bank refresh"},
    };
    return keys;
}

constexpr double kSlowestMtps = 1;
constexpr double kFastestMtps = 100000;
constexpr std::uint64_t kMostRows = 1u << 24;
constexpr std::uint64_t kMostRefi = 1'000'000;

class PartReader {
public:
    PartReader(const YamlNode& root, Problems& problems) : root_(root), problems_(problems) {}

    DramPart read() {
        std::vector<std::string> known{"name", "data_rate_mtps", "rows", "refi"};
        for (const PartKey& key : part_keys()) {
            known.emplace_back(key.name);
        }
        refuse_unknown_keys(root_, "", known, problems_);
        if (const YamlNode* node = required("name")) {
            complete_ = read_text(*node, "name", part_.name, problems_) && complete_;
        }
        if (const YamlNode* node = required("data_rate_mtps")) {
            complete_ =
                read_number(*node, "data_rate_mtps", kSlowestMtps, kFastestMtps, part_.data_rate_mtps, problems_) &&
                complete_;
        }
        read_whole("rows", 1, kMostRows, part_.rows);
        read_whole("refi", 1, kMostRefi, part_.refi);
        for (const PartKey& key : part_keys()) {
            read(key);
        }
        if (complete_) {
            check();
        }
        return part_;
    }

private:
    const YamlNode* required(const char* key) {
        Location where = root_.where;
        for (const YamlEntry& entry : root_.entries) {
            if (entry.key == key && entry.value.kind != YamlNode::Kind::null) {
                return &entry.value;
            }
            where = entry.key == key ? entry.where : where;
        }
        problems_.add(where, key, "expected a value for each key of a DRAM part, got nothing");
        complete_ = false;
        return nullptr;
    }

    bool read_whole(const char* key, std::uint64_t least, std::uint64_t most, std::uint64_t& value) {
        const YamlNode* node = required(key);
        const bool legal = node != nullptr && read_unsigned(*node, key, least, most, value, problems_);
        complete_ = complete_ && legal;
        return legal;
    }

    void read(const PartKey& key) {
        std::uint64_t value = 0;
        if (!read_whole(key.name, key.least, key.most, value)) {
            return;
        }
        if (key.power_of_two && (value & (value - 1)) != 0) {
            refuse(key.name, "expected a power of two");
            complete_ = false;
        }
        part_.*key.field = static_cast<unsigned>(value);
    }

    // What JEDEC's definitions imply between the values.
    void check() {
        if (part_.page_bytes < part_.burst_bytes()) {
            refuse("page_bytes", "expected at least the " + std::to_string(part_.burst_bytes()) + " bytes of a burst");
        }
        if (part_.ccd * part_.beats_per_clock < part_.burst_length) {
            refuse("ccd", "expected at least the clocks of a burst (burst_length / beats_per_clock)");
        }
        if (part_.ras < part_.rcd) {
            refuse("ras", "expected at least rcd = " + std::to_string(part_.rcd));
        }
        if (part_.rp_ab < part_.rp_pb) {
            refuse("rp_ab", "expected at least rp_pb = " + std::to_string(part_.rp_pb));
        }
        if (part_.refi <= std::uint64_t{part_.rfc_ab} + part_.rp_ab) {
            refuse("refi", "expected more than rfc_ab + rp_ab = " + std::to_string(part_.rfc_ab + part_.rp_ab));
        }
    }

    void refuse(const char* key, const std::string& expected) {
        const YamlNode& node = *root_.find(key);
        problems_.add(node.where, key, expected + ", got " + node.described());
    }

    const YamlNode& root_;
    Problems& problems_;
    DramPart part_;
    bool complete_ = true; // every value is there and in range
};

} // namespace

std::vector<DramPartRow> dram_part_rows() {
    std::vector<DramPartRow> rows{
        {"name", "", "text", "what reports call the part"},
        {"data_rate_mtps", "MT/s", "1..100000", "data beats a second on one pin, in millions"},
        {"rows", "rows", "1.." + std::to_string(kMostRows), "rows of a bank"},
        {"refi", "CK", "1.." + std::to_string(kMostRefi), "tREFI: average time between refreshes"},
    };
    for (const PartKey& key : part_keys()) {
        rows.push_back(
            {key.name, key.unit,
             (key.power_of_two ? "power of two " : "") + std::to_string(key.least) + ".." + std::to_string(key.most),
             key.description});
    }
    return rows;
}

DramPart read_dram_part(const std::string& path, Problems& problems) {
    const YamlNode root = parse_yaml_file(path);
    if (root.kind != YamlNode::Kind::map) {
        problems.add(root.where, "",
                     "expected the keys of a DRAM part (name, data_rate_mtps, ...), got " + root.described());
        return {};
    }
    return PartReader(root, problems).read();
}

} // namespace systolica
