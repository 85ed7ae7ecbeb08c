// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "interpreter.h"
#include "random_networks.h"
#include "workloads/graph_builder.h"
#include "workloads/reader.h"
#include "workloads/training/memory.h"

namespace systolica {
namespace {

constexpr std::uint64_t kNetworks = 300;
constexpr unsigned kBits = Interpreter::kBits;

TrainingOptions varied(std::uint64_t seed) {
    TrainingOptions options;
    options.micro_batch = seed % 3 == 0 ? 2 : 4;
    options.recompute = seed % 2 == 0 ? Recompute::sqrt : Recompute::none;
    options.input_gradient_of_first_layer = seed % 5 == 0;
    return options;
}

TEST(TrainingLifetimes, EveryTensorLivesFromItsFirstTouchToItsLast) {
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const TrainingGraph graph = training_graph(random_network(seed, 4), varied(seed));
        Interpreter interpreter(graph);
        interpreter.run(); // with checks of its own
        for (int t = 0; t < static_cast<int>(graph.tensors.size()); ++t) {
            const TrainingTensor& tensor = graph.tensors[static_cast<std::size_t>(t)];
            const std::set<int>& touches = interpreter.touches(t);
            EXPECT_EQ(tensor.first_use, touches.empty() ? -1 : *touches.begin()) << seed << " " << tensor.name;
            EXPECT_EQ(tensor.last_use, touches.empty() ? -1 : *touches.rbegin()) << seed << " " << tensor.name;
        }
        EXPECT_EQ(activation_memory(graph, kBits).peak_bytes, interpreter.peak()) << seed;
    }
}

TEST(TrainingLifetimes, KeptIsWhatTheForwardPassLeavesForTheWayBack) {
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const TrainingGraph graph = training_graph(random_network(seed, 4), varied(seed));
        std::vector<bool> read_back(graph.tensors.size(), false);
        for (const TrainingOperation& operation : graph.operations) {
            for (const int input : operation.inputs) {
                for (const int holder : graph.tensors[static_cast<std::size_t>(input)].storage) {
                    const bool back = operation.pass != Pass::forward || operation.recomputation;
                    read_back[static_cast<std::size_t>(holder)] =
                        read_back[static_cast<std::size_t>(holder)] || (back && !operation.view);
                }
            }
        }
        std::uint64_t bytes = 0;
        for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
            const TrainingTensor& tensor = graph.tensors[t];
            const bool of_layers = tensor.role == TensorRole::activation || tensor.role == TensorRole::statistics ||
                                   tensor.role == TensorRole::label;
            const bool again =
                tensor.producer >= 0 && graph.operations[static_cast<std::size_t>(tensor.producer)].recomputation;
            EXPECT_EQ(tensor.kept, of_layers && !again && read_back[t]) << seed << " " << tensor.name;
            bytes += tensor.kept ? activation_bytes(tensor, kBits) : 0;
        }
        EXPECT_EQ(activation_memory(graph, kBits).kept_bytes * (4 / graph.micro_batch), bytes) << seed;
    }
}

// Any order that keeps the needs gives every operation the same arguments.
TEST(TrainingLifetimes, NeedsAreEnoughToReorderOperations) {
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const TrainingGraph graph = training_graph(random_network(seed, 4), varied(seed));
        Interpreter in_order(graph);
        for (int i = 0; i < static_cast<int>(graph.operations.size()); ++i) {
            in_order.execute(i);
        }
        std::mt19937_64 random(seed);
        std::vector<int> waiting(graph.operations.size(), 0);
        std::vector<std::vector<int>> then(graph.operations.size());
        std::vector<int> ready;
        for (std::size_t i = 0; i < graph.operations.size(); ++i) {
            waiting[i] = static_cast<int>(graph.operations[i].needs.size());
            for (const int need : graph.operations[i].needs) {
                ASSERT_LT(need, static_cast<int>(i));
                then[static_cast<std::size_t>(need)].push_back(static_cast<int>(i));
            }
            if (waiting[i] == 0) {
                ready.push_back(static_cast<int>(i));
            }
        }
        Interpreter mixed(graph);
        std::size_t done = 0;
        while (!ready.empty()) {
            const std::size_t which = random() % ready.size();
            const int index = ready[which];
            ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(which));
            mixed.execute(index);
            ++done;
            for (const int next : then[static_cast<std::size_t>(index)]) {
                if (--waiting[static_cast<std::size_t>(next)] == 0) {
                    ready.push_back(next);
                }
            }
        }
        EXPECT_EQ(done, graph.operations.size());
        EXPECT_EQ(mixed.arguments(), in_order.arguments()) << seed;
    }
}

std::string without_again(std::string name) {
    const std::size_t at = name.find(".again");
    return at == std::string::npos ? name : name.erase(at, 6);
}

TEST(TrainingLifetimes, RecomputationGivesTheBackwardPassTheSameValues) {
    std::uint64_t recomputed = 0;
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
        const Graph network = random_network(seed, 4);
        TrainingOptions options;
        const TrainingGraph kept = training_graph(network, options);
        options.recompute = seed % 2 == 0 ? Recompute::sqrt : Recompute::list;
        for (std::size_t i = 0; i < network.operators.size(); ++i) {
            if (!is_loss(network, static_cast<int>(i)) && (seed / 2 + 7 * i) % 3 > 0) {
                options.recomputed.push_back(network.operators[i].name);
            }
        }
        const TrainingGraph again = training_graph(network, options);
        Interpreter of_kept(kept);
        Interpreter of_again(again);
        of_kept.run();
        of_again.run();
        std::uint64_t more = 0;
        std::set<std::string> once;
        for (const TrainingOperation& operation : again.operations) {
            if (!operation.view) {
                EXPECT_EQ(of_again.arguments().at(operation.name),
                          of_kept.arguments().at(without_again(operation.name)))
                    << seed << " " << operation.name;
            }
            if (operation.recomputation) {
                ++recomputed;
                EXPECT_TRUE(once.insert(operation.name).second) << seed << " " << operation.name;
                EXPECT_EQ(operation.pass, Pass::forward);
                more += again.counts(operation).macs;
            }
        }
        EXPECT_EQ(again.operations.size(), kept.operations.size() + once.size());
        std::uint64_t macs_kept = 0;
        std::uint64_t macs_again = 0;
        for (const TrainingOperation& operation : kept.operations) {
            macs_kept += kept.counts(operation).macs;
        }
        for (const TrainingOperation& operation : again.operations) {
            macs_again += again.counts(operation).macs;
        }
        EXPECT_EQ(macs_again, macs_kept + more) << seed;
    }
    EXPECT_GT(recomputed, kNetworks);
}

class TrainingMemoryOf : public testing::TestWithParam<const char*> {};

TEST_P(TrainingMemoryOf, RecomputationLowersWhatIsKeptAndThePeak) {
    const Graph network = read_workload(GetParam(), 8);
    TrainingOptions options;
    const TrainingMemory kept = activation_memory(training_graph(network, options), kBits);
    options.recompute = Recompute::sqrt;
    const TrainingMemory again = activation_memory(training_graph(network, options), kBits);
    EXPECT_LT(again.kept_bytes, kept.kept_bytes / 2);
    EXPECT_LT(again.peak_bytes, kept.peak_bytes);
}

TEST_P(TrainingMemoryOf, MicroBatchesKeepTheMacsAndLowerThePeak) {
    const Graph network = read_workload(GetParam(), 8);
    TrainingOptions options;
    const TrainingGraph whole = training_graph(network, options);
    options.micro_batch = 2;
    const TrainingGraph parts = training_graph(network, options);
    const auto sum = [](const TrainingGraph& graph, std::uint64_t OperationCounts::*which, const std::string& without) {
        std::uint64_t total = 0;
        for (const TrainingOperation& operation : graph.operations) {
            total += operation.op == without ? 0 : graph.counts(operation).*which;
        }
        return total;
    };
    EXPECT_EQ(sum(parts, &OperationCounts::macs, ""), sum(whole, &OperationCounts::macs, ""));
    // Three times a gradient of every parameter is added to the one before.
    EXPECT_EQ(sum(parts, &OperationCounts::elementwise, "") -
                  sum(parts, &OperationCounts::elementwise, "grad_accumulate"),
              3 * parameter_count(network));
    EXPECT_EQ(activation_memory(parts, kBits).kept_bytes < activation_memory(whole, kBits).kept_bytes, true);
    EXPECT_LT(activation_memory(parts, kBits).peak_bytes, activation_memory(whole, kBits).peak_bytes / 3);
}

INSTANTIATE_TEST_SUITE_P(All, TrainingMemoryOf,
                         testing::Values("resnet18", "resnet50", "vgg16", "mobilenetv1", "mobilenetv2"),
                         [](const auto& network) { return std::string(network.param); });

// conv (x) -> relu (y) -> fc: of 2 images of 1 x 2 x 2, with 16 bits an element. Kept: image 8, y 8, probabilities 3
// classes each position 2 x 3 x 4, labels of 32 bits 2 x 4; x is not read again.
TEST(TrainingLifetimes, KeptBytesOfASmallNetworkByHand) {
    OperatorSpec conv;
    conv.name = "x";
    conv.kind = OpKind::conv;
    conv.inputs = {"input"};
    conv.out_channels = 1;
    OperatorSpec relu;
    relu.name = "y";
    relu.kind = OpKind::relu;
    relu.inputs = {"x"};
    OperatorSpec fc;
    fc.name = "z";
    fc.kind = OpKind::fully_connected;
    fc.inputs = {"y"};
    fc.out_channels = 3;
    GraphBuilder builder("n", 2);
    builder.add_input("input", {1, 1, 2, 2}, Places());
    for (const OperatorSpec& spec : {conv, relu, fc}) {
        ASSERT_TRUE(builder.add(spec, Places()));
    }
    const TrainingGraph graph = training_graph(builder.finish(), {});
    const std::uint64_t positions = 2 * 4;
    EXPECT_EQ(activation_memory(graph, kBits).kept_bytes,
              positions * 2 + positions * 2 + positions * 3 * 2 + positions * 4);
}

TEST(TrainingLifetimes, RecomputedLayersAreNamed) {
    TrainingOptions options;
    options.recompute = Recompute::list;
    options.recomputed = {"conv2", "softmax_ce"};
    try {
        training_graph(read_workload("lenet", 1), options);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(),
                     "--recompute: expected names of layers before the loss, got 'conv2' (did you mean "
                     "'conv1'?)\n--recompute: expected names of layers before the loss, got 'softmax_ce'");
    }
}

TEST(TrainingLifetimes, MicroBatchesDivideTheBatch) {
    TrainingOptions options;
    options.micro_batch = 5;
    try {
        training_graph(read_workload("lenet", 8), options);
        FAIL() << "accepted";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(), "--microbatch: expected a divisor of the batch 8, got '5'");
    }
}

} // namespace
} // namespace systolica
