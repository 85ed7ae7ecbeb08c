// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Signals for a waveform viewer, as modules see them. A module asks a WaveScope for its signals once and sets them
// when they change; a signal that nobody traces costs one test.
#pragma once

#include <cstdint>
#include <string>

namespace systolica {

// Receives changes; times never go back. Implemented by the VCD writer.
class WaveSink {
public:
    virtual ~WaveSink() = default;
    // Registers a signal by its full path (chip0.tile3.spad.ifmap.level); false when the user's filter leaves it out.
    virtual bool add(const std::string& path, unsigned width_bits, std::uint32_t& id) = 0;
    virtual void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) = 0;
};

class Wave {
public:
    Wave() = default;
    Wave(WaveSink* sink, std::uint32_t id) : sink_(sink), id_(id) {}

    bool traced() const { return sink_ != nullptr; } // worth computing a value for

    void set(std::uint64_t time_ps, std::uint64_t value) {
        if (sink_ != nullptr && value != last_) {
            last_ = value;
            sink_->change(id_, time_ps, value);
        }
    }

private:
    WaveSink* sink_ = nullptr;
    std::uint32_t id_ = 0;
    std::uint64_t last_ = 0; // every signal starts at 0
};

// A place in the hierarchy. Default-constructed: nothing is traced.
class WaveScope {
public:
    WaveScope() = default;
    WaveScope(WaveSink* sink, std::string path) : sink_(sink), path_(std::move(path)) {}

    WaveScope child(const std::string& name) const { return {sink_, path_.empty() ? name : path_ + "." + name}; }
    Wave add(const std::string& name, unsigned width_bits = 1) const {
        std::uint32_t id = 0;
        if (sink_ == nullptr || !sink_->add(child(name).path_, width_bits, id)) {
            return {};
        }
        return {sink_, id};
    }

private:
    WaveSink* sink_ = nullptr;
    std::string path_;
};

} // namespace systolica
