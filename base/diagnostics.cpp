// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/diagnostics.h"

#include <algorithm>

namespace systolica {

namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// A message must stay one line, whatever bytes the input held.
std::string printable(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return out;
}

} // namespace

std::string Location::text() const {
    std::string out = file.empty() ? std::string("input") : file;
    if (line > 0) {
        out += ":" + std::to_string(line);
        if (column > 0) {
            out += ":" + std::to_string(column);
        }
    }
    return out;
}

std::string Problem::text() const {
    return printable(where.text() + ": " + (key.empty() ? "" : key + ": ") + message);
}

void Problems::add(Location where, std::string key, std::string message) {
    list_.push_back({std::move(where), std::move(key), std::move(message)});
}

std::string Problems::text() const {
    std::string out;
    for (const Problem& problem : list_) {
        out += (out.empty() ? "" : "\n") + problem.text();
    }
    return out;
}

InputError::InputError(Problems problems) : std::runtime_error(problems.text()), problems_(std::move(problems)) {}

InputError::InputError(Location where, std::string key, std::string message)
    : InputError([&] {
          Problems one;
          one.add(std::move(where), std::move(key), std::move(message));
          return one;
      }()) {}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& candidates) {
    const std::string near = nearest_name(name, candidates);
    return near.empty() ? "" : " (did you mean '" + near + "'?)";
}

} // namespace systolica
