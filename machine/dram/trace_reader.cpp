// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "machine/dram/trace_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/diagnostics.h"

namespace systolica {

namespace {

constexpr const char* kKey = "trace";

// A file as lines. zlib reads gzip and passes anything else through as it is.
class TraceFile {
public:
    explicit TraceFile(const std::string& path) : path_(path), buffer_(std::size_t{1} << 20) {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat status {};
        if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
            refuse(std::string("expected a trace file that can be read, got: ") + std::strerror(errno));
        }
        if (S_ISDIR(status.st_mode)) {
            ::close(descriptor);
            refuse("expected a trace file, got a directory");
        }
        file_ = ::gzdopen(descriptor, "rb");
        if (file_ == nullptr) {
            ::close(descriptor);
            refuse("expected enough memory to read a trace, got too little");
        }
        ::gzbuffer(file_, 1U << 18);
    }
    ~TraceFile() { ::gzclose(file_); }
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    // The next line without its end; false after the last one.
    bool next(const char*& begin, const char*& end) {
        const char* line_end = find_end();
        while (line_end == nullptr && !ended_) {
            fill();
            line_end = find_end();
        }
        if (line_end == nullptr && used_ == filled_) {
            return false;
        }
        begin = buffer_.data() + used_;
        end = line_end == nullptr ? buffer_.data() + filled_ : line_end;
        used_ = line_end == nullptr ? filled_ : static_cast<std::size_t>(line_end - buffer_.data()) + 1;
        ++line_;
        if (end - begin > static_cast<std::ptrdiff_t>(DramTrace::kLongestLine)) {
            refuse_line();
        }
        if (end != begin && end[-1] == '\r') {
            --end;
        }
        return true;
    }
    int line() const { return line_; }

private:
    const char* find_end() const {
        return static_cast<const char*>(std::memchr(buffer_.data() + used_, '\n', filled_ - used_));
    }

    void fill() {
        std::memmove(buffer_.data(), buffer_.data() + used_, filled_ - used_);
        filled_ -= used_;
        used_ = 0;
        if (filled_ == buffer_.size()) {
            ++line_;
            refuse_line();
        }
        errno = 0;
        const int got = ::gzread(file_, buffer_.data() + filled_, static_cast<unsigned>(buffer_.size() - filled_));
        int error = Z_OK;
        const char* what = ::gzerror(file_, &error);
        if (error == Z_ERRNO) {
            refuse(std::string("expected a file that can be read to its end, got: ") + std::strerror(errno));
        }
        if (error == Z_BUF_ERROR) {
            refuse("expected the rest of the gzip data, got the end of the file");
        }
        if (got < 0) {
            refuse(std::string("expected gzip data, got: ") + what);
        }
        filled_ += static_cast<std::size_t>(got);
        ended_ = got == 0;
    }

    [[noreturn]] void refuse(const std::string& message) const {
        throw InputError({path_, line_ == 0 ? 0 : line_ + 1, line_ == 0 ? 0 : 1}, kKey, message);
    }
    [[noreturn]] void refuse_line() const {
        throw InputError({path_, line_, static_cast<int>(DramTrace::kLongestLine) + 1}, kKey,
                         "expected a line of at most " + std::to_string(DramTrace::kLongestLine) +
                             " characters, got a longer one");
    }

    const std::string path_;
    gzFile file_ = nullptr;
    std::vector<char> buffer_;
    std::size_t used_ = 0, filled_ = 0;
    bool ended_ = false;
    int line_ = 0;
};

bool blank(char c) {
    return c == ' ' || c == '\t';
}

// The fields of one line. The first mistake ends it.
class TraceLine {
public:
    TraceLine(const char* begin, const char* end) : begin_(begin), at_(begin), end_(end) { skip_blanks(); }

    bool done() const { return at_ == end_ || *at_ == '#'; }
    bool starts_with(char c) const { return at_ != end_ && *at_ == c; }
    bool starts_with_digit() const { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }

    bool take_operation(bool& write) {
        write = starts_with('W');
        return (write || starts_with('R')) && ends_at(at_ + 1);
    }
    bool take_address(std::uint64_t& address) {
        const bool hex = end_ - at_ > 2 && at_[0] == '0' && (at_[1] == 'x' || at_[1] == 'X');
        return hex && take_number(at_ + 2, 16, address);
    }
    bool take_number(std::uint64_t& value) { return take_number(at_, 10, value); }
    bool take_clock(std::uint64_t& value) { return take_number(at_ + 1, 10, value); }

    int column() const { return static_cast<int>(at_ - begin_) + 1; }
    int column_before() const { return static_cast<int>(before_ - begin_) + 1; }
    std::string got() const { return at_ == end_ ? "the end of the line" : quoted(at_); }
    std::string got_before() const { return quoted(before_); }

private:
    void skip_blanks() {
        while (at_ != end_ && blank(*at_)) {
            ++at_;
        }
    }
    bool ends_at(const char* field_end) {
        if (field_end != end_ && !blank(*field_end) && *field_end != '#') {
            return false;
        }
        before_ = at_;
        at_ = field_end;
        skip_blanks();
        return true;
    }
    bool take_number(const char* from, int base, std::uint64_t& value) {
        const auto [number_end, error] = std::from_chars(from, end_, value, base);
        if (error == std::errc::result_out_of_range) {
            value = std::numeric_limits<std::uint64_t>::max(); // beyond every limit that follows
        }
        return number_end != from && ends_at(number_end);
    }
    std::string quoted(const char* field) const {
        constexpr std::ptrdiff_t kMost = 40;
        const char* stop = std::find_if(field, end_, blank);
        const bool cut = stop - field > kMost;
        std::string text(field, cut ? field + kMost : stop);
        for (char& c : text) {
            c = static_cast<unsigned char>(c) >= 0x80 ? '?' : c;
        }
        return "'" + text + (cut ? "...'" : "'");
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    const char* before_ = nullptr; // where the field taken last begins
};

class TraceReader {
public:
    TraceReader(const std::string& path, std::uint64_t capacity_bytes)
        : path_(path), capacity_bytes_(capacity_bytes), file_(path) {}

    DramTrace read() {
        const char* begin = nullptr;
        const char* end = nullptr;
        try {
            while (problems_.list().size() < DramTrace::kMostProblems && file_.next(begin, end)) {
                TraceLine line(begin, end);
                if (!line.done()) {
                    read_request(line);
                }
            }
        } catch (const InputError& error) { // the file cannot be read on: what was wrong before is said as well
            const Problem& last = error.problems().list().front();
            problems_.add(last.where, last.key, last.message);
        }
        if (problems_.list().size() == DramTrace::kMostProblems) {
            problems_.add({path_, 0, 0}, kKey,
                          "expected a trace, got " + std::to_string(DramTrace::kMostProblems) +
                              " bad lines; the rest was not read");
        }
        if (problems_.empty() && trace_.requests.empty()) {
            problems_.add({path_, 0, 0}, kKey, "expected at least one request, got none");
        }
        if (!problems_.empty()) {
            throw InputError(problems_);
        }
        return std::move(trace_);
    }

private:
    void bad(int column, const std::string& expected, const std::string& got) {
        problems_.add({path_, file_.line(), column}, kKey, "expected " + expected + ", got " + got);
    }

    void read_request(TraceLine& line) {
        DramTraceRequest request;
        if (!line.take_operation(request.write)) {
            return bad(line.column(), "R or W", line.got());
        }
        if (!line.take_address(request.address)) {
            return bad(line.column(), "a byte address such as 0x1f40", line.got());
        }
        if (request.address >= capacity_bytes_) {
            return bad(line.column_before(),
                       "an address below the memory's " + std::to_string(capacity_bytes_) + " bytes",
                       line.got_before());
        }
        if (line.starts_with_digit() && !read_bytes(line, request)) {
            return;
        }
        if (request.bytes > capacity_bytes_ - request.address) {
            return bad(line.column_before(),
                       "a request that ends within the memory's " + std::to_string(capacity_bytes_) + " bytes",
                       std::to_string(request.bytes) + " bytes at the last " +
                           std::to_string(capacity_bytes_ - request.address));
        }
        if (line.starts_with('@') && !read_clock(line)) {
            return;
        }
        if (!line.done()) {
            return bad(line.column(), "BYTES, @CLOCK or the end of the line", line.got());
        }
        keep(request);
    }

    bool read_bytes(TraceLine& line, DramTraceRequest& request) {
        std::uint64_t bytes = 0;
        if (!line.take_number(bytes)) {
            bad(line.column(), "a number of bytes", line.got());
            return false;
        }
        if (bytes == 0 || bytes > DramTrace::kMostBytes) {
            bad(line.column_before(), "1 to " + std::to_string(DramTrace::kMostBytes) + " bytes", line.got_before());
            return false;
        }
        request.bytes = static_cast<std::uint32_t>(bytes);
        return true;
    }

    bool read_clock(TraceLine& line) {
        Ck clock = 0;
        if (!line.take_clock(clock)) {
            bad(line.column(), "a clock such as @1200", line.got());
            return false;
        }
        if (clock < clock_ || clock > DramTrace::kLastClock) {
            bad(line.column_before(),
                "a clock from @" + std::to_string(clock_) + " (the request before) to @" +
                    std::to_string(DramTrace::kLastClock),
                line.got_before());
            return false;
        }
        clock_ = clock;
        if (trace_.clocks.empty()) {
            trace_.clocks.resize(trace_.requests.size());
            clocks_named_ = true;
        }
        return true;
    }

    void keep(const DramTraceRequest& request) {
        trace_.requests.push_back(request);
        if (clocks_named_) {
            trace_.clocks.push_back(clock_);
        }
        trace_.largest_bytes = std::max(trace_.largest_bytes, request.bytes);
    }

    const std::string& path_;
    const std::uint64_t capacity_bytes_;
    TraceFile file_;
    DramTrace trace_;
    Problems problems_;
    Ck clock_ = 0;
    bool clocks_named_ = false;
};

} // namespace

DramTrace read_dram_trace(const std::string& path, std::uint64_t capacity_bytes) {
    return TraceReader(path, capacity_bytes).read();
}

} // namespace systolica
