#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Systolica Authors
#
# The walls between the rooms (ARCHITECTURE.md): who includes whom, and that base, workloads, machine and mapping
# preprocess and compile where SystemC's headers are an #error.
#   check_rooms.sh SOURCE_DIR COMPILER
set -euo pipefail
cd "$1"
compiler=$2
failed=0

complain() {
    echo "$*" >&2
    failed=1
}

# only ROOM ALLOWED...: every project header that ROOM includes lies in one of ALLOWED.
only() {
    local room=$1 allowed
    shift
    allowed=$(IFS='|'; echo "$*")
    local wrong
    wrong=$(grep -rnE '^ *# *include +["<](base|workloads|machine|mapping|models|platforms|sc_main)/' "$room" \
                --include='*.h' --include='*.cpp' |
            grep -vE "include +\"($allowed)/" || true)
    [ -z "$wrong" ] || complain "$room/ may include only $* (and in quotes):"$'\n'"$wrong"
}

only base base
only workloads base workloads
only machine base machine
only mapping base workloads machine mapping
only models base machine models
only platforms base workloads machine mapping models platforms
only sc_main base workloads platforms sc_main

yaml=$(grep -rnE 'include.*(yaml-cpp|strict_yaml)' machine mapping models --include='*.h' --include='*.cpp' || true)
[ -z "$yaml" ] || complain "machine/, mapping/ and models/ know no YAML:"$'\n'"$yaml"

poison=$(mktemp -d)
trap 'rm -rf "$poison"' EXIT
mkdir "$poison/sysc" "$poison/tlm_utils" "$poison/tlm_core"
for header in systemc systemc.h tlm tlm.h sysc/systemc.h; do
    echo '#error "SystemC is not for this room"' > "$poison/$header"
done
flags=(-std=c++17 -I "$poison" -I .)

for room in base workloads machine mapping; do
    find "$room" -name '*.h' | sort | sed 's/.*/#include "&"/' > "$poison/headers_$room.cpp"
    "$compiler" "${flags[@]}" -fsyntax-only "$poison/headers_$room.cpp" || complain "$room/: headers do not compile"
    mapfile -t sources < <(find "$room" -name '*.cpp' | sort)
    [ ${#sources[@]} -eq 0 ] && continue
    # Preprocessing is enough here, the build compiles them; the list of headers shows what slipped past the poison.
    if ! "$compiler" "${flags[@]}" -M "${sources[@]}" > "$poison/headers"; then
        complain "$room/: sources do not preprocess without SystemC"
    elif grep -nE '/(sysc|tlm_core|tlm_utils)/' "$poison/headers" >&2; then
        complain "$room/: includes parts of SystemC"
    fi
done
exit $failed
