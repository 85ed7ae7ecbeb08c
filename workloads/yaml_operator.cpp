// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_operator.h"

#include "workloads/operator_table.h"

#include <algorithm>
#include <sstream>

namespace systolica {

namespace {

constexpr double kLargestValue = 1e30; // of a constant operand; finite for every use of it

const char* const kDepthwise = "dwconv"; // conv with a group an input channel
const char* const kDepthwiseKeys = "out_channels kernel* stride pad dilation bias";

std::vector<std::string> words() {
    std::vector<std::string> all;
    for (const OperatorRow& row : operator_table()) {
        all.emplace_back(row.word);
        if (row.kind == OpKind::conv) {
            all.emplace_back(kDepthwise);
        }
    }
    return all;
}

// The row of a word that read_choice has accepted.
const OperatorRow& row_of(const std::string& word) {
    const std::vector<OperatorRow>& table = operator_table();
    return *std::find_if(table.begin(), table.end(), [&](const OperatorRow& row) {
        return word == row.word || (word == kDepthwise && row.kind == OpKind::conv);
    });
}

struct Keys {
    std::vector<std::string> all;
    std::vector<std::string> required;
};

Keys keys_of(const OperatorRow& row, bool depthwise) {
    Keys keys{{"name", "op", "inputs"}, {}};
    std::istringstream in(depthwise ? kDepthwiseKeys : row.keys);
    for (std::string key; in >> key;) {
        if (key.back() == '*') {
            key.pop_back();
            keys.required.push_back(key);
        }
        keys.all.push_back(key);
    }
    if (row.least_inputs > 1) { // the operator before it is only one
        keys.required.emplace_back("inputs");
    }
    return keys;
}

// Reads the fields of one operator; each function is true when what it read is good or absent.
class OperatorReader {
public:
    OperatorReader(const YamlNode& node, const std::string& position, Problems& problems)
        : node_(node), path_(position), problems_(problems) {
        result_.places = Places(node.where);
    }

    YamlOperator read(const std::string& previous) {
        result_.good = read_fields(previous);
        return result_;
    }

private:
    bool read_fields(const std::string& previous) {
        if (node_.kind != YamlNode::Kind::map) {
            problems_.add(node_.where, path_, "expected a map with name and op, got " + node_.described());
            return false;
        }
        const bool named = read_name();
        std::string word;
        if (!require("op") || !read_choice(*node_.find("op"), key("op"), words(), word, problems_)) {
            return false;
        }
        const OperatorRow& row = row_of(word);
        spec().kind = row.kind;
        spec().depthwise = word == kDepthwise;
        const Keys keys = keys_of(row, spec().depthwise);
        bool good = known_keys(keys) && named;
        for (const std::string& required : keys.required) {
            const bool operand = node_.find("value") != nullptr || node_.find("operand") != nullptr;
            good = ((required == "inputs" && operand) || require(required)) && good;
        }
        good = read_inputs(previous) && good;
        return read_parameters() && good;
    }

    bool read_name() {
        const std::string where = key("name");
        if (!require("name") || !read_text(*node_.find("name"), where, spec().name, problems_)) {
            return false;
        }
        result_.places.add("name", where, node_.find("name")->where);
        path_ = spec().name;
        return true;
    }

    bool known_keys(const Keys& keys) {
        const std::size_t before = problems_.list().size();
        refuse_unknown_keys(node_, path_, keys.all, problems_);
        return problems_.list().size() == before;
    }

    bool require(const std::string& field) {
        if (node_.find(field) != nullptr) {
            return true;
        }
        problems_.add(node_.where, key(field), "expected a value, got nothing");
        return false;
    }

    bool read_inputs(const std::string& previous) {
        const YamlNode* inputs = place("inputs");
        if (inputs == nullptr) {
            spec().inputs.push_back(previous);
            return true;
        }
        const bool list = inputs->kind == YamlNode::Kind::sequence;
        bool good = true;
        for (std::size_t i = 0; i < (list ? inputs->items.size() : 1); ++i) {
            const YamlNode& item = list ? inputs->items[i] : *inputs;
            const std::string position = "inputs[" + std::to_string(i) + "]";
            std::string name;
            good = read_text(item, key(list ? position : "inputs"), name, problems_) && good;
            result_.places.add(position, list ? position : "inputs", item.where);
            spec().inputs.push_back(name);
        }
        return good;
    }

    bool read_parameters() {
        Window& window = spec().window;
        bool good = read_count("out_channels", spec().out_channels);
        good = read_count("groups", spec().groups) && good;
        good = read_pair("kernel", window.kernel_h, window.kernel_w) && good;
        good = read_output_pad() && good;
        if (spec().kind == OpKind::max_pool || spec().kind == OpKind::avg_pool) { // as frameworks do
            window.stride_h = window.kernel_h;
            window.stride_w = window.kernel_w;
        }
        good = read_pair("stride", window.stride_h, window.stride_w) && good;
        good = read_pair("dilation", window.dilation_h, window.dilation_w) && good;
        good = read_pad(window) && good;
        for (const auto& [field, flag] : {std::pair{"bias", &spec().bias},
                                          {"ceil_mode", &spec().ceil_mode},
                                          {"count_include_pad", &spec().count_include_pad},
                                          {"transpose_a", &spec().transpose_a},
                                          {"transpose_b", &spec().transpose_b}}) {
            good = read_flag(field, *flag) && good;
        }
        return read_elements() && good;
    }

    // Of operators on elements, their order and joints.
    bool read_elements() {
        bool good = true;
        for (const auto& [field, count] : {std::pair{"size", &spec().size},
                                           {"length", &spec().length},
                                           {"channels", &spec().target.c},
                                           {"height", &spec().target.h},
                                           {"width", &spec().target.w}}) {
            good = read_count(field, *count) && good;
        }
        const YamlNode* start = place("start");
        good = (start == nullptr || read_unsigned(*start, key("start"), 0, kMaxDimension, spec().start, problems_)) &&
               good;
        good = read_pair("scale", spec().scale_h, spec().scale_w) && good;
        good = read_axes() && good;
        good = read_operand() && good;
        const YamlNode* value = place("value");
        spec().constant = value != nullptr;
        return (value == nullptr ||
                read_number(*value, key("value"), -kLargestValue, kLargestValue, spec().value, problems_)) &&
               good;
    }

    // [channels, height, width] of a learned operand.
    bool read_operand() {
        const YamlNode* value = place("operand");
        spec().learned = value != nullptr;
        Shape& shape = spec().operand;
        return value == nullptr ||
               read_numbers(*value, "operand", 1, "[channels, height, width]", {&shape.c, &shape.h, &shape.w});
    }

    // `axis`: one name; `axes`: a name or a list.
    bool read_axes() {
        const YamlNode* value = node_.find("axes") != nullptr ? place("axes") : place("axis");
        if (value == nullptr) {
            return true;
        }
        const bool list = value->kind == YamlNode::Kind::sequence && node_.find("axes") != nullptr;
        const std::string field = node_.find("axes") != nullptr ? "axes" : "axis";
        bool good = !list || !value->items.empty();
        if (!good) {
            problems_.add(value->where, key(field), "expected channels, height or width, got an empty list");
        }
        for (std::size_t i = 0; i < (list ? value->items.size() : 1); ++i) {
            std::string name;
            const std::string where = list ? key(field) + "[" + std::to_string(i) + "]" : key(field);
            good =
                read_choice(list ? value->items[i] : *value, where, {"channels", "height", "width"}, name, problems_) &&
                good;
            spec().axes.push_back(name == "width" ? Dim::width : name == "height" ? Dim::height : Dim::channels);
        }
        return good;
    }

    bool read_count(const std::string& field, std::uint64_t& count) {
        const YamlNode* value = place(field);
        return value == nullptr || read_unsigned(*value, key(field), 1, kMaxDimension, count, problems_);
    }

    bool read_flag(const std::string& field, bool& flag) {
        const YamlNode* value = node_.find(field);
        return value == nullptr || read_bool(*value, key(field), flag, problems_);
    }

    // A number for both directions, or [height, width].
    bool read_pair(const std::string& field, std::uint64_t& h, std::uint64_t& w) {
        const YamlNode* value = place(field);
        return value == nullptr || read_numbers(*value, field, 1, "[height, width]", {&h, &w});
    }

    bool read_output_pad() {
        const YamlNode* value = place("output_pad");
        return value == nullptr ||
               read_numbers(*value, "output_pad", 0, "[height, width]", {&spec().output_pad_h, &spec().output_pad_w});
    }

    // As a pair, or [top, left, bottom, right].
    bool read_pad(Window& window) {
        const YamlNode* value = place("pad");
        if (value == nullptr) {
            return true;
        }
        const std::string forms = "[height, width] or [top, left, bottom, right]";
        if (value->kind == YamlNode::Kind::sequence && value->items.size() == 4) {
            return read_numbers(*value, "pad", 0, forms,
                                {&window.pad_top, &window.pad_left, &window.pad_bottom, &window.pad_right});
        }
        const bool good = read_numbers(*value, "pad", 0, forms, {&window.pad_top, &window.pad_left});
        window.pad_bottom = window.pad_top;
        window.pad_right = window.pad_left;
        return good;
    }

    bool read_numbers(const YamlNode& value, const std::string& field, std::uint64_t least, const std::string& forms,
                      const std::vector<std::uint64_t*>& numbers) {
        const bool list = value.kind == YamlNode::Kind::sequence;
        if (value.kind == YamlNode::Kind::scalar) {
            const bool good = read_unsigned(value, key(field), least, kMaxDimension, *numbers[0], problems_);
            for (std::uint64_t* number : numbers) {
                *number = *numbers[0];
            }
            return good;
        }
        if (!list || value.items.size() != numbers.size()) {
            const std::string got = list ? "a list of " + std::to_string(value.items.size()) : value.described();
            problems_.add(value.where, key(field), "expected a number or " + forms + ", got " + got);
            return false;
        }
        bool good = true;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const std::string position = key(field) + "[" + std::to_string(i) + "]";
            good = read_unsigned(value.items[i], position, least, kMaxDimension, *numbers[i], problems_) && good;
        }
        return good;
    }

    // The value of a field, noted as the place where a shape rule may find it wrong.
    const YamlNode* place(const std::string& field) {
        const YamlNode* value = node_.find(field);
        if (value != nullptr) {
            result_.places.add(field, field, value->where);
        }
        return value;
    }

    std::string key(const std::string& field) const { return path_ + "." + field; }
    OperatorSpec& spec() { return result_.spec; }

    const YamlNode& node_;
    std::string path_; // the name once it is known
    Problems& problems_;
    YamlOperator result_;
};

} // namespace

YamlOperator read_yaml_operator(const YamlNode& node, const std::string& position, const std::string& previous,
                                Problems& problems) {
    return OperatorReader(node, position, problems).read(previous);
}

} // namespace systolica
