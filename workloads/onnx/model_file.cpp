// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "workloads/onnx/model_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/diagnostics.h"

namespace systolica {

namespace {

// Length of a protobuf message: an int (protobuf documentation, "Encoding"; messages of 2 GiB do not parse).
constexpr std::uint64_t kLargestModelBytes = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kSmallDataBytes = 4096; // of a tensor, kept

// Field numbers of onnx.proto; wire types of protobuf.
constexpr std::uint64_t kModelGraph = 7, kGraphInitialiser = 5, kTensorName = 8, kTensorRawData = 9;
constexpr std::uint64_t kTensorData[] = {4, 5, 6, 7, 9, 10, 11}; // float, int32, string, int64, raw, double, uint64
constexpr unsigned kVarint = 0, kFixed64 = 1, kLengthPrefixed = 2, kFixed32 = 5;

// The file's pages, brought in when they are touched.
class MappedFile {
public:
    explicit MappedFile(const std::string& path) {
        descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat info {};
        if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0) {
            refuse(path, std::strerror(errno));
        }
        if (!S_ISREG(info.st_mode)) {
            refuse(path, S_ISDIR(info.st_mode) ? "a folder" : "no regular file");
        }
        bytes_ = static_cast<std::uint64_t>(info.st_size);
        if (bytes_ == 0) {
            refuse(path, "an empty file");
        }
        if (bytes_ > kLargestModelBytes) {
            refuse(path, std::to_string(bytes_) + " bytes, more than the 2 GiB of a protobuf message");
        }
        data_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
        if (data_ == MAP_FAILED) {
            refuse(path, std::strerror(errno));
        }
    }
    ~MappedFile() {
        ::munmap(data_, bytes_);
        ::close(descriptor_);
    }
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::string_view view() const { return {static_cast<const char*>(data_), bytes_}; }

private:
    [[noreturn]] void refuse(const std::string& path, const std::string& got) const {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
        throw InputError({path, 0, 0}, "", "expected an ONNX model, got " + got);
    }

    int descriptor_ = -1;
    void* data_ = nullptr;
    std::uint64_t bytes_ = 0;
};

struct Field {
    std::uint64_t number = 0;
    unsigned type = 0;
    std::string_view whole;   // with tag and length
    std::string_view content; // of a length-prefixed field
};

// The fields of an encoded message, one after the other.
class Fields {
public:
    explicit Fields(std::string_view message) : message_(message) {}

    bool more() const { return good_ && at_ < message_.size(); }
    bool good() const { return good_; }

    Field next() {
        const std::size_t begin = at_;
        const std::uint64_t tag = varint();
        Field field{tag >> 3, static_cast<unsigned>(tag & 7), {}, {}};
        std::uint64_t length = 0;
        switch (field.type) {
        case kVarint:
            varint();
            break;
        case kFixed64:
            length = 8;
            break;
        case kFixed32:
            length = 4;
            break;
        case kLengthPrefixed:
            length = varint();
            break;
        default: // groups are older than ONNX
            good_ = false;
        }
        if (!good_ || field.number == 0 || length > message_.size() - at_) {
            good_ = false;
            return field;
        }
        field.content = message_.substr(at_, length);
        at_ += length;
        field.whole = message_.substr(begin, at_ - begin);
        return field;
    }

private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && at_ < message_.size(); shift += 7) {
            const auto byte = static_cast<unsigned char>(message_[at_++]);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        good_ = false;
        return 0;
    }

    std::string_view message_;
    std::size_t at_ = 0;
    bool good_ = true;
};

bool is_data(const Field& field) {
    for (const std::uint64_t number : kTensorData) {
        if (field.number == number) {
            return field.type == kLengthPrefixed && field.content.size() > kSmallDataBytes;
        }
    }
    return false;
}

void append_message(std::string& out, std::uint64_t number, const std::string& message) {
    for (std::uint64_t value : {number << 3 | kLengthPrefixed, std::uint64_t{message.size()}}) {
        for (; value >= 0x80; value >>= 7) {
            out += static_cast<char>(value | 0x80);
        }
        out += static_cast<char>(value);
    }
    out += message;
}

class Reader {
public:
    bool read(std::string_view bytes) {
        std::string model;
        for (Fields fields(bytes); fields.more();) {
            const Field field = fields.next();
            if (!fields.good()) {
                return false;
            }
            if (field.number == kModelGraph && field.type == kLengthPrefixed) {
                if (!add_graph(field.content)) {
                    return false;
                }
            } else {
                model += field.whole;
            }
        }
        return file.model.MergeFromString(model);
    }

    OnnxModelFile file;

private:
    bool add_graph(std::string_view bytes) {
        std::string graph;
        for (Fields fields(bytes); fields.more();) {
            const Field field = fields.next();
            if (!fields.good()) {
                return false;
            }
            if (field.number != kGraphInitialiser || field.content.size() <= kSmallDataBytes) {
                graph += field.whole;
            } else if (!add_initialiser(field.content, graph)) {
                return false;
            }
        }
        return file.model.mutable_graph()->MergeFromString(graph);
    }

    bool add_initialiser(std::string_view bytes, std::string& graph) {
        std::string tensor;
        std::string name;
        std::uint64_t raw_bytes = 0;
        for (Fields fields(bytes); fields.more();) {
            const Field field = fields.next();
            if (!fields.good()) {
                return false;
            }
            if (field.number == kTensorName) {
                name = field.content;
            }
            if (!is_data(field)) {
                tensor += field.whole;
            } else if (field.number == kTensorRawData) {
                raw_bytes = field.content.size();
            }
        }
        if (raw_bytes != 0) {
            file.left_out[name] = raw_bytes;
        }
        append_message(graph, kGraphInitialiser, tensor);
        return true;
    }
};

} // namespace

OnnxModelFile read_onnx_model(const std::string& path) {
    const MappedFile mapped(path);
    Reader reader;
    if (!reader.read(mapped.view())) {
        throw InputError({path, 0, 0}, "", "expected an ONNX model, got a truncated file or something else");
    }
    if (!reader.file.model.has_graph()) {
        throw InputError({path, 0, 0}, "", "expected an ONNX model with a graph, got none");
    }
    return std::move(reader.file);
}

} // namespace systolica
