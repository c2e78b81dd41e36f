#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# flash_log on microcontrollers: what it weighs on each core, over an image with the same start-up,
# flash shim and C library; what stack and flash operations it takes, run in QEMU; and that nothing
# came along. With --riscv on that core, too, and with the log of the host's tests what they found.
#   usage: flash.sh BUILD_DIRECTORY [--record] [--riscv] [--figures LOG]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include
out=${1:?usage: flash.sh BUILD_DIRECTORY [--record] [--riscv] [--figures LOG]}/flash
shift
record='' figures='' cores=(m0plus m3 m4f)
while [[ $# -gt 0 ]]; do
  case $1 in
    --record) record=yes ;;
    --riscv) cores+=(rv32imac) ;;
    --figures) figures=${2:?flash.sh: --figures needs a log} && shift ;;
    *) echo "flash: there is no option $1" >&2 && exit 2 ;;
  esac
  shift
done
mkdir -p "$out"
tools=(arm-none-eabi-g++ arm-none-eabi-nm arm-none-eabi-size qemu-system-arm timeout)
[[ " ${cores[*]} " != *rv32* ]] || tools+=(riscv64-unknown-elf-g++ qemu-system-riscv32)
for tool in "${tools[@]}"; do
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

# What differs between kinds of cores: the prefix of the tools, start-up code, linking, and QEMU.
declare -a c_flags libraries headers emulator
choose() {
  case $1 in
    rv32*)
      tools=riscv64-unknown-elf start=riscv_start.c script=riscv.ld
      # A loop that is memcpy is not to become a call of memcpy.
      c_flags=(-ffreestanding -fno-tree-loop-distribute-patterns)
      # There is no C library: start-up code has what is called. The C++ headers say nothing of the
      # machine, so those of the other compiler do.
      libraries=(-lgcc)
      mapfile -t headers < <(arm-none-eabi-g++ -mcpu=cortex-m3 -mthumb -E -v -x c++ /dev/null 2>&1 |
        sed -n 's|^ \(/.*/arm-none-eabi/include.*\)|-isystem\n\1|p')
      headers+=(-nostdinc++)
      emulator=(qemu-system-riscv32 -M virt -bios none -display none) ;;
    *)
      tools=arm-none-eabi start=start.c script=mps2.ld c_flags=() libraries=(-lc -lgcc) headers=()
      # QEMU's Cortex-M3 board also runs the code of an M0+; its M4 board is another.
      emulator=(qemu-system-arm -M mps2-an385 -nographic)
      [[ $1 != *m4* ]] || emulator[2]=mps2-an386 ;;
  esac
}

# build CORE FLAGS... : the three images; sets text[CORE.IMAGE], ram[...]
declare -A text ram stack reads programs erases bytes
build() {
  local core=$1 name
  shift
  choose "$core"
  local common=("$@" -Os -ffunction-sections -fdata-sections -fno-unwind-tables
    -fno-asynchronous-unwind-tables -Wall -Wextra -Wconversion -Wshadow -Werror)
  "$tools-gcc" -std=c17 "${common[@]}" "${c_flags[@]}" -c "$here/$start" -o "$out/start.o"
  for name in empty basic full; do
    local image=$out/$core-$name
    "$tools-g++" -std=c++20 "${common[@]}" -Wold-style-cast -fno-exceptions -fno-rtti \
      -fno-threadsafe-statics "${headers[@]}" -I"$include" -c "$here/flash_$name.cpp" \
      -o "$image.o"
    "$tools-gcc" "$@" -nostdlib -T "$here/$script" -Wl,--gc-sections,--fatal-warnings \
      -Wl,--no-warn-rwx-segments "$out/start.o" "$image.o" "${libraries[@]}" -o "$image.elf"
    local t d b
    read -r t d b < <("$tools-size" "$image.elf" | awk 'NR == 2 { print $1, $2, $3 }')
    text[$core.$name]=$t
    ram[$core.$name]=$((d + b))
    local symbols
    symbols=$("$tools-nm" "$image.elf" | grep -E " ($unwanted)|$unwanted" || true)
    [[ -z $symbols ]] || fail "$core-$name drags in:" $symbols
    grep -qE '^\.(init_array|preinit_array|ctors) +[1-9]' <<<"$("$tools-size" -A "$image.elf")" &&
      fail "$core-$name has start-up code"
    local verdict=0
    timeout 60 "${emulator[@]}" -monitor none -serial none \
      -semihosting-config enable=on,target=native -kernel "$image.elf" \
      </dev/null >"$image.out" 2>&1 || verdict=$?
    [[ $verdict -eq 0 ]] || fail "$core-$name ended with code $verdict"
    local what n
    while read -r what n; do
      case $what in
        stack) stack[$core.$name]=$n ;;
        reads) reads[$core.$name]=$n ;;
        programs) programs[$core.$name]=$n ;;
        bytes) bytes[$core.$name]=$n ;;
        erases) erases[$core.$name]=$n ;;
      esac
    done <"$image.out"
  done
}

build m0plus -mcpu=cortex-m0plus -mthumb
build m3 -mcpu=cortex-m3 -mthumb
build m4f -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16
[[ " ${cores[*]} " != *rv32* ]] || build rv32imac -march=rv32imac -mabi=ilp32 -msave-restore

# Held to what was recorded last (3 % more is an error), and to what no record may exceed.
declare -A text_limit=([m3.basic]=2048 [m3.full]=3072)
ram_limit=32
stack_limit=512
# A recording is of all cores.
[[ -z $record || ${#cores[@]} -eq 4 ]] || fail "--record needs --riscv"
[[ -z $record ]] || : >"$sizes"
for core in "${cores[@]}"; do
  for name in basic full; do
    t=$((text[$core.$name] - text[$core.empty]))
    r=$((ram[$core.$name] - ram[$core.empty]))
    s=$((stack[$core.$name] - stack[$core.empty]))
    [[ -z $record ]] || echo "$core $name $t" >>"$sizes"
    was=$(awk -v c=$core -v n=$name '$1 == c && $2 == n { print $3 }' "$sizes")
    [[ -n $was && $((100 * t)) -le $((103 * was)) ]] ||
      fail "$core $name: $t bytes of text, ${was:-nothing} recorded; flash.sh DIR --record if wanted"
    [[ $t -le ${text_limit[$core.$name]:-$t} ]] ||
      fail "$core $name: $t bytes of text, ${text_limit[$core.$name]} allowed"
    [[ $r -le $ram_limit ]] || fail "$core $name: $r bytes of RAM, $ram_limit allowed"
    [[ $s -le $stack_limit ]] || fail "$core $name: $s bytes of stack, $stack_limit allowed"
  done
done

# The peers were measured the same way: 16 keys of 4 bytes, 100 rounds, 4 sectors of 4 KiB. The
# bytes are those programmed for each of the 1,600 puts, with what collections copy.
line='%-26s %6s %5s %6s %9s %9s %7s %7s\n'
printf "$line" 'Cortex-M3, -Os' text RAM stack reads programs bytes erases
a_put() { awk -v n="$1" 'BEGIN { printf "%.1f", n / 1600 }'; }
for row in basic full; do
  printf "$line" "ashlar flash_log, $row" $((text[m3.$row] - text[m3.empty])) \
    $((ram[m3.$row] - ram[m3.empty])) $((stack[m3.$row] - stack[m3.empty])) \
    "${reads[m3.$row]}" "${programs[m3.$row]}" "$(a_put "${bytes[m3.$row]}")" "${erases[m3.$row]}"
done
printf "$line" 'FlashDB KVDB, caches off' 6516 144 424 3359298 11270 "$(a_put 53090)" 21 \
  'littlefs, one file per key' 12808 184 1048 716199 3465 "$(a_put 48956)" 14 \
  'Zephyr NVS (16-bit ids)' 2704 28 312 38740 3209 "$(a_put 19272)" 5 \
  'pw_kvs, CRC16' 12096 620 776 6420 1600 "$(a_put 51200)" 11
echo
line='%-10s %12s %12s %9s %9s\n'
printf "$line" '' 'basic: text' 'full: text' 'RAM' 'stack'
for core in "${cores[@]}"; do
  printf "$line" "$core" $((text[$core.basic] - text[$core.empty])) \
    $((text[$core.full] - text[$core.empty])) $((ram[$core.full] - ram[$core.empty])) \
    $((stack[$core.full] - stack[$core.empty]))
done

# What the tests of the host counted: lines "figure NAME NUMBER" of their output.
figure() {
  local n
  n=$(awk -v name="$1" '$1 == "figure" && $2 == name { n = $3 } END { print n }' "$figures")
  [[ -n $n ]] || fail "the tests say nothing of $1"
  echo "${n:--}"
}
if [[ -n $figures ]]; then
  echo
  line='%-26s %8s %10s %8s %9s %15s %8s %10s\n'
  printf "$line" 'power cuts; flipped bits' cuts violations flips reported 'stale or wrong' missing \
    unmounted
  # The last three are violations, of which there is one number; 0 is 0 of each.
  wrong=$(figure flip_violations)
  printf "$line" 'ashlar flash_log' "$(figure cuts)" "$(figure cut_violations)" "$(figure flips)" \
    "$(figure flips_reported)" "$wrong" "$(figure flips_missing)" "$wrong"
  printf "$line" 'FlashDB KVDB' 10592 224 43691 0 0 1304 0 \
    littlefs 4953 0 43691 0 2987 0 0 \
    'Zephyr NVS' 13506 10 43691 0 512 0 11 \
    'pw_kvs, CRC16' 15375 0 43691 0 1280 0 0
  echo
  printf '%-34s' 'granule'; printf '%6s' 1 2 4 8 16 32; echo
  printf '%-34s' 'bytes a record beside key and value'
  for granule in 1 2 4 8 16 32; do printf '%6s' "$(figure header_$granule)"; done
  echo
  printf '%-34s' '  and at most of padding'
  for granule in 1 2 4 8 16 32; do printf '%6s' $((granule - 1)); done
  echo
  echo "flash reads: $(figure reads_per_get) a get with the cache; at mount 1 of each sector," \
    "$(figure mount_reads) of the newest"
fi
[[ $failed -ne 0 ]] || echo "flash: passed"
exit $failed
