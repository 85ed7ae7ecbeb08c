// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/yaml_operator.h"

namespace systolica {

namespace {

// A word of `op:`, the keys it knows beyond name, op and inputs, and those it needs.
struct OpWord {
    const char* word;
    OpKind kind;
    std::vector<std::string> keys;
    std::vector<std::string> required;
};

const std::vector<OpWord>& op_words() {
    static const std::vector<OpWord> words{
        {"conv",
         OpKind::conv,
         {"out_channels", "kernel", "stride", "pad", "dilation", "groups", "bias"},
         {"out_channels", "kernel"}},
        {"dwconv", OpKind::conv, {"out_channels", "kernel", "stride", "pad", "dilation", "bias"}, {"kernel"}},
        {"fc", OpKind::fully_connected, {"out_channels", "bias"}, {"out_channels"}},
        {"bn", OpKind::batch_norm, {}, {}},
        {"relu", OpKind::relu, {}, {}},
        {"relu6", OpKind::relu6, {}, {}},
        {"add", OpKind::add, {}, {"inputs"}},
        {"maxpool", OpKind::max_pool, {"kernel", "stride", "pad", "dilation", "ceil_mode"}, {"kernel"}},
        {"avgpool", OpKind::avg_pool, {"kernel", "stride", "pad", "ceil_mode", "count_include_pad"}, {"kernel"}},
        {"gap", OpKind::global_avg_pool, {}, {}},
        {"concat", OpKind::concat, {}, {"inputs"}},
        {"flatten", OpKind::flatten, {}, {}},
        {"softmax", OpKind::softmax, {}, {}},
        {"dropout", OpKind::dropout, {}, {}},
        {"softmax_ce", OpKind::softmax_cross_entropy, {}, {}},
    };
    return words;
}

const OpWord& op_word(const std::string& word) {
    std::size_t which = 0;
    while (word != op_words()[which].word) { // read_choice has accepted it
        ++which;
    }
    return op_words()[which];
}

std::vector<std::string> words() {
    std::vector<std::string> all;
    for (const OpWord& op : op_words()) {
        all.emplace_back(op.word);
    }
    return all;
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
        const OpWord& op = op_word(word);
        spec().kind = op.kind;
        spec().depthwise = word == "dwconv";
        bool good = known_keys(op) && named;
        for (const std::string& required : op.required) {
            good = require(required) && good;
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

    bool known_keys(const OpWord& op) {
        std::vector<std::string> known{"name", "op", "inputs"};
        known.insert(known.end(), op.keys.begin(), op.keys.end());
        const std::size_t before = problems_.list().size();
        refuse_unknown_keys(node_, path_, known, problems_);
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
        if (spec().kind == OpKind::max_pool || spec().kind == OpKind::avg_pool) { // as frameworks do
            window.stride_h = window.kernel_h;
            window.stride_w = window.kernel_w;
        }
        good = read_pair("stride", window.stride_h, window.stride_w) && good;
        good = read_pair("dilation", window.dilation_h, window.dilation_w) && good;
        good = read_pad(window) && good;
        good = read_flag("bias", spec().bias) && good;
        good = read_flag("ceil_mode", spec().ceil_mode) && good;
        return read_flag("count_include_pad", spec().count_include_pad) && good;
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
