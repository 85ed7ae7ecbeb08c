// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "sc_main/command_line.h"

#include "base/diagnostics.h"

#include <charconv>
#include <cmath>
#include <iostream>
#include <sstream>

namespace systolica {

namespace po = boost::program_options;

namespace {

// Boost's messages read "the required argument for option '--out' is missing": keep them, without the quirks.
std::string plain_message(const po::error& error) {
    return one_line(error.what());
}

} // namespace

CommandLine::CommandLine(std::string command, std::string positionals, std::size_t least, std::size_t most,
                         std::string about)
    : command_(std::move(command)),
      positionals_form_(std::move(positionals)),
      least_(least),
      most_(most),
      about_(std::move(about)),
      options_("options", 110, 70) {
    flag("help,h", "this text");
}

void CommandLine::flag(const std::string& name, const std::string& help) {
    options_.add_options()(name.c_str(), help.c_str());
}

void CommandLine::option(const std::string& name, const std::string& placeholder, const std::string& help) {
    options_.add_options()(name.c_str(), po::value<std::string>()->value_name(placeholder), help.c_str());
}

void CommandLine::list(const std::string& name, const std::string& placeholder, const std::string& help) {
    options_.add_options()(name.c_str(), po::value<std::vector<std::string>>()->value_name(placeholder)->composing(),
                           help.c_str());
}

bool CommandLine::parse(const Arguments& arguments) {
    po::options_description all(options_);
    all.add_options()("positional", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("positional", -1);
    try {
        using Style = po::command_line_style::style_t;
        po::store(po::command_line_parser(arguments)
                      .options(all)
                      .positional(positional)
                      .style(po::command_line_style::unix_style & ~Style::allow_guessing)
                      .run(),
                  values_);
        po::notify(values_);
    } catch (const po::unknown_option& error) {
        std::vector<std::string> names;
        for (const auto& option : options_.options()) {
            names.push_back("--" + option->long_name());
        }
        const std::string& name = error.get_option_name();
        refuse("expected a known option, got '" + name + "'" + suggestion(name, names));
    } catch (const po::error& error) {
        refuse(plain_message(error));
    }
    if (has("help")) {
        print_help();
        return false;
    }
    found_positionals_ = texts("positional");
    if (found_positionals_.size() < least_ || found_positionals_.size() > most_) {
        std::string got;
        for (const std::string& argument : found_positionals_) {
            got += (got.empty() ? "'" : " '") + argument + "'";
        }
        refuse("expected " + (positionals_form_.empty() ? "no arguments" : positionals_form_) + ", got " +
               (got.empty() ? "nothing" : got) + "; 'systolica " + command_ + " --help' explains");
    }
    return true;
}

bool CommandLine::has(const std::string& name) const {
    return values_.count(name) != 0;
}

std::string CommandLine::text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? values_[name].as<std::string>() : otherwise;
}

std::vector<std::string> CommandLine::texts(const std::string& name) const {
    return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::uint64_t CommandLine::number(const std::string& name, std::uint64_t least, std::uint64_t most,
                                  std::uint64_t otherwise) const {
    if (!has(name)) {
        return otherwise;
    }
    const std::string value = text(name);
    std::uint64_t parsed = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || parsed < least || parsed > most) {
        refuse("--" + name + ": expected a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
               ", got '" + value + "'");
    }
    return parsed;
}

double CommandLine::positive(const std::string& name, double most) const {
    const std::string value = text(name);
    double parsed = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size() || !(parsed > 0 && parsed <= most)) {
        std::ostringstream bound;
        bound << most;
        refuse("--" + name + ": expected a number above 0 and up to " + bound.str() + ", got '" + value + "'");
    }
    return parsed;
}

double CommandLine::fraction(const std::string& name, double otherwise) const {
    return has(name) ? positive(name, 1) : otherwise;
}

std::string CommandLine::choice(const std::string& name, const std::vector<std::string>& choices) const {
    std::string value = text(name, choices.front());
    std::string all;
    for (const std::string& candidate : choices) {
        if (candidate == value) {
            return value;
        }
        all += (all.empty() ? "" : " or ") + candidate;
    }
    refuse("--" + name + ": expected " + all + ", got '" + value + "'" + suggestion(value, choices));
}

std::uint64_t CommandLine::time_ps(const std::string& name, std::uint64_t otherwise) const {
    std::uint64_t ps = otherwise;
    if (has(name) && !parse_time_ps(text(name), ps)) {
        refuse("--" + name + ": expected a time such as 500ns, 10us or 3ms, got '" + text(name) + "'");
    }
    return ps;
}

void CommandLine::refuse(const std::string& message) const {
    throw UsageError(command_ + ": " + message);
}

void CommandLine::print_help() const {
    std::cout << "usage: systolica " << command_ << (positionals_form_.empty() ? "" : " ") << positionals_form_
              << " [options]\n\n"
              << about_ << "\n\n"
              << options_;
}

bool parse_time_ps(const std::string& text, std::uint64_t& ps) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string unit(end, text.data() + text.size());
    const double scale = unit == "ps"   ? 1
                         : unit == "ns" ? 1e3
                         : unit == "us" ? 1e6
                         : unit == "ms" ? 1e9
                         : unit == "s"  ? 1e12
                                        : 0;
    const double longest_ps = 9e18; // what 64 bits of picoseconds hold: about 104 days
    if (error != std::errc() || scale == 0 || !(value >= 0) || value * scale > longest_ps) {
        return false;
    }
    ps = static_cast<std::uint64_t>(std::llround(value * scale));
    return true;
}

std::string one_line(const std::string& text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool space = byte < 0x20 || byte == 0x7f;
        if (!space || (!out.empty() && out.back() != ' ')) {
            out += space ? ' ' : c;
        }
    }
    return out;
}

} // namespace systolica
