// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Where bundled files (platforms/*.yaml, workloads/*.yaml, platforms/parts/*.yaml) are found.
#pragma once

#include <string>
#include <vector>

namespace systolica {

// Root of the bundled data: $SYSTOLICA_DATA, share/systolica beside an installed binary, or the source tree.
std::string data_root();

// File names without `.yaml` in a folder below data_root(), sorted.
std::vector<std::string> bundled_names(const std::string& folder);

// Path of a user's file or bundled name: an existing path wins; then data_root()/folder/name.yaml. Throws InputError
// that names the nearest bundled name when there is neither.
std::string resolve_file(const std::string& name_or_path, const std::string& folder, const std::string& what);

} // namespace systolica
