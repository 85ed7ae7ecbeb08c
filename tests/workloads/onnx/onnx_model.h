// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Small ONNX models for tests, built with the library's own classes.
#pragma once

#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "workloads/onnx/onnx_messages.h"

namespace systolica {

using IntList = std::vector<std::int64_t>;

class OnnxModel {
public:
    explicit OnnxModel(std::int64_t opset = 13) {
        model.set_ir_version(7);
        model.add_opset_import()->set_version(opset);
        graph().set_name("test");
    }

    onnx::GraphProto& graph() { return *model.mutable_graph(); }

    // A dimension of 0 is left open.
    OnnxModel& input(const std::string& name, const IntList& dims) {
        describe(*graph().add_input(), name, dims);
        return *this;
    }
    OnnxModel& output(const std::string& name, const IntList& dims = {}) {
        describe(*graph().add_output(), name, dims);
        return *this;
    }

    onnx::NodeProto& node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output,
                          const std::string& name = "") {
        onnx::NodeProto& node = *graph().add_node();
        node.set_op_type(type);
        node.set_name(name.empty() ? output : name);
        for (const std::string& tensor : inputs) {
            node.add_input(tensor);
        }
        node.add_output(output);
        return node;
    }

    enum class Data { zeros, external };

    onnx::TensorProto& weights(const std::string& name, const IntList& dims, Data data = Data::zeros) {
        onnx::TensorProto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::FLOAT);
        std::size_t bytes = sizeof(float);
        for (const std::int64_t dim : dims) {
            tensor.add_dims(dim);
            bytes *= static_cast<std::size_t>(dim);
        }
        if (data == Data::zeros) {
            tensor.set_raw_data(std::string(bytes, '\0'));
        } else {
            tensor.set_data_location(onnx::TensorProto::EXTERNAL);
        }
        return tensor;
    }
    void integers(const std::string& name, const IntList& values, bool scalar = false) {
        onnx::TensorProto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::INT64);
        if (!scalar) {
            tensor.add_dims(static_cast<std::int64_t>(values.size()));
        }
        for (const std::int64_t value : values) {
            tensor.add_int64_data(value);
        }
    }
    void number(const std::string& name, float value) {
        onnx::TensorProto& tensor = *graph().add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(onnx::TensorProto::FLOAT);
        tensor.add_float_data(value);
    }

    void write(const std::string& path) const {
        std::ofstream file(path, std::ios::binary);
        model.SerializeToOstream(&file);
    }

    onnx::ModelProto model;

private:
    static void describe(onnx::ValueInfoProto& info, const std::string& name, const IntList& dims) {
        info.set_name(name);
        auto* type = info.mutable_type()->mutable_tensor_type();
        type->set_elem_type(onnx::TensorProto::FLOAT);
        for (const std::int64_t dim : dims) {
            auto* shape_dim = type->mutable_shape()->add_dim();
            if (dim == 0) {
                shape_dim->set_dim_param("batch");
            } else {
                shape_dim->set_dim_value(dim);
            }
        }
    }
};

inline void set(onnx::NodeProto& node, const std::string& name, const IntList& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) {
        attribute.add_ints(value);
    }
}

inline void set(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
}

inline void set(onnx::NodeProto& node, const std::string& name, float value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
}

inline void set(onnx::NodeProto& node, const std::string& name, const std::vector<float>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) {
        attribute.add_floats(value);
    }
}

inline void set(onnx::NodeProto& node, const std::string& name, const char* text) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(text);
}

} // namespace systolica
