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

bool read_whole_or_word(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    if (node.kind == YamlNode::Kind::scalar && node.text == key.word) {
        value = key.word;
        return true;
    }
    const auto least = static_cast<std::uint64_t>(key.least);
    const auto most = static_cast<std::uint64_t>(key.most);
    Problems dropped; // the message below says more than the general one
    std::uint64_t parsed = 0;
    const bool legal = read_unsigned(node, key.path, least, most, parsed, dropped);
    value = parsed;
    return legal ||
           refuse(key, node,
                  key.word + " or a whole number from " + whole_text(key.least) + " to " + whole_text(key.most),
                  problems);
}

bool read_whole(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    if (!key.word.empty()) {
        return read_whole_or_word(key, node, value, problems);
    }
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

bool read_link(const Key& key, const YamlNode& node, const std::string& path, NocLink& link, Problems& problems) {
    const std::vector<std::string> names{"from", "to", "width_bytes", "latency_cycles", "one_way"};
    const std::size_t before = problems.list().size();
    if (node.kind != YamlNode::Kind::map) {
        problems.add(node.where, path, "expected a map (" + joined(names, ", ") + "), got " + node.described());
        return false;
    }
    refuse_unknown_keys(node, path, names, problems);
    const auto number = [&](const char* name, std::uint64_t least, std::uint64_t most, unsigned& field) {
        std::uint64_t value = field;
        const YamlNode* given = node.find(name);
        if (given != nullptr) {
            read_unsigned(*given, path + "." + name, least, most, value, problems);
        }
        field = static_cast<unsigned>(value);
        return given != nullptr;
    };
    const auto most_router = static_cast<std::uint64_t>(key.most);
    const bool from = number("from", 0, most_router, link.from);
    const bool to = number("to", 0, most_router, link.to);
    if (!from || !to) {
        problems.add(node.where, path, "expected from and to, got " + node.described());
    }
    number("width_bytes", 1, kMostLinkBytes, link.width_bytes);
    number("latency_cycles", 1, kMostLinkCycles, link.latency_cycles);
    if (const YamlNode* one_way = node.find("one_way")) {
        read_bool(*one_way, path + ".one_way", link.one_way, problems);
    }
    return problems.list().size() == before;
}

bool read_links(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    if (node.kind != YamlNode::Kind::sequence) {
        problems.add(node.where, key.path, "expected a list of links, got " + node.described());
        return false;
    }
    bool legal = true;
    std::vector<NocLink> links(node.items.size());
    for (std::size_t i = 0; i < links.size(); ++i) {
        legal = read_link(key, node.items[i], key.path + "[" + std::to_string(i) + "]", links[i], problems) && legal;
    }
    value = std::move(links);
    return legal;
}

std::string link_text(const NocLink& link) {
    std::string text = "{from: " + std::to_string(link.from) + ", to: " + std::to_string(link.to);
    text += link.width_bytes == 0 ? "" : ", width_bytes: " + std::to_string(link.width_bytes);
    text += link.latency_cycles == 1 ? "" : ", latency_cycles: " + std::to_string(link.latency_cycles);
    return text + (link.one_way ? ", one_way: true}" : "}");
}

bool read_pairs(const Key& key, const YamlNode& node, KeyValue& value, Problems& problems) {
    if (node.kind != YamlNode::Kind::sequence || node.items.empty()) {
        return refuse(key, node, "a list of pairs", problems);
    }
    bool legal = true;
    KeyPairs pairs(node.items.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const YamlNode& item = node.items[i];
        if (item.kind != YamlNode::Kind::sequence || item.items.size() != 2) {
            return refuse(key, item, "a pair of chip numbers such as [0, 1]", problems);
        }
        for (std::size_t end = 0; end < 2; ++end) {
            legal = read_unsigned(item.items[end], key.path, static_cast<std::uint64_t>(key.least),
                                  static_cast<std::uint64_t>(key.most), pairs[i][end], problems) &&
                    legal;
        }
    }
    value = std::move(pairs);
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
        std::string operator()(const std::vector<NocLink>& links) const {
            std::vector<std::string> parts;
            for (const NocLink& link : links) {
                parts.push_back(link_text(link));
            }
            return "[" + joined(parts, ", ") + "]";
        }
        std::string operator()(const KeyPairs& pairs) const {
            std::vector<std::string> parts;
            for (const auto& pair : pairs) {
                parts.push_back("[" + std::to_string(pair[0]) + ", " + std::to_string(pair[1]) + "]");
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
        return (key.word.empty() ? "" : key.word + " | ") + (key.power_of_two ? "power of two " : "") +
               whole_text(key.least) + ".." + whole_text(key.most);
    case KeyType::number:
        return number_text(key.least) + ".." + number_text(key.most);
    case KeyType::boolean:
        return "true | false";
    case KeyType::routers:
        return "list of router numbers";
    case KeyType::links:
        return "list of links";
    case KeyType::pairs:
        return "list of pairs";
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
    case KeyType::links:
        return read_links(key, node, value, problems);
    case KeyType::pairs:
        return read_pairs(key, node, value, problems);
    case KeyType::text:
        break;
    }
    return read_short_text(key, node, value, problems);
}

} // namespace systolica
