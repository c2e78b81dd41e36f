#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# unchanged.sh STAMP PATH... -- COMMAND [ARGUMENT...]
# Runs a test whose outcome depends on nothing but its command and the contents of PATHs (files, or
# folders with all that is in them), and only when one of these differs from when it last passed.
set -euo pipefail

stamp=$1 inputs=()
shift
while [[ $1 != -- ]]; do
  inputs+=("$1")
  shift
done
shift

state=$({
  printf '%s\0' "$@"
  find "${inputs[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum)
if [[ -f $stamp && $(<"$stamp") == "$state" ]]; then
  echo "unchanged since it last passed; remove $stamp to run it again"
  exit 0
fi
rm -f "$stamp"
"$@"
mkdir -p "$(dirname "$stamp")"
echo "$state" >"$stamp"
