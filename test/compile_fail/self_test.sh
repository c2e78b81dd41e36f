#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# self_test.sh SCRATCH_DIR COMPILER [FLAG...]: run.sh must pass a case that fails as it says, and no
# other: each way of being wrong is planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$1
shift
rm -rf "$scratch"
mkdir -p "$scratch"
faults=0

# plant NAME passes|fails TEXT_OF_RUN.SH [LINE...]
plant() {
  local name=$1 wanted=$2 text=$3 found=passes
  shift 3
  printf '%s\n' "$@" >"$scratch/$name.cpp"
  touch -d "$age" "$scratch/$name.cpp"
  "$here/run.sh" "$scratch/$name.cpp" "$scratch/out" "${command[@]}" >"$scratch/$name.out" 2>&1 ||
    found=fails
  if [[ $found != "$wanted" ]] || ! grep -qF -- "$text" "$scratch/$name.out"; then
    echo "$name: wanted '$wanted' with '$text', found '$found' with:"
    cat "$scratch/$name.out"
    faults=$((faults + 1))
  fi
}
command=("$@")
age='1 minute ago'
broken='static_assert(sizeof(int) == 1, "an int needs a byte");'

plant right passes "ok: an int needs a byte" \
  '// EXPECT: an int needs a byte' '#ifndef PASSING_TWIN' "$broken" '#endif'
plant right passes "unchanged since it last passed" \
  '// EXPECT: an int needs a byte' '#ifndef PASSING_TWIN' "$broken" '#endif'
age=now
plant right fails "the first error line lacks" \
  '// EXPECT: an int needs a word' '#ifndef PASSING_TWIN' "$broken" '#endif'
plant compiles fails "it compiles, but should fail" \
  '// EXPECT: an int needs a byte' '// PASSING_TWIN'
plant late_sentence fails "the first error line lacks" \
  '// EXPECT: an int needs a byte' '#ifndef PASSING_TWIN' 'int x = y;' "$broken" '#endif'
plant second_sentence fails "the first 40 lines lack" \
  '// EXPECT: an int needs a byte' '// EXPECT: nothing of the kind' '#ifndef PASSING_TWIN' \
  "$broken" '#endif'
if [[ $1 != *clang* ]]; then
  plant more_errors fails "it prints 2 errors where 1 are expected" \
    '// EXPECT: an int needs a byte' '#ifndef PASSING_TWIN' "$broken" 'int x = y;' '#endif'
fi
plant twin_fails fails "the passing twin does not compile" \
  '// EXPECT: an int needs a byte' '// PASSING_TWIN' "$broken"
plant no_twin fails "has no PASSING_TWIN" '// EXPECT: an int needs a byte' "$broken"
plant no_sentence fails "no '// EXPECT: ' line" '#ifndef PASSING_TWIN' "$broken" '#endif'

# What a case includes counts as part of it, in either variant.
age='1 minute ago'
echo "$broken" >"$scratch/part.hpp"
: >"$scratch/twin.hpp"
touch -d "$age" "$scratch"/*.hpp
case=('// EXPECT: an int needs a byte' '#ifndef PASSING_TWIN' '#include "part.hpp"' '#else'
  '#include "twin.hpp"' '#endif')
plant includes passes "ok: an int needs a byte" "${case[@]}"
plant includes passes "unchanged since it last passed" "${case[@]}"
touch "$scratch/part.hpp"
plant includes passes "ok: an int needs a byte" "${case[@]}"
echo "$broken" >"$scratch/twin.hpp"
plant includes fails "the passing twin does not compile" "${case[@]}"

echo "compile_fail self-test: $faults faults"
[[ $faults -eq 0 ]]
