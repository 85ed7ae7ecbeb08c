#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors
#
# Sourced by the other scripts: installs what is missing from the distribution's packages and configures the release
# build. Says nothing on stdout, and does nothing at all the second time.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# install_packages NAME...: those that dpkg does not know as installed. Asks for nothing; sudo only when not root.
install_packages() {
    command -v dpkg-query > /dev/null || return 0 # not Debian: CMake will name what it does not find
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "installing: ${missing[*]}" >&2
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
    "${apt[@]}" update >&2
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >&2
}

# configure PRESET: only where the build folder has no build files yet; ninja looks after changes itself.
configure() {
    [ -f "build/$1/build.ninja" ] || cmake --preset "$1" >&2
}

install_packages g++ cmake ninja-build ccache pkg-config libsystemc-dev libyaml-cpp-dev libboost-program-options-dev \
    nlohmann-json3-dev zlib1g-dev libonnx-dev libprotobuf-dev libgtest-dev
[ "$(basename "$0")" != test ] || install_packages libonnx-testdata # models with results; their tests skip without
configure release
