#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Fuzzes the parsers of hostile bytes: run.sh [--seconds N] [--build DIR] [TARGET...]
# Without a target all of them run, N seconds each (15 by default). Starts from the committed corpus
# and keeps what it finds in DIR. Exits 1 on the first finding and says how to replay it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
seconds=15
build=$root/build/fuzz
targets=()
usage() { echo "usage: run.sh [--seconds N] [--build DIR] [TARGET...]; targets: $(names)" >&2; exit 2; }
names() { (cd "$here" && ls -- *_fuzz.cpp) | sed 's/_fuzz\.cpp$//' | tr '\n' ' '; }
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage; seconds=$2; shift 2 ;;
    --build) [ -n "${2:-}" ] || usage; build=$2; shift 2 ;;
    -*) usage ;;
    *) [ -f "$here/$1_fuzz.cpp" ] || usage; targets+=("$1"); shift ;;
    esac
done
[ ${#targets[@]} -gt 0 ] || read -ra targets <<<"$(names)"

compiler=${CXX:-}
if [ -z "$compiler" ]; then
    for candidate in clang++-19 clang++; do
        if command -v "$candidate" >/dev/null; then compiler=$candidate; break; fi
    done
fi
[ -n "$compiler" ] || { echo "fuzzing needs clang with libFuzzer (Debian: clang-19 libclang-rt-19-dev)" >&2; exit 1; }
launcher=$(command -v ccache || true)

mkdir -p "$build"
for target in "${targets[@]}"; do
    program=$build/${target}_fuzz
    # shellcheck disable=SC2086  # no launcher, no word
    $launcher "$compiler" -std=c++20 -O2 -g -fsanitize=fuzzer-no-link,address,undefined \
        -fno-sanitize-recover=all -I"$root/include" -c "$here/${target}_fuzz.cpp" -o "$program.o"
    "$compiler" -fsanitize=fuzzer,address,undefined "$program.o" -o "$program"
    mkdir -p "$build/corpus/$target" "$build/findings"
    echo "== $target: $seconds s"
    # Comparisons are followed by value (-use_value_profile): without it a checked length hides
    # everything behind it. One allocation above 16 MiB is a finding (G13).
    if ! "$program" -use_value_profile=1 -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -rss_limit_mb=512 -malloc_limit_mb=16 -print_final_stats=1 \
        -artifact_prefix="$build/findings/$target-" \
        "$build/corpus/$target" "$here/corpus/$target" >"$build/$target.log" 2>&1; then
        tail -n 60 "$build/$target.log" >&2
        echo "$target: FAILED; replay with: $program $build/findings/$target-<hash>" >&2
        exit 1
    fi
    grep -E 'stat::(number_of_executed_units|average_exec_per_sec|new_units_added)' \
        "$build/$target.log" | sed 's/^stat:://'
done
echo "${#targets[@]} targets, $seconds s each: no findings"
