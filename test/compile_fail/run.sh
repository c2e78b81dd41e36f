#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# run.sh SOURCE SCRATCH_DIR COMPILER [FLAG...]
# SOURCE must not compile, and must say why in the words of its "// EXPECT: " lines: the first of
# them in the compiler's first error line, the others among its first 40 lines. With -DPASSING_TWIN
# it must compile, which shows that it fails for the reason stated and for no other. g++ prints no
# more errors than there are sentences (clang may add why a constraint does not hold any more).
# What precompiled.hpp includes is compiled once for all that begin with it: most of their time.
# A pass is remembered until the source, a header it includes, this script or the command changes.
set -euo pipefail
export LC_ALL=C

source=$1 scratch=$2
shift 2
name=$(basename "$source" .cpp)
mkdir -p "$scratch"
passed="$scratch/$name.passed" headers="$scratch/$name.headers" log="$scratch/$name.log"

unchanged() {
  [[ -z ${ASHLAR_RERUN-} && -f $passed && -f $headers && $(<"$passed") == "$command" && $0 -ot $passed ]] || return 1
  local file
  while read -r file; do
    [[ $file -ot $passed ]] || return 1
  done <"$headers"
}
command=$*
if unchanged; then
  echo "$name: ok, unchanged since it last passed"
  exit 0
fi
rm -f "$passed"

fail() {
  echo "$name: $1"
  sed -n '1,25p' "$log"
  exit 1
}

: >"$log"
mapfile -t expected < <(sed -n 's|^// EXPECT: ||p' "$source")
[[ ${#expected[@]} -gt 0 ]] || fail "there is no '// EXPECT: ' line in $source"
grep -q PASSING_TWIN "$source" || fail "$source has no PASSING_TWIN variant"

started=$(date +%s)
precompiled=$scratch/precompiled.hpp
if grep -qF '#include "support/toy_backend.hpp"' "$source" && [[ -f $precompiled.gch ]]; then
  set -- "$@" -include "$precompiled"
fi
"$@" -fsyntax-only -DPASSING_TWIN "$source" -MMD -MF "$headers.twin" >"$log" 2>&1 ||
  fail "the passing twin does not compile, so the failure proves nothing:"
if "$@" -fsyntax-only "$source" >"$log" 2>&1; then
  fail "it compiles, but should fail with: ${expected[0]}"
fi

first=$(grep -m 1 -E '(^|[ :])(fatal )?error: ' "$log" || true)
[[ $first == *"${expected[0]}"* ]] || fail "the first error line lacks '${expected[0]}':"
head=$(sed -n '1,40p' "$log") # no pipe: grep ends at its match, and sed would die of that, at times
for sentence in "${expected[@]:1}"; do
  [[ $head == *"$sentence"* ]] || fail "the first 40 lines lack '$sentence':"
done
errors=$(grep -cE '(^|[ :])(fatal )?error: ' "$log")
[[ $errors -le ${#expected[@]} || $1 == *clang* ]] ||
  fail "it prints $errors errors where ${#expected[@]} are expected:"

{ "$@" -MM "$source"; cat "$headers.twin"; } |
  tr -d '\\' | tr -s ' ' '\n' | grep -E '\.(hpp|h|cpp|gch)$' | sort -u >"$headers"
rm -f "$headers.twin"
echo "$command" >"$passed"
touch -d "@$((started - 1))" "$passed"   # an edit made while we compiled must count as newer
echo "$name: ok: ${expected[0]}"
