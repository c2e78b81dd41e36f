#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# Cross-compiles the core for Cortex-M3, runs it in QEMU, and shows that neither heap nor exceptions
# nor start-up code came along.   usage: run.sh BUILD_DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include
out=${1:?usage: run.sh BUILD_DIRECTORY}/embedded
mkdir -p "$out"

for tool in arm-none-eabi-g++ arm-none-eabi-nm arm-none-eabi-size arm-none-eabi-objdump \
  qemu-system-arm timeout; do
  command -v "$tool" >/dev/null || {
    echo "embedded: $tool is missing; packaging/apt.txt names the package it is in" >&2
    exit 1
  }
done
failed=0
fail() { echo "embedded: FAILED: $*"; failed=1; }

cpu=(-mcpu=cortex-m3 -mthumb)
common=("${cpu[@]}" -Os -g -ffunction-sections -fdata-sections -fno-unwind-tables
  -fno-asynchronous-unwind-tables -Wall -Wextra -Wconversion -Wshadow)
cxx=(arm-none-eabi-g++ -std=c++20 "${common[@]}" -Wold-style-cast -Werror -fno-exceptions -fno-rtti
  -fno-threadsafe-statics -I"$include")

# 1. Every core header stands alone on a board, and none brings a header of hosted programs.
core=(fwd bytes buffer error result axis batch row engine apply options layer rules store
  codec/native codec/raw codec/big_endian backend/concept backend/static_map
  format/flash backend/flash/device backend/flash/ring backend/flash/records backend/flash/log
  backend/flash/series backend/flash/typed backend/flash_log presets/sensor_log testing/flash_device_laws
  concurrency/concept concurrency/single environment/concept environment/bare
  environment/store_identity)
hosted='atomic|memory|mutex|string|functional|chrono|iostream|optional|span|string_view|vector'
for header in "${core[@]}"; do
  [[ -e $include/ashlar/$header.hpp ]] || { fail "there is no ashlar/$header.hpp"; continue; }
  echo "#include <ashlar/$header.hpp>" >"$out/alone.cpp"
  "${cxx[@]}" -M "$out/alone.cpp" >"$out/alone.d" || { fail "$header.hpp does not compile"; continue; }
  "${cxx[@]}" -fsyntax-only "$out/alone.cpp" || fail "$header.hpp does not compile"
  brought=$(tr -s ' \\' '\n' <"$out/alone.d" | grep -E "/c\+\+/[^/]+/($hosted)$" || true)
  [[ -z $brought ]] || fail "$header.hpp includes" $brought
done

# 2. Images: built, run, and looked into.
arm-none-eabi-gcc -std=c17 "${common[@]}" -c "$here/start.c" -o "$out/start.o"
declare -A size
unwanted='malloc|free$|_sbrk|_Unwind|__cxa|__dso_handle|__aeabi_atexit|atexit|printf|ios_base'
unwanted+='|_Znw|_Zna|_Zdl|_Zda|_ZSt|__gnu|_impure'
for name in empty engine store; do
  "${cxx[@]}" -c "$here/$name.cpp" -o "$out/$name.o" || { fail "$name.cpp does not compile"; continue; }
  arm-none-eabi-gcc "${cpu[@]}" -nostdlib -T "$here/mps2.ld" -Wl,--gc-sections,--fatal-warnings \
    -Wl,--no-warn-rwx-segments "$out/start.o" "$out/$name.o" -lc -lgcc -o "$out/$name.elf" ||
    { fail "$name does not link"; continue; }
  symbols=$(arm-none-eabi-nm "$out/$name.elf" | grep -E " ($unwanted)|$unwanted" || true)
  [[ -z $symbols ]] || fail "$name drags in:" $symbols
  constructors=$(arm-none-eabi-size -A "$out/$name.elf" |
    awk '$1 ~ /^\.(init_array|preinit_array|ctors)/ && $2 > 0 { print $1 }')
  [[ -z $constructors ]] || fail "$name has start-up code in $constructors"
  verdict=0
  timeout 60 qemu-system-arm -M mps2-an385 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$out/$name.elf" </dev/null || verdict=$?
  [[ $verdict -eq 0 ]] || fail "$name ended with code $verdict"
  size[$name]=$(arm-none-eabi-size "$out/$name.elf" | awk 'NR == 2 { print $1, $2, $3 }')
done

# 3. What a store costs, over an image without one.
if [[ $failed -eq 0 ]]; then
  printf '%-8s %8s %8s %8s   over the empty image\n' image text data bss
  read -r text data bss <<<"${size[empty]}"
  for name in empty engine store; do
    read -r t d b <<<"${size[$name]}"
    printf '%-8s %8d %8d %8d   %+d %+d %+d\n' "$name" "$t" "$d" "$b" \
      $((t - text)) $((d - data)) $((b - bss))
  done
  echo "embedded: passed"
fi
exit $failed
