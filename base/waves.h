// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// Signals for a waveform viewer, as modules see them. A module asks a WaveScope for its signals once and sets them
// when they change; a signal that nobody traces costs one test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systolica {

// Changes that are known before their time, such as the end of a transfer that has begun. They wait here until time has
// come to them, so that showing them takes no events of the simulation: a traced run does exactly what an untraced
// does.
class WaveSource {
public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    virtual ~WaveSource() = default;
    virtual std::uint64_t next_change_ps() = 0; // kNever when nothing is known
    virtual void show_next() = 0;               // all changes of that time
};

// Receives changes; times never go back. Implemented by the VCD writer.
class WaveSink {
public:
    virtual ~WaveSink() = default;
    // Registers a signal by its full path (chip0.tile3.spad.ifmap.level); false when the user's filter leaves it out.
    virtual bool add(const std::string& path, unsigned width_bits, std::uint32_t& id) = 0;
    virtual void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) = 0;

    void add_source(WaveSource& source) { sources_.push_back(&source); }

    // A change that comes to be known late shows late.
    void show(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) {
        catch_up(time_ps);
        shown_ps_ = time_ps > shown_ps_ ? time_ps : shown_ps_;
        change(id, shown_ps_, value);
    }

    // Shows what the sources know up to this time and forgets them: before they go.
    void end_sources(std::uint64_t end_ps) {
        catch_up(end_ps);
        sources_.clear();
    }

    // Shows what the sources know up to this time, in order of time. Done before each change.
    void catch_up(std::uint64_t until_ps) {
        if (catching_up_) {
            return;
        }
        catching_up_ = true;
        for (;;) {
            WaveSource* first = nullptr;
            std::uint64_t first_ps = until_ps;
            for (WaveSource* source : sources_) {
                const std::uint64_t ps = source->next_change_ps();
                if (ps != WaveSource::kNever && (first == nullptr ? ps <= first_ps : ps < first_ps)) {
                    first = source;
                    first_ps = ps;
                }
            }
            if (first == nullptr) {
                break;
            }
            first->show_next();
        }
        catching_up_ = false;
    }

private:
    std::vector<WaveSource*> sources_;
    std::uint64_t shown_ps_ = 0;
    bool catching_up_ = false;
};

class Wave {
public:
    Wave() = default;
    Wave(WaveSink* sink, std::uint32_t id) : sink_(sink), id_(id) {}

    bool traced() const { return sink_ != nullptr; } // worth computing a value for

    void set(std::uint64_t time_ps, std::uint64_t value) {
        if (sink_ != nullptr && value != last_) {
            last_ = value;
            sink_->show(id_, time_ps, value);
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

    void add_source(WaveSource& source) const {
        if (sink_ != nullptr) {
            sink_->add_source(source);
        }
    }

private:
    WaveSink* sink_ = nullptr;
    std::string path_;
};

} // namespace systolica
