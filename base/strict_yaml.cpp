// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/strict_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace systolica {

namespace {

constexpr int kMaxDepth = 64;

// Builds the tree from yaml-cpp's events, which carry a mark for every key and value.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(std::string file, const std::string& text) : file_(std::move(file)), text_(text) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, anchor, "", false, true); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        throw InputError(at(mark), "", "expected a plain value, got an alias (anchors and aliases are not supported)");
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        const bool quoted = tag == "!";
        if (!quoted && !tag.empty() && tag != "?") {
            throw InputError(at(mark), "", "expected a plain value, got the tag '" + tag + "'");
        }
        if (quoted) {
            refuse_open_quote(mark);
        }
        const bool null = !quoted && (value.empty() || value == "~" || value == "null");
        scalar(mark, anchor, value, quoted, null);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, anchor, YamlNode::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, anchor, YamlNode::Kind::map);
    }
    void OnMapEnd() override { close(); }

    YamlNode root;

private:
    struct Level {
        YamlNode node;
        std::string pending_key;
        Location key_where;
        bool has_key = false;
    };

    Location at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& value, bool quoted, bool null) {
        refuse_anchor(mark, anchor);
        if (!levels_.empty() && levels_.back().node.kind == YamlNode::Kind::map && !levels_.back().has_key) {
            take_key(mark, value, null && !quoted);
            return;
        }
        YamlNode node;
        node.kind = null ? YamlNode::Kind::null : YamlNode::Kind::scalar;
        node.where = at(mark);
        node.text = value;
        node.quoted = quoted;
        put(std::move(node));
    }

    void take_key(const YAML::Mark& mark, const std::string& key, bool null) {
        Level& level = levels_.back();
        if (null) {
            throw InputError(at(mark), "", "expected a key, got nothing");
        }
        if (key == "<<") {
            throw InputError(at(mark), key, "expected a key, got a merge key (use 'base:' instead)");
        }
        for (const YamlEntry& entry : level.node.entries) {
            if (entry.key == key) {
                throw InputError(at(mark), key,
                                 "expected each key once, got it again (first at line " +
                                     std::to_string(entry.where.line) + ")");
            }
        }
        level.pending_key = key;
        level.key_where = at(mark);
        level.has_key = true;
    }

    void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind) {
        refuse_anchor(mark, anchor);
        if (!levels_.empty() && levels_.back().node.kind == YamlNode::Kind::map && !levels_.back().has_key) {
            throw InputError(at(mark), "", "expected a plain key, got a list or map");
        }
        if (levels_.size() >= kMaxDepth) {
            throw InputError(at(mark), "", "expected at most " + std::to_string(kMaxDepth) + " levels of nesting");
        }
        Level level;
        level.node.kind = kind;
        level.node.where = at(mark);
        levels_.push_back(std::move(level));
    }

    void close() {
        YamlNode node = std::move(levels_.back().node);
        levels_.pop_back();
        put(std::move(node));
    }

    void put(YamlNode node) {
        if (levels_.empty()) {
            root = std::move(node);
            return;
        }
        Level& level = levels_.back();
        if (level.node.kind == YamlNode::Kind::sequence) {
            level.node.items.push_back(std::move(node));
            return;
        }
        level.node.entries.push_back({level.pending_key, level.key_where, std::move(node)});
        level.has_key = false;
    }

    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
        if (anchor != 0) {
            throw InputError(at(mark), "", "expected a plain value, got an anchor (anchors are not supported)");
        }
    }

    // yaml-cpp ends a quoted text silently where a line is indented too little.
    void refuse_open_quote(const YAML::Mark& mark) const {
        std::size_t at_text = static_cast<std::size_t>(std::max(mark.pos, 0));
        const char quote = at_text < text_.size() ? text_[at_text] : '\0';
        if (quote != '\'' && quote != '"') {
            return;
        }
        for (++at_text; at_text < text_.size() && text_[at_text] != quote; ++at_text) {
            at_text += quote == '"' && text_[at_text] == '\\' ? 1 : 0;
        }
        if (at_text >= text_.size()) {
            throw InputError(at(mark), "", "expected a closing quote, got the end of the file");
        }
    }

    std::string file_;
    const std::string& text_;
    std::vector<Level> levels_;
};

std::string number_text(double value) {
    std::ostringstream out;
    out.precision(12);
    out << value;
    return out.str();
}

bool plain_scalar(const YamlNode& node) {
    return node.kind == YamlNode::Kind::scalar && !node.quoted;
}

} // namespace

const YamlNode* YamlNode::find(const std::string& key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) {
            return &entry.value;
        }
    }
    return nullptr;
}

const char* YamlNode::kind_name() const {
    switch (kind) {
    case Kind::null:
        return "nothing";
    case Kind::scalar:
        return "a value";
    case Kind::sequence:
        return "a list";
    case Kind::map:
        return "a map";
    }
    return "";
}

std::string YamlNode::described() const {
    if (kind != Kind::scalar) {
        return kind_name();
    }
    return "'" + (text.size() > 60 ? text.substr(0, 57) + "..." : text) + "'";
}

YamlNode parse_yaml_text(const std::string& text, const std::string& name) {
    if (text.find('\0') != std::string::npos) {
        throw InputError({name, 0, 0}, "", "expected YAML text, got a binary file");
    }
    std::istringstream stream(text);
    TreeBuilder builder(name, text);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        TreeBuilder second(name, text);
        if (parser.HandleNextDocument(second)) {
            throw InputError({name, 0, 0}, "", "expected one YAML document, got several");
        }
    } catch (const YAML::Exception& error) {
        throw InputError({name, error.mark.line + 1, error.mark.column + 1}, "", "expected valid YAML: " + error.msg);
    }
    if (builder.root.where.file.empty()) {
        builder.root.where = {name, 1, 1};
    }
    return builder.root;
}

YamlNode parse_yaml_file(const std::string& path) {
    return parse_yaml_text(read_text_file(path), path);
}

bool read_unsigned(const YamlNode& node, const std::string& key, std::uint64_t least, std::uint64_t most,
                   std::uint64_t& value, Problems& problems) {
    const std::string expected =
        "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    std::uint64_t parsed = 0;
    const char* end = node.text.data() + node.text.size();
    const auto result = std::from_chars(node.text.data(), end, parsed);
    const bool leading_zero = node.text.size() > 1 && node.text[0] == '0';
    if (!plain_scalar(node) || result.ec != std::errc() || result.ptr != end || leading_zero || parsed < least ||
        parsed > most) {
        problems.add(node.where, key, expected + ", got " + node.described());
        return false;
    }
    value = parsed;
    return true;
}

bool read_number(const YamlNode& node, const std::string& key, double least, double most, double& value,
                 Problems& problems) {
    double parsed = 0;
    const char* end = node.text.data() + node.text.size();
    const auto result = std::from_chars(node.text.data(), end, parsed);
    if (!plain_scalar(node) || result.ec != std::errc() || result.ptr != end || !std::isfinite(parsed) ||
        parsed < least || parsed > most) {
        problems.add(node.where, key,
                     "expected a number from " + number_text(least) + " to " + number_text(most) + ", got " +
                         node.described());
        return false;
    }
    value = parsed;
    return true;
}

bool read_bool(const YamlNode& node, const std::string& key, bool& value, Problems& problems) {
    if (plain_scalar(node) && (node.text == "true" || node.text == "false")) {
        value = node.text == "true";
        return true;
    }
    problems.add(node.where, key, "expected true or false, got " + node.described());
    return false;
}

bool read_text(const YamlNode& node, const std::string& key, std::string& value, Problems& problems) {
    if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
        problems.add(node.where, key, "expected text, got " + node.described());
        return false;
    }
    value = node.text;
    return true;
}

bool read_choice(const YamlNode& node, const std::string& key, const std::vector<std::string>& choices,
                 std::string& value, Problems& problems) {
    if (node.kind == YamlNode::Kind::scalar) {
        for (const std::string& choice : choices) {
            if (node.text == choice) {
                value = choice;
                return true;
            }
        }
    }
    std::string expected = "expected one of ";
    for (std::size_t i = 0; i < choices.size(); ++i) {
        expected += (i == 0 ? "" : ", ") + choices[i];
    }
    problems.add(node.where, key, expected + ", got " + node.described() + suggestion(node.text, choices));
    return false;
}

void refuse_unknown_keys(const YamlNode& map, const std::string& path, const std::vector<std::string>& known,
                         Problems& problems) {
    for (const YamlEntry& entry : map.entries) {
        bool found = false;
        for (const std::string& name : known) {
            found = found || name == entry.key;
        }
        if (!found) {
            problems.add(entry.where, path.empty() ? entry.key : path + "." + entry.key,
                         "expected a known key, got '" + entry.key + "'" + suggestion(entry.key, known));
        }
    }
}

std::string read_text_file(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        throw InputError({path, 0, 0}, "", "expected a file, got a folder");
    }
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in) {
        text << in.rdbuf();
    }
    // An empty file leaves failbit on `text` alone, which is no error.
    if (!in.is_open() || in.bad()) {
        throw InputError({path, 0, 0}, "",
                         std::string("expected a readable file, got: ") + std::strerror(errno != 0 ? errno : EIO));
    }
    return text.str();
}

} // namespace systolica
