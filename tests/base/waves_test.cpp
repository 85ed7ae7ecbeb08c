// SPDX-License-Identifier: Apache-2.0
// Copyright The Systolica Authors

#include "base/waves.h"

#include <gtest/gtest.h>

#include <vector>

namespace systolica {
namespace {

class Recorder : public WaveSink {
public:
    bool add(const std::string& path, unsigned, std::uint32_t& id) override {
        id = static_cast<std::uint32_t>(paths.size());
        paths.push_back(path);
        return path != "chip0.hidden";
    }
    void change(std::uint32_t, std::uint64_t time_ps, std::uint64_t) override { times.push_back(time_ps); }

    std::vector<std::string> paths;
    std::vector<std::uint64_t> times;
};

TEST(Waves, PathsAreJoinedWithDots) {
    Recorder recorder;
    const WaveScope top(&recorder, "");
    top.child("chip0").child("tile3").add("busy");
    top.add("clock");
    EXPECT_EQ(recorder.paths, (std::vector<std::string>{"chip0.tile3.busy", "clock"}));
}

TEST(Waves, OnlyChangesReachTheSink) {
    Recorder recorder;
    Wave wave = WaveScope(&recorder, "chip0").add("busy");
    wave.set(10, 0); // what it starts with
    wave.set(20, 1);
    wave.set(30, 1);
    wave.set(40, 0);
    EXPECT_EQ(recorder.times, (std::vector<std::uint64_t>{20, 40}));
}

TEST(Waves, WhatIsFilteredOutOrNotTracedCostsNothing) {
    Recorder recorder;
    Wave hidden = WaveScope(&recorder, "chip0").add("hidden");
    Wave untraced = WaveScope().child("chip0").add("busy");
    EXPECT_FALSE(hidden.traced());
    EXPECT_FALSE(untraced.traced());
    hidden.set(10, 1);
    untraced.set(10, 1);
    EXPECT_TRUE(recorder.times.empty());
}

} // namespace
} // namespace systolica
