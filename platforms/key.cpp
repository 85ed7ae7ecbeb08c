// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "platforms/key.h"

#include <algorithm>
#include <charconv>

namespace systolica {

namespace {

std::string number_text(double value) {
    std::array<char, 32> buffer{};
    const auto result =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 12);
    return std::string(buffer.data(), result.ptr);
}

// Limits of whole numbers, without an exponent.
std::string whole_text(double value) {
    return std::to_string(static_cast<std::uint64_t>(value));
}

std::string joined(const std::vector<std::string>& parts, const char* separator) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : separator) + part;
    }
    return out;
}

bool refuse(const Key& key, const YamlNode& node, const std::string& expected, Problems& problems) {
    const std::string note = key.note.empty() ? "" : " (" + key.note + ")";
    problems.add(node.where, key.path, "expected " + expected + note + ", got " + node.described());
    return false;
}

bool read_whole(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    const auto least = static_cast<std::uint64_t>(key.least);
    const auto most = static_cast<std::uint64_t>(key.most);
    const bool listed = !key.choices.empty();
    std::uint64_t parsed = 0;
    if (!listed && !key.power_of_two) {
        const bool legal = read_unsigned(node, key.path, least, most, parsed, problems);
        value = parsed;
        return legal;
    }
    Problems dropped; // the message below says more than the general one
    bool legal = read_unsigned(node, key.path, least, most, parsed, dropped);
    if (listed) {
        legal = legal && std::find(key.choices.begin(), key.choices.end(), node.text) != key.choices.end();
        value = parsed;
        const std::string expected =
            key.choices.size() == 1 ? key.choices.front() : "one of " + joined(key.choices, ", ");
        return legal || refuse(key, node, expected, problems);
    }
    legal = legal && parsed != 0 && (parsed & (parsed - 1)) == 0;
    value = parsed;
    return legal ||
           refuse(key, node, "a power of two from " + whole_text(key.least) + " to " + whole_text(key.most), problems);
}

bool read_routers(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    if (node.kind != YamlNode::Kind::sequence || node.items.empty()) {
        problems.add(node.where, key.path,
                     "expected a list of router numbers, got " +
                         (node.kind == YamlNode::Kind::sequence ? "an empty list" : node.described()));
        return false;
    }
    bool legal = true;
    std::vector<std::uint64_t> routers(node.items.size());
    for (std::size_t i = 0; i < routers.size(); ++i) {
        legal = read_unsigned(node.items[i], key.path, static_cast<std::uint64_t>(key.least),
                              static_cast<std::uint64_t>(key.most), routers[i], problems) &&
                legal;
    }
    value = std::move(routers);
    return legal;
}

bool read_short_text(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    std::string parsed;
    if (!read_text(node, key.path, parsed, problems)) {
        return false;
    }
    const bool printable = std::none_of(parsed.begin(), parsed.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
    if (!printable || parsed.size() > static_cast<std::size_t>(key.most)) {
        return refuse(key, node, "text of at most " + whole_text(key.most) + " printable characters", problems);
    }
    value = std::move(parsed);
    return true;
}

} // namespace

std::string value_text(const KeyValue& value) {
    struct Visitor {
        std::string operator()(std::uint64_t whole) const { return std::to_string(whole); }
        std::string operator()(double number) const { return number_text(number); }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(const std::vector<std::uint64_t>& list) const {
            std::vector<std::string> parts;
            for (const std::uint64_t item : list) {
                parts.push_back(std::to_string(item));
            }
            return "[" + joined(parts, ", ") + "]";
        }
    };
    return std::visit(Visitor{}, value);
}

std::string range_text(const Key& key) {
    if (!key.choices.empty()) {
        return joined(key.choices, " | ");
    }
    switch (key.type) {
    case KeyType::whole:
        return (key.power_of_two ? "power of two " : "") + whole_text(key.least) + ".." + whole_text(key.most);
    case KeyType::number:
        return number_text(key.least) + ".." + number_text(key.most);
    case KeyType::boolean:
        return "true | false";
    case KeyType::routers:
        return "list of router numbers";
    case KeyType::text:
    case KeyType::choice:
        break;
    }
    return "text";
}

bool read_value(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    switch (key.type) {
    case KeyType::whole:
        return read_whole(key, node, value, problems);
    case KeyType::number: {
        double parsed = 0;
        const bool legal = read_number(node, key.path, key.least, key.most, parsed, problems);
        value = parsed;
        return legal;
    }
    case KeyType::boolean: {
        bool parsed = false;
        const bool legal = read_bool(node, key.path, parsed, problems);
        value = parsed;
        return legal;
    }
    case KeyType::choice: {
        std::string parsed;
        const bool legal = read_choice(node, key.path, key.choices, parsed, problems);
        value = std::move(parsed);
        return legal;
    }
    case KeyType::routers:
        return read_routers(key, node, value, problems);
    case KeyType::text:
        break;
    }
    return read_short_text(key, node, value, problems);
}

} // namespace systolica
