#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# unchanged.sh STAMP PATH... -- COMMAND [ARGUMENT...]
# Runs a test whose outcome depends on nothing but its command and PATHs (files, or folders with all
# that is in them), and only when one of these differs in size or time of change from when it last
# passed. With ASHLAR_RERUN set it runs in any case; `./dev test REGEX` sets it.
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
  find "${inputs[@]}" -type f -printf '%p %s %T@\n' | LC_ALL=C sort
} | sha256sum)
if [[ -z ${ASHLAR_RERUN-} && -f $stamp && $(<"$stamp") == "$state" ]]; then
  echo "unchanged since it last passed; remove $stamp to run it again"
  exit 0
fi
rm -f "$stamp"
"$@"
mkdir -p "$(dirname "$stamp")"
echo "$state" >"$stamp"
