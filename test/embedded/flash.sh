#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# flash_log on microcontrollers: what it weighs on each core, over an image with the same start-up,
# flash shim and C library; what stack and flash operations it takes, run in QEMU; and that nothing
# came along.   usage: flash.sh BUILD_DIRECTORY [--record]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include
out=${1:?usage: flash.sh BUILD_DIRECTORY [--record]}/flash
record=${2-}
mkdir -p "$out"
for tool in arm-none-eabi-g++ arm-none-eabi-nm arm-none-eabi-size qemu-system-arm timeout; do
  command -v "$tool" >/dev/null || {
    echo "flash: $tool is missing; packaging/apt.txt names the package it is in" >&2
    exit 1
  }
done
failed=0
fail() { echo "flash: FAILED: $*"; failed=1; }
sizes=$here/flash.sizes
[[ -e $sizes ]] || : >"$sizes"

unwanted='malloc|free$|_sbrk|_Unwind|__cxa|__dso_handle|__aeabi_atexit|atexit|printf|ios_base'
unwanted+='|_Znw|_Zna|_Zdl|_Zda|_ZSt|__gnu|_impure'

# build CORE FLAGS... : the three images; sets text[CORE.IMAGE], ram[...]
declare -A text ram stack reads programs erases
build() {
  local core=$1 name
  shift
  local common=("$@" -Os -ffunction-sections -fdata-sections -fno-unwind-tables
    -fno-asynchronous-unwind-tables -Wall -Wextra -Wconversion -Wshadow -Werror)
  arm-none-eabi-gcc -std=c17 "${common[@]}" -c "$here/start.c" -o "$out/start.o"
  for name in empty basic full; do
    local image=$out/$core-$name
    arm-none-eabi-g++ -std=c++20 "${common[@]}" -Wold-style-cast -fno-exceptions -fno-rtti \
      -fno-threadsafe-statics -I"$include" -c "$here/flash_$name.cpp" -o "$image.o"
    arm-none-eabi-gcc "$@" -nostdlib -T "$here/mps2.ld" -Wl,--gc-sections,--fatal-warnings \
      -Wl,--no-warn-rwx-segments "$out/start.o" "$image.o" -lc -lgcc -o "$image.elf"
    local t d b
    read -r t d b < <(arm-none-eabi-size "$image.elf" | awk 'NR == 2 { print $1, $2, $3 }')
    text[$core.$name]=$t
    ram[$core.$name]=$((d + b))
    local symbols
    symbols=$(arm-none-eabi-nm "$image.elf" | grep -E " ($unwanted)|$unwanted" || true)
    [[ -z $symbols ]] || fail "$core-$name drags in:" $symbols
    arm-none-eabi-size -A "$image.elf" | grep -qE '^\.(init_array|preinit_array|ctors) +[1-9]' &&
      fail "$core-$name has start-up code"
    # QEMU's Cortex-M3 board also runs the code of an M0+; its M4 board is another.
    local board=mps2-an385 verdict=0
    [[ $core != *m4* ]] || board=mps2-an386
    timeout 60 qemu-system-arm -M $board -nographic -monitor none -serial none \
      -semihosting-config enable=on,target=native -kernel "$image.elf" \
      </dev/null >"$image.out" 2>&1 || verdict=$?
    [[ $verdict -eq 0 ]] || fail "$core-$name ended with code $verdict"
    local what n
    while read -r what n; do
      case $what in
        stack) stack[$core.$name]=$n ;;
        reads) reads[$core.$name]=$n ;;
        programs) programs[$core.$name]=$n ;;
        erases) erases[$core.$name]=$n ;;
      esac
    done <"$image.out"
  done
}

build m0plus -mcpu=cortex-m0plus -mthumb
build m3 -mcpu=cortex-m3 -mthumb
build m4f -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16

# Held to what was recorded last (3 % more is an error), and to what no record may exceed.
declare -A text_limit=([m3.basic]=2048 [m3.full]=3072)
ram_limit=32
stack_limit=512
[[ $record != --record ]] || : >"$sizes"
for core in m0plus m3 m4f; do
  for name in basic full; do
    t=$((text[$core.$name] - text[$core.empty]))
    r=$((ram[$core.$name] - ram[$core.empty]))
    s=$((stack[$core.$name] - stack[$core.empty]))
    [[ $record != --record ]] || echo "$core $name $t" >>"$sizes"
    was=$(awk -v c=$core -v n=$name '$1 == c && $2 == n { print $3 }' "$sizes")
    [[ -n $was && $((100 * t)) -le $((103 * was)) ]] ||
      fail "$core $name: $t bytes of text, ${was:-nothing} recorded; flash.sh DIR --record if wanted"
    [[ $t -le ${text_limit[$core.$name]:-$t} ]] ||
      fail "$core $name: $t bytes of text, ${text_limit[$core.$name]} allowed"
    [[ $r -le $ram_limit ]] || fail "$core $name: $r bytes of RAM, $ram_limit allowed"
    [[ $s -le $stack_limit ]] || fail "$core $name: $s bytes of stack, $stack_limit allowed"
  done
done

line='%-32s %6s %6s %6s %9s %9s %7s\n'
printf "$line" 'store (Cortex-M3, -Os)' text RAM stack reads programs erases
for row in basic full; do
  printf "$line" "ashlar flash_log, $row" $((text[m3.$row] - text[m3.empty])) \
    $((ram[m3.$row] - ram[m3.empty])) $((stack[m3.$row] - stack[m3.empty])) \
    "${reads[m3.$row]}" "${programs[m3.$row]}" "${erases[m3.$row]}"
done
# The peers, measured the same way: 16 keys of 4 bytes, 100 rounds, 4 sectors of 4 KiB.
printf "$line" 'FlashDB KVDB, caches off' 6516 144 424 3359298 11270 21 \
  'littlefs, one file per key' 12808 184 1048 716199 3465 14 \
  'Zephyr NVS (16-bit ids)' 2704 28 312 38740 3209 5 \
  'pw_kvs, CRC16' 12096 620 776 6420 1600 11
echo
printf '%-10s %12s %12s\n' 'text on' basic full
for core in m0plus m3 m4f; do
  printf '%-10s %12d %12d\n' "$core" $((text[$core.basic] - text[$core.empty])) \
    $((text[$core.full] - text[$core.empty]))
done
[[ $failed -ne 0 ]] || echo "flash: passed"
exit $failed
