// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

// A value change dump (IEEE 1364-2005, clause 18), streamed to FILE.partial and renamed when closed. Signals are added
// before the first change past the window's start; scopes come from the dots of their paths. Time unit 1 ps.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_file.h"
#include "base/waves.h"

namespace systolica {

// What of a run is dumped. A pattern selects the signals whose path, or the path of a scope around them, it matches
// as a whole: `*` stands for any text, dots included, `?` for one character. No pattern: every signal.
struct VcdFilter {
    std::vector<std::string> patterns;
    std::uint64_t from_ps = 0;
    std::uint64_t to_ps = std::numeric_limits<std::uint64_t>::max();
};

class VcdWriter : public WaveSink {
public:
    VcdWriter(std::string path, VcdFilter filter); // throws OutputRefused
    ~VcdWriter() override;                         // without close(): the partial file is removed
    VcdWriter(const VcdWriter&) = delete;
    VcdWriter& operator=(const VcdWriter&) = delete;

    bool add(const std::string& path, unsigned width_bits, std::uint32_t& id) override;
    void change(std::uint32_t id, std::uint64_t time_ps, std::uint64_t value) override;

    bool failed() const { return file_.failed(); } // writing on is of no use; close() will say why
    std::vector<std::string> unmatched_patterns() const;
    std::size_t signals() const { return signals_.size(); }
    void close(std::uint64_t end_ps); // throws OutputError

private:
    struct Signal {
        std::string name;
        unsigned width_bits;
        std::string code;
        std::uint64_t value = 0;
    };
    struct Scope {
        std::string name;
        std::vector<std::size_t> signals;
        std::vector<std::unique_ptr<Scope>> scopes;
    };

    bool selected(const std::string& path);
    Scope& scope_of(const std::string& path);
    void begin_window(); // header, and the values at the window's start
    void write_scope(const Scope& scope);
    void write_time(std::uint64_t time_ps);
    void write_value(const Signal& signal);

    std::string path_;
    VcdFilter filter_;
    std::vector<bool> pattern_matched_;
    OutputFile file_;
    Scope top_;
    std::map<std::string, Scope*> scopes_; // by full path
    std::vector<Signal> signals_;
    std::uint64_t time_ps_ = 0; // last one written
    bool begun_ = false;
    bool closed_ = false;
};

// Whether the whole of `text` matches a pattern of `*` and `?`.
bool glob_matches(std::string_view pattern, std::string_view text);

} // namespace systolica
