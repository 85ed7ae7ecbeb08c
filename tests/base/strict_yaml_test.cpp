// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/strict_yaml.h"

#include "temporary_folder.h"

#include <gtest/gtest.h>

namespace systolica {
namespace {

std::string syntax_problem(const std::string& text) {
    try {
        parse_yaml_text(text, "f");
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

YamlNode value_of(const std::string& text) {
    return parse_yaml_text("k: " + text + "\n", "f").entries.at(0).value;
}

TEST(StrictYaml, EveryKeyAndValueHasItsPlace) {
    const YamlNode root = parse_yaml_text("a: 1\nb:\n  c: [x, 'y']\n", "f");
    ASSERT_EQ(root.kind, YamlNode::Kind::map);
    EXPECT_EQ(root.entries[1].where.text(), "f:2:1");
    const YamlNode* list = root.find("b")->find("c");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->where.text(), "f:3:6");
    EXPECT_EQ(list->items[0].where.text(), "f:3:7");
    EXPECT_FALSE(list->items[0].quoted);
    EXPECT_TRUE(list->items[1].quoted);
    EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(StrictYaml, AnEmptyDocumentIsNothing) {
    EXPECT_EQ(parse_yaml_text("", "f").kind, YamlNode::Kind::null);
    EXPECT_EQ(parse_yaml_text("# a comment\n", "f").kind, YamlNode::Kind::null);
}

TEST(StrictYaml, RefusesWhatOtherReadersLetThrough) {
    const struct {
        const char* text;
        const char* problem;
    } cases[] = {
        {"a: 1\na: 2\n", "f:2:1: a: expected each key once, got it again (first at line 1)"},
        {"a: {b: 1, b: 2}\n", "f:1:11: b: expected each key once, got it again (first at line 1)"},
        {"<<: {a: 1}\n", "f:1:1: <<: expected a key, got a merge key (use 'base:' instead)"},
        {"a: &x 1\n", "f:1:4: expected a plain value, got an anchor (anchors are not supported)"},
        {"a: !int 1\n", "f:1:4: expected a plain value, got the tag '!int'"},
        {"a: 1\n---\nb: 2\n", "f: expected one YAML document, got several"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(syntax_problem(c.text), c.problem) << c.text;
    }
}

TEST(StrictYaml, BrokenSyntaxIsOneProblemWithItsPlace) {
    for (const char* text :
         {"a: [1, 2\n", "a: {b: 1\n", "a: 'x\n", "a: b: c\n", "\t- a\n", "a: 1\n b: 2\n", "a: *x\n", "? [a]\n: 1\n"}) {
        const std::string problem = syntax_problem(text);
        EXPECT_EQ(problem.rfind("f:", 0), 0u) << text << " gave '" << problem << "'";
        EXPECT_EQ(problem.find('\n'), std::string::npos) << text;
    }
    EXPECT_EQ(syntax_problem("b: 1\na: 'x\n"), "f:2:4: expected a closing quote, got the end of the file");
    EXPECT_EQ(syntax_problem("a: \"x\\\"\n"), "f:1:4: expected a closing quote, got the end of the file");
    EXPECT_EQ(syntax_problem("a: 'it''s'\nb: \"x\\\"y\"\n"), "");
    EXPECT_EQ(syntax_problem(std::string("a: \0", 4)), "f: expected YAML text, got a binary file");
    EXPECT_NE(syntax_problem(std::string(200, '[')), ""); // deep nesting does not exhaust the stack
}

TEST(StrictYaml, WholeNumbersAreDecimalAndInRange) {
    std::uint64_t value = 0;
    Problems problems;
    EXPECT_TRUE(read_unsigned(value_of("18446744073709551615"), "k", 0, ~std::uint64_t{0}, value, problems));
    EXPECT_EQ(value, ~std::uint64_t{0});
    for (const char* text :
         {"010", "0x10", "1.0", "-1", "1e3", "'4'", "4097", "0", "", "[4]", "18446744073709551616"}) {
        EXPECT_FALSE(read_unsigned(value_of(text), "k", 1, 4096, value, problems)) << text;
    }
    EXPECT_EQ(problems.list().size(), 11u);
    EXPECT_EQ(problems.list()[0].text(), "f:1:4: k: expected a whole number from 1 to 4096, got '010'");
}

TEST(StrictYaml, NumbersAreFiniteAndInRange) {
    double value = 0;
    Problems problems;
    EXPECT_TRUE(read_number(value_of("0.5"), "k", 0, 1, value, problems));
    EXPECT_EQ(value, 0.5);
    for (const char* text : {"nan", "inf", "1.5", "half", "'0.5'", "0.5x"}) {
        EXPECT_FALSE(read_number(value_of(text), "k", 0, 1, value, problems)) << text;
    }
    EXPECT_EQ(problems.list()[2].text(), "f:1:4: k: expected a number from 0 to 1, got '1.5'");
}

TEST(StrictYaml, TruthIsTrueOrFalse) {
    bool value = false;
    Problems problems;
    EXPECT_TRUE(read_bool(value_of("true"), "k", value, problems));
    EXPECT_TRUE(value);
    for (const char* text : {"yes", "True", "1", "'true'"}) {
        EXPECT_FALSE(read_bool(value_of(text), "k", value, problems)) << text;
    }
}

TEST(StrictYaml, ChoicesAndKeysSuggestTheNearest) {
    std::string value;
    Problems problems;
    EXPECT_TRUE(read_choice(value_of("ws"), "k", {"os", "ws"}, value, problems));
    EXPECT_FALSE(read_choice(value_of("mseh"), "k", {"mesh", "torus"}, value, problems));
    refuse_unknown_keys(parse_yaml_text("row: 1\ncols: 2\n", "f"), "tile", {"rows", "cols"}, problems);
    EXPECT_EQ(problems.text(), "f:1:4: k: expected one of mesh, torus, got 'mseh' (did you mean 'mesh'?)\n"
                               "f:1:1: tile.row: expected a known key, got 'row' (did you mean 'rows'?)");
}

TEST(StrictYaml, FilesThatCannotBeReadAreInputErrors) {
    const TemporaryFolder folder;
    folder.write("empty.yaml", "");
    EXPECT_EQ(read_text_file(folder.file("empty.yaml")), "");
    EXPECT_THROW(read_text_file(folder.file("missing.yaml")), InputError);
    EXPECT_THROW(read_text_file(folder.file("")), InputError); // a folder
}

} // namespace
} // namespace systolica
