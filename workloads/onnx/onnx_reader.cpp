// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/onnx_reader.h"

#include <filesystem>

#include "workloads/onnx/folding.h"
#include "workloads/onnx/gelu_pattern.h"
#include "workloads/onnx/handlers.h"
#include "workloads/onnx/layout.h"
#include "workloads/onnx/model_file.h"
#include "workloads/onnx/wiring.h"
#include "workloads/shape_rules.h"

namespace systolica {

namespace {

constexpr std::int64_t kNewestOperatorSet = 25; // later ones may change what a node means
constexpr const char* kImage = "input";         // of native YAML

bool is_standard(const std::string& domain) {
    return domain.empty() || domain == "ai.onnx";
}

class OnnxReader {
public:
    OnnxReader(const std::string& path, std::uint64_t batch)
        : file_(read_onnx_model(path)),
          graph_(file_.model.graph()),
          import_(path, std::filesystem::path(path).stem().string(), batch) {}

    Graph read() {
        read_operator_set();
        join_gelu(*file_.model.mutable_graph());
        const OnnxWiring wiring(graph_, import_.file, problems());
        stop_at_problems(); // what is wired wrong has no meaning node by node
        refuse_unsupported(wiring);
        read_initialisers();
        read_inputs(wiring);
        stop_at_problems();
        reserve_names(wiring);
        for (int i = 0; i < graph_.node_size(); ++i) {
            if (wiring.live(i)) {
                read_node(graph_.node(i), layer_names_[static_cast<std::size_t>(i)]);
            }
        }
        check_outputs();
        stop_at_problems();
        Graph graph = import_.builder.finish();
        if (graph.operators.empty()) {
            throw InputError({import_.file, 0, 0}, "", "expected nodes that become layers, got none");
        }
        return graph;
    }

private:
    Problems& problems() { return import_.builder.problems(); }

    void add(const std::string& key, const std::string& message) { problems().add({import_.file, 0, 0}, key, message); }

    void stop_at_problems() {
        if (!problems().empty()) {
            throw InputError(problems());
        }
    }

    void read_operator_set() {
        for (const onnx::OperatorSetIdProto& set : file_.model.opset_import()) {
            import_.opset = is_standard(set.domain()) ? set.version() : import_.opset;
        }
        if (file_.model.opset_import_size() == 0 && file_.model.ir_version() < 3) {
            import_.opset = 1; // before files said which
        }
        if (import_.opset < 1 || import_.opset > kNewestOperatorSet) {
            add("opset_import", "expected an operator set of ONNX from 1 to " + std::to_string(kNewestOperatorSet) +
                                    ", got " + (import_.opset == 0 ? "none" : std::to_string(import_.opset)));
        }
        if (graph_.node_size() == 0) {
            add("", "expected a graph with nodes, got none");
        }
        stop_at_problems();
    }

    // One line a type, however many nodes there are.
    void refuse_unsupported(const OnnxWiring& wiring) {
        std::map<std::string, int> first;
        std::map<std::string, std::size_t> times;
        std::vector<std::string> order;
        for (int i = 0; i < graph_.node_size(); ++i) {
            const onnx::NodeProto& node = graph_.node(i);
            const bool standard = is_standard(node.domain());
            if (!wiring.live(i) || (standard && handler_of(node.op_type()) != nullptr)) {
                continue;
            }
            const std::string type = standard ? node.op_type() : node.domain() + "." + node.op_type();
            if (times[type]++ == 0) {
                first[type] = i;
                order.push_back(type);
            }
        }
        for (const std::string& type : order) {
            const std::string more = times[type] == 1 ? "" : ", as in " + std::to_string(times[type] - 1) + " more";
            add(wiring.node_name(first[type]),
                "expected a supported operator (" + supported_operators() + "), got '" + type + "'" + more);
        }
    }

    void read_initialisers() {
        for (const onnx::TensorProto& tensor : graph_.initializer()) {
            const auto left_out = file_.left_out.find(tensor.name());
            std::string wrong;
            import_.values[tensor.name()] =
                constant_of(tensor, left_out == file_.left_out.end() ? 0 : left_out->second, wrong);
            if (!wrong.empty()) {
                add(tensor.name(), wrong);
            }
        }
    }

    // Those that are no initialisers and that some layer reads.
    void read_inputs(const OnnxWiring& wiring) {
        std::vector<const onnx::ValueInfoProto*> images;
        for (const onnx::ValueInfoProto& input : graph_.input()) {
            if (import_.values.count(input.name()) == 0) {
                if (wiring.read(input.name())) {
                    images.push_back(&input);
                } else {
                    import_.values[input.name()] = weights_of({}); // labels
                }
            }
        }
        if (images.empty()) {
            add("input", "expected an input that is no initializer and that a node reads, got none");
        }
        for (const onnx::ValueInfoProto* input : images) {
            const std::string name = import_.unique_name(images.size() == 1 ? kImage : input->name());
            import_.values[input->name()] = read_input(*input, name);
        }
    }

    OnnxValue read_input(const onnx::ValueInfoProto& input, const std::string& name) {
        OnnxValue value;
        if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
            add(input.name(), "expected a tensor with a shape, got none");
            return value;
        }
        const onnx::TensorShapeProto& shape = input.type().tensor_type().shape();
        if (shape.dim_size() == 0) {
            add(input.name(), "expected a batch dimension, got a number without dimensions");
            return value;
        }
        value.dims.push_back(1);
        for (int i = 1; i < shape.dim_size(); ++i) {
            const std::int64_t size = shape.dim(i).dim_value();
            if (!shape.dim(i).has_dim_value() || size < 1 || static_cast<std::uint64_t>(size) > kMaxDimension) {
                add(input.name(),
                    "expected a number from 1 to " + std::to_string(kMaxDimension) + " as dimension " +
                        std::to_string(i) + " (only the first, the batch, may be open), got " +
                        (shape.dim(i).has_dim_value() ? std::to_string(size) : "'" + shape.dim(i).dim_param() + "'"));
                return value;
            }
            value.dims.push_back(static_cast<std::uint64_t>(size));
        }
        const std::int64_t batch = shape.dim(0).dim_value(); // 0 and -1 mean open as well
        const auto fixed = static_cast<std::uint64_t>(batch > 0 ? batch : 0);
        if (fixed != 0 && import_.fixed_batch != 0 && fixed != import_.fixed_batch) {
            add(input.name(), "expected the batch of the other inputs, " + std::to_string(import_.fixed_batch) +
                                  ", as the first dimension, got " + std::to_string(fixed));
            return value;
        }
        import_.fixed_batch = fixed != 0 ? fixed : import_.fixed_batch;
        place_input(input.name(), name, value);
        return value;
    }

    // More than three dimensions beside the batch lie in ours as one.
    void place_input(const std::string& onnx_name, const std::string& name, OnnxValue& value) {
        const std::optional<std::uint64_t> count = product(value.dims, 0, value.dims.size());
        if (!count) {
            add(onnx_name, "expected a tensor of at most 2^48 elements, got " + dims_text(value.dims));
            return;
        }
        if (!canonical_shape(value.dims, value.shape)) {
            value.shape = {1, *count, 1, 1};
        }
        const std::size_t before = problems().list().size();
        import_.builder.add_input(name, value.shape, Places({import_.file, 0, 0}));
        if (problems().list().size() == before) {
            value.kind = OnnxValue::Kind::result;
            value.tensor = name;
        }
    }

    // Before any layer is made, so that none takes the name of a later node.
    void reserve_names(const OnnxWiring& wiring) {
        for (int i = 0; i < graph_.node_size(); ++i) {
            layer_names_.push_back(wiring.live(i) ? import_.unique_name(wiring.node_name(i)) : "");
        }
    }

    void read_node(const onnx::NodeProto& proto, const std::string& layer) {
        OnnxNode node(import_, proto, layer);
        try {
            if (!fold_constant(node)) {
                handler_of(proto.op_type())(node);
            }
            node.finish();
        } catch (const NodeProblem& problem) {
            if (!problem.message.empty()) {
                add(problem.field.empty() ? layer : layer + "." + problem.field, problem.message);
            }
            node.fail();
        }
    }

    // What the file says about its outputs must be what comes out.
    void check_outputs() {
        for (const onnx::ValueInfoProto& output : graph_.output()) {
            const OnnxValue& value = import_.values.at(output.name());
            const onnx::TensorShapeProto& shape = output.type().tensor_type().shape();
            if (value.kind != OnnxValue::Kind::result || shape.dim_size() != static_cast<int>(value.dims.size())) {
                continue;
            }
            for (int i = 1; i < shape.dim_size(); ++i) {
                const std::uint64_t ours = value.dims[static_cast<std::size_t>(i)];
                const std::int64_t said = shape.dim(i).dim_value();
                if (said > 0 && static_cast<std::uint64_t>(said) != ours) {
                    add(output.name(), "expected " + std::to_string(said) + " as dimension " + std::to_string(i) +
                                           " of the output, as the file says, got " + dims_text(value));
                    break;
                }
            }
        }
    }

    OnnxModelFile file_;
    const onnx::GraphProto& graph_;
    OnnxImport import_;
    std::vector<std::string> layer_names_;
};

} // namespace

Graph read_onnx(const std::string& path, std::uint64_t batch) {
    return OnnxReader(path, batch).read();
}

} // namespace systolica
