// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_reader.h"

#include "base/strict_yaml.h"
#include "workloads/graph_builder.h"
#include "workloads/yaml_operator.h"

namespace systolica {

namespace {

constexpr const char* kImage = "input";
constexpr const char* kUnreadable = ""; // stands for the result of an operator that could not be built

std::string read_name(const YamlNode& root, Problems& problems) {
    std::string name;
    const YamlNode* node = root.find("name");
    if (node == nullptr) {
        problems.add(root.where, "name", "expected a value, got nothing");
    } else {
        read_text(*node, "name", name, problems);
    }
    return name;
}

void read_image(const YamlNode& root, GraphBuilder& builder) {
    Problems& problems = builder.problems();
    const std::size_t before = problems.list().size();
    const YamlNode* input = root.find("input");
    Shape shape;
    if (input == nullptr || input->kind != YamlNode::Kind::map) {
        problems.add(input == nullptr ? root.where : input->where, "input",
                     std::string("expected a map with channels, height and width, got ") +
                         (input == nullptr ? "nothing" : input->described()));
    } else {
        refuse_unknown_keys(*input, "input", {"channels", "height", "width"}, problems);
        if (input->find("channels") == nullptr) {
            problems.add(input->where, "input.channels", "expected a value, got nothing");
        }
        for (const auto& [key, value] : {std::pair{"channels", &shape.c}, {"height", &shape.h}, {"width", &shape.w}}) {
            if (const YamlNode* node = input->find(key)) {
                read_unsigned(*node, std::string("input.") + key, 1, kMaxDimension, *value, problems);
            }
        }
    }
    if (problems.list().size() == before) {
        builder.add_input(kImage, shape, Places(input->where));
    } else {
        builder.add_unreadable(kImage);
    }
}

void read_operators(const YamlNode& root, GraphBuilder& builder) {
    const YamlNode* operators = root.find("operators");
    const bool list = operators != nullptr && operators->kind == YamlNode::Kind::sequence;
    if (!list || operators->items.empty()) {
        const std::string got = list ? "an empty list" : operators == nullptr ? "nothing" : operators->described();
        builder.problems().add(operators == nullptr ? root.where : operators->where, "operators",
                               "expected a list of operators, got " + got);
        return;
    }
    builder.add_unreadable(kUnreadable);
    std::string previous = kImage;
    for (std::size_t i = 0; i < operators->items.size(); ++i) {
        const std::string position = "operators[" + std::to_string(i) + "]";
        const YamlOperator op = read_yaml_operator(operators->items[i], position, previous, builder.problems());
        if (!op.good) {
            builder.add_unreadable(op.spec.name);
        }
        previous = op.good && builder.add(op.spec, op.places) ? op.spec.name : kUnreadable;
    }
}

} // namespace

Graph read_yaml_workload(const std::string& text, const std::string& file, std::uint64_t batch) {
    const YamlNode root = parse_yaml_text(text, file);
    if (root.kind != YamlNode::Kind::map) {
        throw InputError(root.where, "", "expected a map with name, input and operators, got " + root.described());
    }
    Problems problems;
    refuse_unknown_keys(root, "", {"name", "input", "operators"}, problems);
    GraphBuilder builder(read_name(root, problems), batch);
    builder.problems() = problems;
    read_image(root, builder);
    read_operators(root, builder);
    return builder.finish();
}

} // namespace systolica
