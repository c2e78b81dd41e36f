#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# no_start_code.sh OBJECT...: fails when an object runs code before main or drags in <iostream>.
set -euo pipefail
[[ $# -gt 0 ]] || { echo "no object given"; exit 2; }
for object in "$@"; do
  if objdump -h "$object" | grep -E '\.(init_array|ctors)'; then
    echo "$object: a header has a namespace-scope object that is initialised at run time:"
    nm -C "$object" | grep -E 'GLOBAL__sub_I|__static_init' || true
    exit 1
  fi
  if nm -C "$object" | grep 'std::ios_base::Init'; then
    echo "$object: a header includes <iostream>"
    exit 1
  fi
done
echo "no start-up code in $# object(s)"
