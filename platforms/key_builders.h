// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// How rows of the key table are made. A row reaches its field of Platform through one accessor, so that what it stores
// and what it shows cannot be different fields.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "platforms/key.h"

namespace systolica::keys {

inline Key row(std::string path, KeyType type, std::string description) {
    Key key;
    key.path = std::move(path);
    key.type = type;
    key.description = std::move(description);
    return key;
}

// `scale` is what one unit of the key is in the field, e.g. 1024 for KiB kept as bytes.
template <class Field>
Key whole(std::string path, std::string unit, double least, double most, std::string description, Field field,
          std::uint64_t scale = 1) {
    Key key = row(std::move(path), KeyType::whole, std::move(description));
    key.unit = std::move(unit);
    key.least = least;
    key.most = most;
    key.store = [field, scale](Platform& platform, const KeyValue& value) {
        auto& target = field(platform);
        target = static_cast<std::remove_reference_t<decltype(target)>>(std::get<std::uint64_t>(value) * scale);
    };
    key.load = [field, scale](const Platform& platform) -> KeyValue {
        return static_cast<std::uint64_t>(field(platform)) / scale;
    };
    return key;
}

// A whole number, or a word that stands for the 0 of the field.
template <class Field>
Key whole_or_word(std::string path, std::string unit, const std::string& word, double least, double most,
                  std::string description, Field field) {
    Key key = whole(std::move(path), std::move(unit), least, most, std::move(description), field);
    key.word = word;
    key.store = [field](Platform& platform, const KeyValue& value) {
        auto& target = field(platform);
        const std::uint64_t* number = std::get_if<std::uint64_t>(&value);
        target = static_cast<std::remove_reference_t<decltype(target)>>(number == nullptr ? 0 : *number);
    };
    key.load = [field, word](const Platform& platform) -> KeyValue {
        const std::uint64_t kept = field(platform);
        return kept == 0 ? KeyValue(word) : KeyValue(kept);
    };
    return key;
}

template <class Field>
Key power_of_two(std::string path, std::string unit, double least, double most, std::string description, Field field) {
    Key key = whole(std::move(path), std::move(unit), least, most, std::move(description), field);
    key.power_of_two = true;
    return key;
}

template <class Field>
Key number(std::string path, std::string unit, double least, double most, std::string description, Field field,
           double scale = 1) {
    Key key = row(std::move(path), KeyType::number, std::move(description));
    key.unit = std::move(unit);
    key.least = least;
    key.most = most;
    key.store = [field, scale](Platform& platform, const KeyValue& value) {
        field(platform) = std::get<double>(value) * scale;
    };
    key.load = [field, scale](const Platform& platform) -> KeyValue { return field(platform) / scale; };
    return key;
}

template <class Field>
Key boolean(std::string path, std::string description, Field field) {
    Key key = row(std::move(path), KeyType::boolean, std::move(description));
    key.store = [field](Platform& platform, const KeyValue& value) { field(platform) = std::get<bool>(value); };
    key.load = [field](const Platform& platform) -> KeyValue { return bool{field(platform)}; };
    return key;
}

template <class Field>
Key text(std::string path, double longest, std::string description, Field field) {
    Key key = row(std::move(path), KeyType::text, std::move(description));
    key.least = 1;
    key.most = longest;
    key.store = [field](Platform& platform, const KeyValue& value) { field(platform) = std::get<std::string>(value); };
    key.load = [field](const Platform& platform) -> KeyValue { return std::string{field(platform)}; };
    return key;
}

template <class Enum, class Field>
Key choice(std::string path, std::vector<std::pair<std::string, Enum>> names, std::string description, Field field) {
    Key key = row(std::move(path), KeyType::choice, std::move(description));
    for (const auto& [name, value] : names) {
        key.choices.push_back(name);
    }
    key.store = [field, names](Platform& platform, const KeyValue& value) {
        for (const auto& [name, meaning] : names) {
            if (name == std::get<std::string>(value)) {
                field(platform) = meaning;
            }
        }
    };
    key.load = [field, names](const Platform& platform) -> KeyValue {
        for (const auto& [name, meaning] : names) {
            if (meaning == field(platform)) {
                return name;
            }
        }
        return std::string();
    };
    return key;
}

// A choice of which one exists so far: nothing to store.
template <class Field>
Key routers(std::string path, std::string standard, std::string description, Field field) {
    Key key = row(std::move(path), KeyType::routers, std::move(description));
    key.most = 4095;
    key.standard = std::move(standard);
    key.store = [field](Platform& platform, const KeyValue& value) {
        auto& list = field(platform);
        list.clear();
        for (const std::uint64_t router : std::get<std::vector<std::uint64_t>>(value)) {
            list.push_back(static_cast<unsigned>(router));
        }
    };
    key.load = [field](const Platform& platform) -> KeyValue {
        const auto& list = field(platform);
        return std::vector<std::uint64_t>(list.begin(), list.end());
    };
    return key;
}

} // namespace systolica::keys
