// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/reader.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "base/data_files.h"
#include "base/strict_yaml.h"
#include "workloads/onnx/onnx_reader.h"
#include "workloads/shape_rules.h"
#include "workloads/topology_reader.h"
#include "workloads/yaml_reader.h"

namespace systolica {

Graph read_workload(const std::string& name_or_path, std::uint64_t batch) {
    if (batch == 0 || batch > kMaxDimension) {
        throw InputError({"--batch", 0, 0}, "",
                         "expected a whole number from 1 to " + std::to_string(kMaxDimension) + ", got '" +
                             std::to_string(batch) + "'");
    }
    const std::filesystem::path path = resolve_file(name_or_path, "workloads", "workload");
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (extension == ".onnx") {
        return read_onnx(path.string(), batch);
    }
    const std::string text = read_text_file(path.string());
    if (extension == ".yaml" || extension == ".yml") {
        return read_yaml_workload(text, path.string(), batch);
    }
    if (extension == ".csv") {
        return read_topology(text, path.string(), path.stem().string(), batch);
    }
    throw InputError(
        {path.string(), 0, 0}, "",
        "expected native YAML (.yaml), a SCALE-Sim topology (.csv) or an ONNX model (.onnx), got the extension '" +
            extension + "'");
}

} // namespace systolica
