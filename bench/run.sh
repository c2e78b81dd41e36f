#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Measures. Called by `./dev bench [--quick|--force] [NAME...]`. Names: overhead, compile (what composition
# costs: tables in build/bench), limits, result_cache (the server of examples/ beside Redis
# and memcached; result_cache_large: with ten million entries), and the
# workloads of bench/run by file name; without a name
# limits and all workloads. Workloads write CSV, plots and a report into docs/bench/, and with
# --quick, whose numbers are not fit to be quoted, into build/bench/quick/.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build/bench
cxx=${CXX-g++}
out=$top/docs/bench quick=()
known=(limits m8 cod ord cel ttlb ms ord_files durable ckp reopen)
names=()
for word in "$@"; do
  case $word in
    --quick) quick=(--quick) out=$build/quick ;;
    --force) quick=(--force) ;; # on a machine that is not quiet; the report says so
    -*) echo "bench: there is no option $word; there are --quick and --force" >&2; exit 2 ;;
    *) names+=("${word,,}") ;;
  esac
done

mkdir -p "$build"
quietly() { "$@" >"$build/step.log" 2>&1 || { cat "$build/step.log" >&2; exit 1; }; }
configure() {
  quietly cmake -S "$top" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_BUILD_TYPE=Release -DASHLAR_BUILD_TESTS=OFF -DASHLAR_BUILD_EXAMPLES=OFF
  grep '^-- bench/.* is left out' "$build/step.log" | cut -c 4- || true
}

overhead() {
  configure
  quietly cmake --build "$build"
  local programs=() program
  for program in "$build"/bench/overhead/overhead_*; do
    case $program in
      *_planted) ;;
      *) [[ ! -x $program ]] || programs+=("$program") ;;
    esac
  done
  [[ ${#programs[@]} -gt 0 ]] || exit 1 # configure() has said why
  "$top/bench/overhead/overhead.py" --gate --limits "$top/bench/overhead/limits.txt" \
    --plant "$build/bench/overhead/overhead_planted" --markdown "$build/overhead.md" \
    "${programs[@]}"
}

# The server beside redis-server and memcached: docs/bench/result_cache.md, or with --quick tables on
# the screen. $@: parts, as bench.py names them.
result_cache() {
  local build=$build/result_cache report=--report
  mkdir -p "$build"
  quietly cmake -S "$top" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_BUILD_TYPE=Release -DASHLAR_BUILD_TESTS=OFF
  quietly cmake --build "$build" --target result_cache
  [[ ${quick[*]} != --quick ]] || report=--quick
  /usr/bin/python3 "$top/examples/result_cache/bench.py" \
    "$build/examples/result_cache/result_cache" "$report" "$@"
}

# Adds NAME=PROGRAM to `programs` when the workload could be built.
programs=()
workload() {
  local folder=$build/bench/run
  [[ $1 != limits ]] || folder=$build/bench/limits
  if ! cmake --build "$build" --target "bench_$1" >"$build/step.log" 2>&1; then
    grep -q 'unknown target' "$build/step.log" || { cat "$build/step.log" >&2; exit 1; }
    echo "bench: $1 is not there" >&2
  else
    programs+=("$1=$folder/bench_$1")
  fi
}

run=()
if [[ ${#names[@]} -eq 0 ]]; then
  run=("${known[@]}")
else
  for name in "${names[@]}"; do
    echo
    case $name in
      overhead) overhead ;;
      result_cache) result_cache ;;
      result_cache_large) result_cache large ;;
      compile)
        "$top/bench/compile/compile.py" --include "$top/include" --cxx "$cxx" \
          --gate "$top/bench/compile/limits.txt" --markdown "$build/compile.md" ;;
      *)
        [[ " ${known[*]} " == *" $name "* ]] ||
          { echo "bench: there is no '$name'; there are: overhead compile result_cache result_cache_large ${known[*]}" >&2; exit 2; }
        run+=("$name") ;;
    esac
  done
fi

if [[ ${#run[@]} -gt 0 ]]; then
  configure
  for name in "${run[@]}"; do workload "$name"; done
  [[ ${#programs[@]} -gt 0 ]] || exit 1
  "$top/bench/run/report/bench.py" --top "$top" --out "$out" "${quick[@]}" "${programs[@]}"
fi
