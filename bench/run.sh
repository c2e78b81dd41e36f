#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Prints what composition costs. Called by `./dev bench [overhead|compile]...`; without arguments
# both. Builds in build/bench; leaves the tables there as Markdown for docs/bench/.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build/bench
cxx=${CXX-g++}
[[ $# -gt 0 ]] || set -- overhead compile

mkdir -p "$build"
{ uname -srm; grep -m 1 '^model name' /proc/cpuinfo || true; "$cxx" --version | head -n 1
  valgrind --version || true; } 2>/dev/null | sed 's/^/# /'

for what in "$@"; do
  echo
  case $what in
    overhead)
      cmake -S "$top" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_BUILD_TYPE=Release \
        -DASHLAR_BUILD_TESTS=OFF -DASHLAR_BUILD_EXAMPLES=OFF >"$build/configure.log" 2>&1 ||
        { cat "$build/configure.log" >&2; exit 1; }
      cmake --build "$build" >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; exit 1; }
      programs=()
      for program in "$build"/bench/overhead/overhead_*; do
        case $program in
          *_planted) ;;
          *) [[ ! -x $program ]] || programs+=("$program") ;;
        esac
      done
      [[ ${#programs[@]} -gt 0 ]] || { grep 'bench/' "$build/configure.log" >&2; exit 1; }
      "$top/bench/overhead/overhead.py" --gate --limits "$top/bench/overhead/limits.txt" \
        --plant "$build/bench/overhead/overhead_planted" --markdown "$build/overhead.md" \
        "${programs[@]}" ;;
    compile)
      "$top/bench/compile/compile.py" --include "$top/include" --cxx "$cxx" \
        --gate "$top/bench/compile/limits.txt" --markdown "$build/compile.md" ;;
    *)
      echo "bench: there is no '$what'; there are: overhead compile" >&2
      exit 2 ;;
  esac
done
