// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/value.h"

#include <cmath>
#include <cstring>

#include "workloads/shape_rules.h"

namespace systolica {

namespace {

using Proto = onnx::TensorProto;

std::size_t element_bytes(int type) {
    switch (type) {
    case Proto::UINT8:
    case Proto::INT8:
    case Proto::BOOL:
        return 1;
    case Proto::UINT16:
    case Proto::INT16:
    case Proto::FLOAT16:
    case Proto::BFLOAT16:
        return 2;
    case Proto::FLOAT:
    case Proto::INT32:
    case Proto::UINT32:
        return 4;
    case Proto::DOUBLE:
    case Proto::INT64:
    case Proto::UINT64:
    case Proto::COMPLEX64:
        return 8;
    case Proto::COMPLEX128:
        return 16;
    default: // strings, and what a later version of ONNX adds
        return 0;
    }
}

bool is_integral(int type) {
    return type != Proto::FLOAT && type != Proto::DOUBLE && type != Proto::FLOAT16 && type != Proto::BFLOAT16;
}

double from_half(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const double fraction = (bits & 1023) / 1024.0;
    const double magnitude = exponent == 0    ? std::ldexp(fraction, -14)
                             : exponent == 31 ? (fraction == 0 ? HUGE_VAL : NAN)
                                              : std::ldexp(1 + fraction, exponent - 15);
    return bits >> 15 != 0 ? -magnitude : magnitude;
}

double from_bfloat(std::uint16_t bits) {
    const std::uint32_t wide = std::uint32_t{bits} << 16;
    float value = 0;
    std::memcpy(&value, &wide, sizeof value);
    return value;
}

template <class T>
double raw_as(const char* data) {
    T value{};
    std::memcpy(&value, data, sizeof value);
    return static_cast<double>(value);
}

double raw_number(int type, const char* data) {
    switch (type) {
    case Proto::FLOAT:
        return raw_as<float>(data);
    case Proto::DOUBLE:
        return raw_as<double>(data);
    case Proto::FLOAT16:
        return from_half(static_cast<std::uint16_t>(raw_as<std::uint16_t>(data)));
    case Proto::BFLOAT16:
        return from_bfloat(static_cast<std::uint16_t>(raw_as<std::uint16_t>(data)));
    case Proto::INT64:
        return raw_as<std::int64_t>(data);
    case Proto::UINT64:
        return raw_as<std::uint64_t>(data);
    case Proto::INT32:
        return raw_as<std::int32_t>(data);
    case Proto::UINT32:
        return raw_as<std::uint32_t>(data);
    case Proto::INT16:
        return raw_as<std::int16_t>(data);
    case Proto::UINT16:
        return raw_as<std::uint16_t>(data);
    case Proto::INT8:
        return raw_as<std::int8_t>(data);
    default:
        return raw_as<std::uint8_t>(data);
    }
}

// As many as the typed list of the tensor holds.
std::vector<OnnxNumber> typed_numbers(const Proto& tensor) {
    std::vector<OnnxNumber> numbers;
    const auto take = [&](const auto& list, auto convert) {
        for (const auto value : list) {
            numbers.push_back({convert(value), false});
        }
    };
    const auto plain = [](auto value) { return static_cast<double>(value); };
    switch (tensor.data_type()) {
    case Proto::FLOAT:
        take(tensor.float_data(), plain);
        break;
    case Proto::DOUBLE:
        take(tensor.double_data(), plain);
        break;
    case Proto::INT64:
        take(tensor.int64_data(), plain);
        break;
    case Proto::UINT32:
    case Proto::UINT64:
        take(tensor.uint64_data(), plain);
        break;
    case Proto::FLOAT16:
        take(tensor.int32_data(), [](std::int32_t bits) { return from_half(static_cast<std::uint16_t>(bits)); });
        break;
    case Proto::BFLOAT16:
        take(tensor.int32_data(), [](std::int32_t bits) { return from_bfloat(static_cast<std::uint16_t>(bits)); });
        break;
    default:
        take(tensor.int32_data(), plain);
    }
    return numbers;
}

std::string read_dims(const Proto& tensor, Dims& dims) {
    for (const std::int64_t dim : tensor.dims()) {
        if (dim < 0 || static_cast<std::uint64_t>(dim) > kMaxDimension) {
            return "expected dimensions up to " + std::to_string(kMaxDimension) + ", got " + std::to_string(dim);
        }
        dims.push_back(static_cast<std::uint64_t>(dim));
    }
    if (!product(dims, 0, dims.size())) {
        return "expected a tensor of at most 2^48 elements, got " + dims_text(dims);
    }
    return "";
}

void read_numbers(const Proto& tensor, std::uint64_t count, OnnxValue& value, std::string& wrong) {
    const std::size_t bytes = element_bytes(tensor.data_type());
    if (tensor.has_raw_data()) {
        for (std::uint64_t i = 0; i < count; ++i) {
            value.numbers.push_back({raw_number(tensor.data_type(), tensor.raw_data().data() + i * bytes), false});
        }
        value.known = true;
        return;
    }
    value.numbers = typed_numbers(tensor);
    value.known = value.numbers.size() == count;
    if (!value.known && !value.numbers.empty()) {
        wrong = "expected data of " + std::to_string(count) + " elements, got " + std::to_string(value.numbers.size());
    }
}

} // namespace

OnnxValue constant_of(const onnx::TensorProto& tensor, std::uint64_t raw_bytes, std::string& wrong) {
    OnnxValue value;
    wrong = read_dims(tensor, value.dims);
    if (!wrong.empty()) {
        return value;
    }
    value.kind = OnnxValue::Kind::constant;
    value.integral = is_integral(tensor.data_type());
    const std::uint64_t count = elements(value);
    const std::size_t bytes = element_bytes(tensor.data_type());
    const std::uint64_t got = raw_bytes != 0 ? raw_bytes : tensor.raw_data().size();
    if (bytes == 0) {
        wrong = "expected a tensor of numbers, got data type " + std::to_string(tensor.data_type());
    } else if (tensor.data_location() == Proto::EXTERNAL) {
        return value; // its dimensions are all that is needed of weights
    } else if ((raw_bytes != 0 || tensor.has_raw_data()) && got != count * bytes) {
        wrong = "expected " + std::to_string(count * bytes) + " bytes of data for " + dims_text(value.dims) + ", got " +
                std::to_string(got);
    } else if (count <= kMostNumbers && raw_bytes == 0 && bytes <= 8 && tensor.data_type() != Proto::COMPLEX64) {
        read_numbers(tensor, count, value, wrong);
    }
    return value;
}

OnnxValue constant_of(std::vector<OnnxNumber> numbers) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::constant;
    value.dims = {numbers.size()};
    value.known = true;
    value.numbers = std::move(numbers);
    return value;
}

OnnxValue weights_of(Dims dims) {
    OnnxValue value;
    value.kind = OnnxValue::Kind::constant;
    value.dims = std::move(dims);
    return value;
}

std::optional<std::uint64_t> product(const Dims& dims, std::size_t from, std::size_t to) {
    std::uint64_t result = 1;
    for (std::size_t i = from; i < to; ++i) {
        if (dims[i] == 0) {
            return 0;
        }
        if (result > kMaxElements / dims[i]) {
            return std::nullopt;
        }
        result *= dims[i];
    }
    return result;
}

std::uint64_t elements(const OnnxValue& value) {
    return product(value.dims, 0, value.dims.size()).value_or(0);
}

std::string dims_text(const Dims& dims) {
    std::string text;
    for (const std::uint64_t dim : dims) {
        text += (text.empty() ? "" : ", ") + std::to_string(dim);
    }
    return "[" + text + "]";
}

std::string dims_text(const OnnxValue& value) {
    std::string text = dims_text(value.dims);
    if (value.kind == OnnxValue::Kind::result) {
        const std::string first = std::to_string(value.dims[0]);
        text.replace(1, first.size(), value.dims[0] == 1 ? "N" : first + "N");
    }
    return text;
}

} // namespace systolica
