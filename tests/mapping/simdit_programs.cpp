// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "simdit_programs.h"

#include <gtest/gtest.h>

#include "base/strict_yaml.h"
#include "workloads/reader.h"
#include "workloads/yaml_reader.h"

namespace systolica {

SimditProgram simdit_inference(const SimditConfig& config, const std::string& net, std::uint64_t batch) {
    return simdit_inference_program(config, read_workload(net, batch), true);
}

SimditProgram simdit_training(const SimditConfig& config, const Graph& network, bool gradient_of_image) {
    TrainingOptions options;
    options.optimizer = Optimizer::sgd;
    options.input_gradient_of_first_layer = gradient_of_image;
    options.loss = false;
    options.backward_lowering = BackwardLowering::dilated;
    return simdit_training_program(config, network, options);
}

std::string simdit_pass(const SimditTask& task, const std::string& pass) {
    if (!std::holds_alternative<SimditProduct>(task.work)) {
        return "";
    }
    return pass == "backward_data" ? "dX" : pass == "backward_weight" ? "dW" : pass;
}

Graph simdit_network(const std::string& net, std::uint64_t batch) {
    std::string text = read_text_file(std::string(SYSTOLICA_SOURCE_DIR) + "/workloads/" + net + ".yaml");
    const auto replace = [&text](const std::string& what, const std::string& with) {
        std::size_t times = 0;
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
            text.replace(at, what.size(), with);
            ++times;
        }
        EXPECT_GT(times, 0u) << what;
    };
    if (net == "vgg16") {
        replace("pad: 1, bias: true", "pad: 1");
    } else {
        replace("height: 224, width: 224", "height: 229, width: 229");
        replace("kernel: 7, stride: 2, pad: 3", "kernel: 7, stride: 2");
    }
    return read_yaml_workload(text, net, batch);
}

} // namespace systolica
